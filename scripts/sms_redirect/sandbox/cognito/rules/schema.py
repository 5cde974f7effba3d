"""A pool's schema: its attributes, and which values a user's may have.

Texts are AWS's where users published them (amplify-flutter#509, aws-sdk-ios#4251, amplify-js#3526); of lengths and
types only the code is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.rules import addresses
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Attribute, Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

LONGEST = "2048"
LONGEST_CUSTOM_NAME = 20
MOST_CUSTOM = 50
NOT_FOR_USERS = frozenset({"sub", "identities", "phone_number_verified", "email_verified"})
NOT_MUTABLE = "Cannot modify the non-mutable attribute {}"
DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def _text(name: str, **changes: Any) -> Attribute:
    return replace(Attribute(name, min_length="0", max_length=LONGEST), **changes)


# As DescribeUserPool lists them for a pool without a schema of its own (amplify-js#14199).
STANDARD: Mapping[str, Attribute] = {
    attribute.name: attribute
    for attribute in (
        _text("profile"),
        _text("address"),
        _text("birthdate", min_length="10", max_length="10"),
        _text("gender"),
        _text("preferred_username"),
        Attribute("updated_at", "Number", min_value="0"),
        _text("website"),
        _text("picture"),
        Attribute("identities"),
        _text("sub", mutable=False, required=True, min_length="1"),
        _text("phone_number"),
        Attribute("phone_number_verified", "Boolean"),
        _text("zoneinfo"),
        _text("locale"),
        _text("email"),
        Attribute("email_verified", "Boolean"),
        _text("given_name"),
        _text("family_name"),
        _text("middle_name"),
        _text("name"),
        _text("nickname"),
    )
}


def of_request(schema: Iterable[Mapping[str, Any]]) -> dict[str, Attribute]:
    """The attributes of a new pool: the standard ones, as its `Schema` wants them, and those of its own."""
    attributes = dict(STANDARD)
    for wanted in schema:
        if wanted.get("Name") in STANDARD:
            attributes[wanted["Name"]] = _standard(wanted)
        else:
            attributes = with_custom(attributes, [wanted])
    return attributes


def with_custom(schema: Mapping[str, Attribute], added: Iterable[Mapping[str, Any]]) -> dict[str, Attribute]:
    """AddCustomAttributes: they can be added, never changed or removed."""
    attributes = dict(schema)
    for wanted in added:
        attribute = custom(wanted)
        if attribute.name in attributes:
            short = attribute.name.removeprefix("dev:")
            raise _invalid(f"{short}: Existing attribute already has name {attribute.name}.")
        attributes[attribute.name] = attribute
    _check_count(attributes)
    return attributes


def custom(wanted: Mapping[str, Any]) -> Attribute:
    name = str(wanted.get("Name", ""))
    if not name:
        raise _invalid("Custom attributes need a name.")
    if len(name) > LONGEST_CUSTOM_NAME:
        raise _invalid(
            f"1 validation error detected: Value '{name}' at 'customAttributes.1.member.name' failed to satisfy"
            f" constraint: Member must have length less than or equal to {LONGEST_CUSTOM_NAME}"
        )
    if wanted.get("Required"):
        raise _invalid("Required custom attributes are not supported currently.")
    if "AttributeDataType" not in wanted:
        raise _invalid("Invalid AttributeDataType input, consider using the provided AttributeDataType enum.")
    developer_only = bool(wanted.get("DeveloperOnlyAttribute"))
    prefix = "dev:custom:" if developer_only else "custom:"
    attribute = Attribute(
        name=prefix + name.removeprefix(prefix),
        type=wanted["AttributeDataType"],
        mutable=wanted.get("Mutable", True),
        developer_only=developer_only,
        **_constraints(wanted),
    )
    _check_limits(attribute)
    return attribute


def described(attribute: Attribute) -> dict[str, Any]:
    """`SchemaAttributeType`."""
    lengths = {"MinLength": attribute.min_length, "MaxLength": attribute.max_length}
    values = {"MinValue": attribute.min_value, "MaxValue": attribute.max_value}
    shown: dict[str, Any] = {
        "Name": attribute.name,
        "AttributeDataType": attribute.type,
        "DeveloperOnlyAttribute": attribute.developer_only,
        "Mutable": attribute.mutable,
        "Required": attribute.required,
    }
    if attribute.type == "String":
        shown["StringAttributeConstraints"] = {name: value for name, value in lengths.items() if value is not None}
    if attribute.type == "Number":
        shown["NumberAttributeConstraints"] = {name: value for name, value in values.items() if value is not None}
    return shown


def given(attributes: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The attributes of a request by name. One without a value is blank."""
    return {attribute["Name"]: str(attribute.get("Value", "")) for attribute in attributes}


