"""A pool's second factors, as GetUserPoolMfaConfig and SetUserPoolMfaConfig show and replace them.

The SMS texts and the SMS role are the pool's own settings, the same that DescribeUserPool shows; only whether SMS is a
factor is kept beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Record = dict[str, Any]

CONFIGURATIONS = frozenset(
    {"SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration", "WebAuthnConfiguration"}
)
SMS_IS_A_FACTOR = "_sms_is_a_factor"


def configuration(record: Mapping[str, Any]) -> dict[str, Any]:
    """What GetUserPoolMfaConfig answers. What was never set is left out."""
    answer: dict[str, Any] = {"MfaConfiguration": record.get("MfaConfiguration", "OFF")}
    if record.get(SMS_IS_A_FACTOR):
        shared = ("SmsAuthenticationMessage", "SmsConfiguration")
        answer["SmsMfaConfiguration"] = {name: record[name] for name in shared if record.get(name)}
    if "SoftwareTokenMfaConfiguration" in record:
        answer["SoftwareTokenMfaConfiguration"] = {"Enabled": _software_token(record)}
    for name in ("EmailMfaConfiguration", "WebAuthnConfiguration"):
        if record.get(name):
            answer[name] = record[name]
    return answer


def replace(record: Record, request: Mapping[str, Any]) -> None:
    """SetUserPoolMfaConfig replaces everything: what the request leaves out is off."""
    for name in CONFIGURATIONS - {"SmsMfaConfiguration"}:
        _put(record, name, request.get(name))
    sms = request.get("SmsMfaConfiguration", {})
    _put(record, "SmsConfiguration", sms.get("SmsConfiguration"))
    _put(record, "SmsAuthenticationMessage", sms.get("SmsAuthenticationMessage"))
    record["MfaConfiguration"] = request.get("MfaConfiguration", "OFF")
    record[SMS_IS_A_FACTOR] = "SmsConfiguration" in record


def after_update(record: Record) -> None:
    """UpdateUserPool says nothing about factors but this: no SMS without its role, and SMS where MFA has no other."""
    needed = record.get("MfaConfiguration", "OFF") != "OFF" and not other_factor(record)
    record[SMS_IS_A_FACTOR] = "SmsConfiguration" in record and (needed or bool(record.get(SMS_IS_A_FACTOR)))


def from_template(record: Record, properties: Mapping[str, Any]) -> None:
    """What a template says about factors with properties that the pool's own operations do not have."""
    if "EnabledMfas" in properties:
        record[SMS_IS_A_FACTOR] = "SMS_MFA" in properties["EnabledMfas"] and "SmsConfiguration" in record
    email = {"Message": "EmailAuthenticationMessage", "Subject": "EmailAuthenticationSubject"}
    _put(record, "EmailMfaConfiguration", _named(email, properties))
    web_authn = {
        "RelyingPartyId": "WebAuthnRelyingPartyID",
        "UserVerification": "WebAuthnUserVerification",
        "FactorConfiguration": "WebAuthnFactorConfiguration",
    }
    _put(record, "WebAuthnConfiguration", _named(web_authn, properties))


def other_factor(record: Mapping[str, Any]) -> bool:
    """Whether the pool, or a request for its factors, has one beside SMS."""
    return _software_token(record) or bool(record.get("EmailMfaConfiguration"))


def _software_token(record: Mapping[str, Any]) -> bool:
    return bool((record.get("SoftwareTokenMfaConfiguration") or {}).get("Enabled", False))


def _named(names: Mapping[str, str], properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: properties[source] for name, source in names.items() if source in properties}


def _put(record: Record, name: str, value: Any) -> None:
    if value is None or value == {}:
        record.pop(name, None)
    else:
        record[name] = value
