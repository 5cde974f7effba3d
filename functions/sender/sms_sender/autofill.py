"""Whether a phone would offer the code of an SMS to the app or website that waits for it. Pure.

Documented rules give "yes" or "no". Apple documents no rule for texts that name no domain: there it is "likely" or
"unlikely".
"""

from __future__ import annotations

import re
import unicodedata
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
# The hosts of web pages are in ASCII; Chrome reads no other ones (content/browser/sms/sms_parser.cc).
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")

# developers.google.com/identity/sms-retriever/verify
RETRIEVER_BYTES = 140
OLD_MARK = "<#>"
_APP_HASH = re.compile(r"[A-Za-z0-9+/]{11}")
_ORDINARY_WORD = re.compile(r"(?:[A-Z]?[a-z]+|[A-Z]+)?[0-9]*")  # so is one hash in 4000
_PIECE_OF_A_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[+/]")
_PIECES_OF_A_HASH = 5  # at least; 15 of a hundred hashes have fewer, or neither a digit nor a sign

# developers.google.com/identity/sms-retriever/choose-an-api
_CONSENT = re.compile(r"(?=[A-Za-z]*[0-9])[A-Za-z0-9]{4,10}")
_ALPHANUMERIC = re.compile(r"[A-Za-z0-9]+")

# How iOS finds codes is not documented. What is seen to work: digits, maybe after letters, near a word for "code". The
# words are those that senders use; in which languages iOS knows them is not documented either.
_IOS_CODE = re.compile(r"(?:[A-Za-z]{1,3}-?)?[0-9]{4,10}")
_IOS_WORDS = (
    # Latin letters
    r"code|\bpin\b|\botp\b|password|passwort|kennwort|mot de passe|c[óo]digo|contraseña|contrasenya|senha|codice",
    r"\bcodi\b|\bcod\b|\bcodul\b|\bkod|\bkód|\bkood|wachtwoord|adgangskode|lösenord|passord|salasana|has[łl]o|heslo",
    r"jelszó|lozinka|geslo|parol|şifre|şifrə|sandi\b|\bmã\b|mật khẩu",
    # Greek, Cyrillic, Armenian, Georgian
    "κωδικ|код|парол|կոդ|კოდი|პაროლ",
    # Hebrew, Arabic, Persian, Urdu; Persian for "which" begins as its word for "code" does
    r"קוד|סיסמ|رمز|كود|كلمة المرور|\bکد(?!ام)|گذرواژه|کوڈ",
    # Of India and around it: Devanagari, Bengali, Gujarati, Gurmukhi, Odia, Tamil, Telugu, Kannada, Malayalam, Sinhala
    "कोड|পাসওয়ার্ড|কোড|કોડ|ਕੋਡ|କୋଡ|குறியீ|கோட்|కోడ్|ಕೋಡ್|കോഡ്|කේත",
    # Thai, Lao, Khmer, Burmese, Amharic
    "รหัส|ລະຫັດ|កូដ|ကုဒ်|ኮድ",
    # Japanese, Chinese, Korean
    "コード|パスワード|暗証番号|認証番号|代码|代碼|验证码|驗證碼|校验码|密码|密碼|코드|인증번호|비밀번호",
)
_IOS_WORD = re.compile(unicodedata.normalize("NFC", "|".join(_IOS_WORDS)), re.IGNORECASE)


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
    return {
        "ios": _ios(text, code, bound),
        "domain_bound": _domain_bound(code, bound),
        "android_consent": _consent(text, code),
        "android_retriever": _retriever(text, code),
    }


def bound_code(text: str) -> BoundCode | None:
    """What the last line binds, None if it does not have the format. Text that follows on the line is ignored."""
    last_line = re.split(r"\r\n|\r|\n", text)[-1]
    found = _BOUND.match(last_line)
    return BoundCode(found["host"], found["embedded"], found["code"]) if found else None


