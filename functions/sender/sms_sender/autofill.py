"""Whether a phone would offer the code of an SMS to the app or website that waits for it. Pure.

Documented rules give "yes" or "no". Apple documents no rule for texts that name no domain: there it is "likely" or
"unlikely".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "ios": "iOS",
        "domain_bound": "domain-bound",
        "android_consent": "Android User Consent",
        "android_retriever": "Android SMS Retriever",
    }
)

# "Origin-bound one-time codes delivered via SMS" (WICG), Parsing: markers, each before anything but ASCII whitespace.
# An embedded host is marked with @ there, and with % in Apple's "Enabling AutoFill for domain-bound SMS codes".
_BOUND = re.compile(r"@(?P<host>[^\t\n\f\r ]+) #(?P<code>[^\t\n\f\r ]+)(?: [@%](?P<embedded>[^\t\n\f\r ]+))?")
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")

# developers.google.com/identity/sms-retriever/verify
RETRIEVER_BYTES = 140
_APP_HASH = re.compile(r"[A-Za-z0-9+/]{11}")
_ORDINARY_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

# developers.google.com/identity/sms-retriever/choose-an-api
_CONSENT = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{4,10}")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")

# How iOS finds codes is not documented. What is seen to work: digits, maybe after letters, near a word for "code".
_IOS_CODE = re.compile(r"(?:[A-Za-z]{1,3}-?)?[0-9]{4,10}")
_IOS_WORD = re.compile(
    r"code|\bpin\b|\botp\b|password|passwort|kennwort|mot de passe|c[óo]digo|contraseña|senha|codice|\bkod|\bkód|koodi"
    r"|\bcod\b|\bmã\b|κωδικ|код|пароль|קוד|رمز|कोड|รหัส|コード|代码|代碼|验证码|驗證碼|校验码|코드|인증번호",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    verdict: Literal["yes", "likely", "unlikely", "no"]
    why: str


@dataclass(frozen=True, slots=True)
class BoundCode:
    """The last line of an origin-bound one-time code message: hosts of https origins, and the code."""

    host: str
    embedded_host: str | None
    code: str


def autofill(text: str, code: str | None) -> dict[str, Verdict]:
    """A verdict for each way to offer a code, by the keys of `LABELS`; empty if there is no code to offer."""
    if not code:
        return {}
    if code not in text:
        return dict.fromkeys(LABELS, Verdict("no", "The text does not contain the code."))
    bound = bound_code(text)
    if bound and (bound.code != code or not _DOMAIN.fullmatch(bound.host)):
        bound = None
    return {
        "ios": _ios(text, code, bound),
        "domain_bound": _domain_bound(bound),
        "android_consent": _consent(text, code),
        "android_retriever": _retriever(text),
    }


def bound_code(text: str) -> BoundCode | None:
    """What the last line binds, None if it does not have the format. Text that follows on the line is ignored."""
    last_line = re.split(r"\r\n|\r|\n", text)[-1]
    found = _BOUND.match(last_line)
    return BoundCode(found["host"], found["embedded"], found["code"]) if found else None


def _domain_bound(bound: BoundCode | None) -> Verdict:
    if bound is None:
        return Verdict(
            "no",
            'The last line is not "@domain #code". Cognito\'s own templates take no line break, so such a line below a '
            "sentence needs a CustomMessage function.",
        )
    frame = f" in a frame of {bound.embedded_host}" if bound.embedded_host else ""
    return Verdict("yes", f"The last line binds the code to {bound.host}{frame}.")


def _ios(text: str, code: str, bound: BoundCode | None) -> Verdict:
    if bound:
        return Verdict("yes", f"Domain-bound: offered on {bound.host} and in its associated apps only.")
    if not _IOS_CODE.fullmatch(code):
        return Verdict("unlikely", "iOS looks for a number of 4 to 10 digits. Its rules are not documented.")
    if not _IOS_WORD.search(text):
        return Verdict("unlikely", 'There is no word such as "code" in the text. iOS\'s rules are not documented.')
    return Verdict("likely", 'The text has a number and a word such as "code". iOS\'s rules are not documented.')


def _consent(text: str, code: str) -> Verdict:
    if _CONSENT.fullmatch(code) and code in _ALPHANUMERIC.findall(text):
        return Verdict(
            "yes", "The code has 4 to 10 letters and digits. The sender must not be one of the user's contacts."
        )
    if any(_CONSENT.fullmatch(word) for word in _ALPHANUMERIC.findall(text)):
        return Verdict("likely", "The text has a word of 4 to 10 letters and digits, but it is not the code.")
    return Verdict("no", "The text has no word of 4 to 10 letters and digits with at least one digit.")


def _retriever(text: str) -> Verdict:
    """The hash was once wanted at the end, after `<#>` at the start; the page now asks to include it."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > RETRIEVER_BYTES:
        return Verdict("no", f"The text has {size} bytes in UTF-8; {RETRIEVER_BYTES} are allowed.")
    words = text.split()
    if words and _is_app_hash(words[-1]):
        return Verdict("yes", "The text ends with what looks like an app's hash: only that app gets it.")
    if any(_is_app_hash(word) for word in words):
        return Verdict("likely", "What looks like an app's hash is not at the end, where older phones look for it.")
    return Verdict("no", "The text has no app's hash (11 characters).")


def _is_app_hash(word: str) -> bool:
    """11 characters of base64. A plain word or number of that length is none."""
    return bool(_APP_HASH.fullmatch(word)) and not _ORDINARY_WORD.fullmatch(word)