def shown(attributes: Mapping[str, str]) -> list[dict[str, str]]:
    """The same as the API has them, blank ones left out."""
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


def check_values(pool: Pool, attributes: Mapping[str, str]) -> None:
    """Known, and of their type and length. Blank values are not held against anything: they delete.

    Raises:
        CognitoError: InvalidParameterException, with everything that is wrong.
    """
    unknown = [name for name in attributes if name not in pool.schema]
    _refuse(f"{name}: Attribute does not exist in the schema." for name in unknown)
    values = {name: value for name, value in attributes.items() if value != ""}
    for name in ("phone_number", "email"):
        if name in values:
            addresses.check_format(name, values[name])
    _refuse(f"{name}: {problem}" for name, value in values.items() if (problem := _problem(pool.schema[name], value)))


def check_known(pool: Pool, names: Iterable[str], *, deleting: bool = False) -> None:
    """That attributes to change or delete exist: the words are not those of a sign-up.

    Raises:
        CognitoError: InvalidParameterException, an attribute is unknown, or `sub`.
    """
    unknown = [f"user.{name}: Attribute does not exist in the schema.\n" for name in names if name not in pool.schema]
    if unknown:
        raise _invalid(("Invalid user attributes: " if deleting else "") + "".join(unknown))
    if "sub" in names:
        raise _invalid(NOT_MUTABLE.format("sub"))


def check_required(pool: Pool, attributes: Mapping[str, str]) -> None:
    """Raises CognitoError if a required attribute is missing."""
    _refuse(f"{name}: The attribute is required" for name in missing(pool, attributes))


def missing(pool: Pool, attributes: Mapping[str, str]) -> list[str]:
    """The required attributes that are not there."""
    required = (name for name, attribute in pool.schema.items() if attribute.required and name != "sub")
    return [name for name in required if not attributes.get(name)]


def check_changes(pool: Pool, user: User, attributes: Mapping[str, str]) -> None:
    """Raises CognitoError if an immutable attribute would change, or a required one be deleted."""
    for name, value in attributes.items():
        attribute = pool.schema[name]
        if value == "" and attribute.required:
            raise _invalid(f"user.{name}: Required attribute cannot be deleted.\n")
        if not attribute.mutable and value != user.attributes.get(name, ""):
            raise _invalid(f"user.{name}: Attribute cannot be updated.\n")


def check_writable(pool: Pool, client: Client, names: Iterable[str]) -> None:
    """What users may write through an app client: never that they are verified, no developer-only attribute, and what
    the client's `WriteAttributes` leave out neither.

    Raises:
        CognitoError: NotAuthorizedException.
    """
    for name in names:
        attribute = pool.schema.get(name)
        forbidden = name in NOT_FOR_USERS or (attribute is not None and attribute.developer_only)
        if forbidden or (client.writable is not None and attribute is not None and name not in client.writable):
            raise CognitoError("NotAuthorizedException", "A client attempted to write unauthorized attribute")


def readable(pool: Pool, client: Client, attributes: Mapping[str, str]) -> dict[str, str]:
    """What an app client shows to its users: `ReadAttributes`, and `sub` always."""
    return {
        name: value
        for name, value in attributes.items()
        if name == "sub"
        or (
            (client.readable is None or name in client.readable)
            and not (name in pool.schema and pool.schema[name].developer_only)
        )
    }