def _domain_bound(code: str, bound: BoundCode | None) -> Verdict:
    if bound is None:
        # Service model of cognito-idp: SmsVerificationMessageType is .*\\{####\\}.*, SmsInviteMessageType is (?s).*
        return Verdict(
            "no",
            'The last line is not "@domain #code". Of a pool\'s own texts, only the invitation takes a line break: a '
            "verification or authentication text needs a CustomMessage function for a sentence above such a line.",
        )
    wrong = _wrong_host(bound)
    if wrong:
        which = "host" if wrong == bound.host else "embedded host"  # it is not quoted: it may be anything
        if wrong.isascii():
            return Verdict("no", f"The last line's {which} is not a domain: letters, digits, hyphens and dots only.")
        return Verdict("no", f"The last line's {which} is not in ASCII: write its domain in the form with xn--.")
    if bound.code != code:
        return Verdict(
            "no",
            f"The last line binds something else than the code to {bound.host}: what follows # goes up to the next "
            "space.",
        )
    frame = f" in a frame of {bound.embedded_host}" if bound.embedded_host else ""
    return Verdict("yes", f"The last line binds the code to {bound.host}{frame}.")


def _wrong_host(bound: BoundCode) -> str | None:
    """The first host that no web page can have; None if both are domains."""
    hosts = (bound.host, bound.embedded_host)
    return next((host for host in hosts if host and not _DOMAIN.fullmatch(host)), None)


def _ios(text: str, code: str, bound: BoundCode | None) -> Verdict:
    if bound and not _wrong_host(bound):
        if bound.code != code:
            return Verdict("unlikely", f"The last line binds another code to {bound.host}.")
        return Verdict("yes", f"Domain-bound: offered on {bound.host} and in its associated apps only.")
    if not _IOS_CODE.fullmatch(code):
        return Verdict("unlikely", "iOS looks for a number of 4 to 10 digits. Its rules are not documented.")
    if not _IOS_WORD.search(unicodedata.normalize("NFC", text)):
        return Verdict("unlikely", 'No word such as "code" is known in the text. iOS\'s rules are not documented.')
    return Verdict("likely", 'The text has a number and a word such as "code". iOS\'s rules are not documented.')


def _consent(text: str, code: str) -> Verdict:
    if _CONSENT.fullmatch(code) and code in _ALPHANUMERIC.findall(text):
        return Verdict(
            "yes", "The code has 4 to 10 letters and digits. The sender must not be one of the user's contacts."
        )
    if any(_CONSENT.fullmatch(word) for word in _ALPHANUMERIC.findall(text)):
        return Verdict("likely", "The text has a word of 4 to 10 letters and digits, but it is not the code.")
    return Verdict("no", "The text has no word of 4 to 10 letters and digits with at least one digit.")


def _retriever(text: str, code: str) -> Verdict:
    """The hash was once wanted at the end, after `<#>` at the start; the page now asks to include it."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > RETRIEVER_BYTES:
        return Verdict("no", f"The text has {size} bytes in UTF-8; {RETRIEVER_BYTES} are allowed.")
    words = text.split()
    hashes = [word for word in words if word != code and _may_be_app_hash(word)]
    marked = f" It begins with {OLD_MARK}, which older phones look for." if text.startswith(OLD_MARK) else ""
    if not hashes:
        return Verdict("no", f"The text has no app's hash (11 characters).{marked}")
    mark = marked or f" Older phones also look for {OLD_MARK} at the start."
    certain = [word for word in hashes if _is_app_hash(word)]
    if words[-1] in certain:
        return Verdict("yes", f"The text ends with what looks like an app's hash: only that app gets it.{mark}")
    if certain:
        why = "What looks like an app's hash is not at the end, where older phones look for it."
        return Verdict("likely", f"{why}{mark}")
    if words[-1] in hashes:
        return Verdict(
            "likely", f"The last word may be an app's hash (11 characters), or may be an ordinary word.{mark}"
        )
    why = "A word may be an app's hash (11 characters), but may be an ordinary word and is not at the end."
    return Verdict("unlikely", f"{why}{mark}")


def _may_be_app_hash(word: str) -> bool:
    """11 characters of base64, and not a plain word or number of that length."""
    return bool(_APP_HASH.fullmatch(word)) and not _ORDINARY_WORD.fullmatch(word)


def _is_app_hash(word: str) -> bool:
    """Mixed as words never are: small and capital letters, with digits or signs between them."""
    mixed = all(re.search(characters, word) for characters in ("[a-z]", "[A-Z]", "[0-9+/]"))
    return mixed and len(_PIECE_OF_A_WORD.findall(word)) >= _PIECES_OF_A_HASH