def _standard(wanted: Mapping[str, Any]) -> Attribute:
    standard = STANDARD[wanted["Name"]]
    kind = wanted.get("AttributeDataType", standard.type)
    if kind != standard.type or wanted.get("DeveloperOnlyAttribute"):
        raise _invalid(
            "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute"
            f" {standard.name}"
        )
    changes = {
        "mutable": wanted.get("Mutable", standard.mutable),
        "required": wanted.get("Required", standard.required),
    }
    limits = {name: value for name, value in _constraints(wanted).items() if value is not None}
    attribute = replace(standard, **changes, **limits)
    _check_limits(attribute)
    return attribute


def _constraints(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the attribute's own type: others are ignored.

    Raises:
        CognitoError: one is not a number.
    """
    kind = f"{wanted.get('AttributeDataType') or STANDARD[wanted['Name']].type}AttributeConstraints"
    given = wanted.get(kind, {})
    if any(not NUMBER.fullmatch(value) for value in given.values()):
        raise _invalid(f"Invalid {kind} for schema attribute {wanted['Name']}")
    text = given if kind == "StringAttributeConstraints" else {}
    number = given if kind == "NumberAttributeConstraints" else {}
    return {
        "min_length": text.get("MinLength"),
        "max_length": text.get("MaxLength"),
        "min_value": number.get("MinValue"),
        "max_value": number.get("MaxValue"),
    }


def _check_limits(attribute: Attribute) -> None:
    """Raises CognitoError, in the words that getmoto/moto has from AWS."""
    low, high = attribute.min_length, attribute.max_length
    if any(limit is not None and float(limit) > float(LONGEST) for limit in (low, high)):
        raise _invalid(f"user.{attribute.name}: String attributes cannot have a length of more than {LONGEST}")
    if low is not None and high is not None and float(high) < float(low):
        raise _invalid(f"user.{attribute.name}: Max length cannot be less than min length.")
    low, high = attribute.min_value, attribute.max_value
    if low is not None and high is not None and float(high) < float(low):
        raise _invalid(f"user.{attribute.name}: Max value cannot be less than min value.")


def _check_count(attributes: Mapping[str, Attribute]) -> None:
    if len(attributes) - len(STANDARD) > MOST_CUSTOM:
        raise _invalid(f"A user pool has at most {MOST_CUSTOM} custom attributes.")  # AWS's text is unknown


def _problem(attribute: Attribute, value: str) -> str | None:
    """What is wrong with a value; None if nothing is."""
    if attribute.type == "String":
        return _length_problem(attribute, len(value))
    if attribute.type == "Number":
        return _number_problem(attribute, value)
    if attribute.type == "Boolean" and value.lower() not in ("true", "false"):
        return "Attribute value is not a boolean."
    if attribute.type == "DateTime" and not DATE_TIME.fullmatch(value):
        return "Attribute value is not a date and time."
    return None


def _length_problem(attribute: Attribute, length: int) -> str | None:
    if attribute.max_length is not None and length > int(attribute.max_length):
        return f"String must be no longer than {attribute.max_length} characters"
    if attribute.min_length is not None and length < int(attribute.min_length):
        return f"String must be no shorter than {attribute.min_length} characters"
    return None


def _number_problem(attribute: Attribute, value: str) -> str | None:
    if not NUMBER.fullmatch(value):
        return "Attribute value is not a number."
    if attribute.max_value is not None and float(value) > float(attribute.max_value):
        return f"Number must be no greater than {attribute.max_value}"
    if attribute.min_value is not None and float(value) < float(attribute.min_value):
        return f"Number must be no less than {attribute.min_value}"
    return None


def _refuse(problems: Iterator[str] | Iterable[str]) -> None:
    found = list(problems)
    if found:
        lines = "".join(f"{problem}\n" for problem in found)
        raise _invalid(f"Attributes did not conform to the schema: {lines}")


def _invalid(message: str) -> CognitoError:
    return CognitoError("InvalidParameterException", message)
