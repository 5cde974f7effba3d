"""Whether a phone would offer the code: by each platform's documented rules, and where there is none, said so."""

import random
import re
import string
from collections import Counter

import botocore.session
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sms_sender.autofill import LABELS, BoundCode, Verdict, autofill, bound_code

CODE = "123456"


def verdicts(text, code=CODE):
    return {name: each.verdict for name, each in autofill(text, code).items()}


def test_every_way_to_offer_a_code_has_a_verdict_and_a_reason():
    found = autofill("Your code is 123456.", CODE)

    assert set(found) == set(LABELS)
    assert all(each.why.endswith(".") for each in found.values())


@pytest.mark.parametrize("code", [None, ""])
def test_without_a_code_there_is_no_verdict(code):
    assert autofill("Your account was used", code) == {}


def test_a_text_without_its_code_offers_nothing():
    assert set(verdicts("Hello 654321", CODE).values()) == {"no"}


# ---- origin-bound one-time codes: https://wicg.github.io/sms-one-time-codes/#parsing, step by step ----

ASCII_WHITESPACE = "\t\n\f\r "


class ParsingError(Exception):
    pass


def parse(message):
    """Returns (top-level host, embedded host, code). The embedded host's marker is @, here also Apple's %."""
    line = message.replace("\r\n", "\n").replace("\r", "\n").split("\n")[-1]
    host, position = marked_token(line, 0, "@")
    if position >= len(line) or line[position] != " ":
        raise ParsingError
    code, position = marked_token(line, position + 1, "#")
    embedded = None
    if position < len(line) and line[position] == " ":
        for marker in "@%":
            try:
                embedded, _ = marked_token(line, position + 1, marker)
                break
            except ParsingError:
                pass
    return host, embedded, code


def marked_token(line, position, marker):
    if position >= len(line) or line[position] != marker:
        raise ParsingError
    end = position + 1
    while end < len(line) and line[end] not in ASCII_WHITESPACE:
        end += 1
    if end == position + 1:
        raise ParsingError
    return line[position + 1 : end], end


@given(st.text(st.sampled_from("@#% \n\r\t\f\u00a0\u2028ab1.")) | st.text())
@example("@example.com #747723")
@example("747723 is your ExampleCo authentication code.\n\n@example.com #747723")
@example("747723 is your code.\r\n@example.com #747723 @ecommerce.example")
@example("@example.com #747723 %ecommerce.example $future")
@example("something @example.com #747723")
@example("#747723 @ecommerce.example @example.com")
@example("@example.com code #747723")
@example("@example.com  #747723")
@example("@example.com #747723\n")
@example("@ #747723")
@example("@example.com #")
def test_a_message_binds_what_the_grammar_says(message):
    try:
        host, embedded, code = parse(message)
    except ParsingError:
        assert bound_code(message) is None
    else:
        assert bound_code(message) == BoundCode(host, embedded, code)


def test_a_domain_bound_text_is_offered_on_its_domain():
    found = autofill("123456 is your Example code.\n\n@example.com #123456", CODE)

    assert (found["ios"].verdict, found["domain_bound"].verdict) == ("yes", "yes")
    assert "example.com" in found["ios"].why
    assert "example.com" in found["domain_bound"].why


def test_a_frame_that_the_code_is_bound_to_is_named():
    found = autofill("@example.com #123456 @shop.example", CODE)["domain_bound"]

    assert found.why == "The last line binds the code to example.com in a frame of shop.example."


@pytest.mark.parametrize(
    "text",
    [
        "Your code is 123456.",
        "Code 123456 @example.com #123456",
        "@example.com #123456\nYour code is 123456",
    ],
)
def test_a_text_that_does_not_bind_its_code_to_a_domain_is_told_how(text):
    found = autofill(text, CODE)

    assert found["domain_bound"].verdict == "no"
    assert found["domain_bound"].why.startswith('The last line is not "@domain #code".')
    assert found["ios"].verdict == "likely"


def test_the_texts_that_take_a_line_break_are_those_of_the_api():
    """What is said about line breaks, by the patterns of the API."""
    model = botocore.session.get_session().get_service_model("cognito-idp")
    takes = {
        name: re.fullmatch(model.shape_for(name).metadata["pattern"], "Code\n@example.com #{####}") is not None
        for name in ("SmsVerificationMessageType", "SmsInviteMessageType")
    }

    assert takes == {"SmsVerificationMessageType": False, "SmsInviteMessageType": True}
    assert model.shape_for("UserPoolType").members["SmsAuthenticationMessage"].name == "SmsVerificationMessageType"
    assert autofill("Your code is 123456.", CODE)["domain_bound"].why.endswith(
        "Of a pool's own texts, only the invitation takes a line break: a verification or authentication text needs a "
        "CustomMessage function for a sentence above such a line."
    )


@pytest.mark.parametrize(
    "last_line", ["@example.com #654321", "@example.com #123456.", "@example.com #123456\u00a0now"]
)
def test_a_last_line_with_another_code_is_told_so(last_line):
    found = autofill(f"Your code is 123456.\n{last_line}", CODE)

    assert found["domain_bound"].verdict == "no"
    assert found["domain_bound"].why == (
        "The last line binds something else than the code to example.com: what follows # goes up to the next space."
    )
    assert found["ios"].verdict == "unlikely"
    assert "another code" in found["ios"].why


@pytest.mark.parametrize(
    ("last_line", "which"),
    [
        ("@münchen.de #123456", "host"),
        ("@例え.jp #654321", "host"),
        ("@example.com #123456 @münchen.de", "embedded host"),
        ("@example.com #123456 %münchen.de", "embedded host"),
    ],
)
def test_a_host_with_other_letters_is_told_to_be_written_in_ascii(last_line, which):
    found = autofill(f"Your code is 123456.\n{last_line}", CODE)

    assert found["domain_bound"] == Verdict(
        "no", f"The last line's {which} is not in ASCII: write its domain in the form with xn--."
    )
    assert found["ios"].verdict == "likely"


@pytest.mark.parametrize(
    "host",
    [
        "exa_mple!com",
        "-example.com",
        "example.com-",
        "https://example.com",
        "example.com:443",
        "example.com/in",
        "<script>",
    ],
)
def test_a_host_that_is_not_a_domain_is_told_and_not_quoted(host):
    for last_line, which in ((f"@{host} #123456", "host"), (f"@example.com #123456 @{host}", "embedded host")):
        found = autofill(f"Your code is 123456.\n{last_line}", CODE)

        assert found["domain_bound"] == Verdict(
            "no", f"The last line's {which} is not a domain: letters, digits, hyphens and dots only."
        )
        assert found["ios"].verdict == "likely"


def test_a_domain_in_its_ascii_form_is_bound():
    assert verdicts("Your code is 123456.\n@xn--mnchen-3ya.de #123456")["domain_bound"] == "yes"


# ---- iOS without a domain ----


@pytest.mark.parametrize(
    "text",
    [
        "Your verification code is 123456.",
        "Ihr Bestätigungscode lautet 123456",
        "Su código es 123456",
        "Ваш код: 123456",
        "認証コードは123456です",
        "您的验证码是123456",
        "OTP 123456",
        "کد تأیید شما: 123456",
        "کدتان 123456",
        "رمز التحقق هو 123456",
        "كود التفعيل 123456",
        "آپ کا کوڈ 123456",
        "Doğrulama şifreniz 123456",
        "ŞİFRE: 123456",
        "Hasło: 123456",
        "Heslo: 123456",
        "Lösenord 123456",
        "Uw wachtwoord: 123456",
        "Parola dvs. 123456",
        "El teu codi 123456",
        "Ma\u0303 123456",
        "您的密码是123456",
        "パスワード：123456",
        "비밀번호 123456",
        "আপনার কোড 123456",
        "உங்கள் குறியீடு 123456",
        "తెలుగు కోడ్ 123456",
        "თქვენი კოდი 123456",
        "Ձեր կոդը 123456",
        "ኮድ 123456",
    ],
)
def test_a_number_beside_a_word_for_code_is_likely_to_be_offered(text):
    found = autofill(text, CODE)["ios"]

    assert found.verdict == "likely"
    assert "not documented" in found.why


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hello 123456", CODE),
        ("کدام 123456", CODE),
        ("Your spinning pinwheel 123456", CODE),
        ("Your password is Xk7!mP2q", "Xk7!mP2q"),
        ("Your code is 123", "123"),
        ("Your code is 12345678901", "12345678901"),
    ],
)
def test_what_lacks_number_or_word_is_unlikely_to_be_offered(text, code):
    assert verdicts(text, code)["ios"] == "unlikely"


@pytest.mark.parametrize("code", ["1234", "12345678", "1234567890", "G-123456", "AB1234"])
def test_numbers_of_four_to_ten_digits_are_codes(code):
    assert verdicts(f"Your code is {code}", code)["ios"] == "likely"


# ---- Android, User Consent ----


@pytest.mark.parametrize("code", ["1234", "123456", "12345678", "1234567890", "ABC1", "a1b2c3d4e5"])
def test_four_to_ten_letters_and_digits_are_offered_for_consent(code):
    assert verdicts(f"Use {code}, now", code)["android_consent"] == "yes"


@pytest.mark.parametrize(
    ("text", "code", "verdict"),
    [
        ("Use 123", "123", "no"),
        ("Use 12345678901", "12345678901", "no"),
        ("Use ABCDEFG", "ABCDEFG", "no"),
        ("Use Xk7!mP2", "Xk7!mP2", "no"),
        ("Use Xk7!mP2q", "Xk7!mP2q", "likely"),
        ("Use x123456", "123456", "likely"),
        ("Use xxxxxxx123456", "123456", "no"),
    ],
)
def test_another_code_is_not_offered_for_consent(text, code, verdict):
    assert verdicts(text, code)["android_consent"] == verdict


# ---- Android, SMS Retriever ----


@pytest.mark.parametrize(
    "text",
    [
        "Your ExampleApp code is: 123456\n\nFA+9qCX9VSu",
        "<#> 123456 is your code. FA+9qCX9VSu",
        "123456 FA+9qCX9VSu\n",
        "123456 " + "x" * 121 + " FA+9qCX9VSu",
    ],
)
def test_a_text_that_ends_with_an_apps_hash_is_given_to_that_app(text):
    assert verdicts(text)["android_retriever"] == "yes"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Your temporary password is aB3+xY7/qZ9", "aB3+xY7/qZ9"),
        ("Your password is aB3xY7mqZ9k\n", "aB3xY7mqZ9k"),
        ("aB3xY7mqZ9k is your password", "aB3xY7mqZ9k"),
    ],
)
def test_a_password_of_eleven_characters_is_not_an_apps_hash(text, code):
    found = autofill(text, code)["android_retriever"]

    assert (found.verdict, "no app's hash" in found.why) == ("no", True)


@pytest.mark.parametrize("word", ["PayPalStore", "account/pay", "Order/12345", "OrderStore7", "QzWxEcRvTbY"])
def test_what_may_be_an_ordinary_word_is_likely_at_most(word):
    texts = {f"123456 {word}": "likely", f"123456 is for {word}": "likely", f"{word} 123456 is for you": "unlikely"}
    for text, verdict in texts.items():
        found = autofill(text, CODE)["android_retriever"]

        assert found.verdict == verdict
        assert "may be an ordinary word" in found.why


@pytest.mark.parametrize(("word", "verdict"), [("abC12Defgh1", "yes"), ("abC12Defghi", "likely")])
def test_a_hash_changes_its_kind_of_characters_at_least_four_times(word, verdict):
    assert verdicts(f"123456 {word}")["android_retriever"] == verdict


def test_most_hashes_are_told_from_words():
    chance = random.Random(1)
    characters = string.ascii_letters + string.digits + "+/"
    hashes = ["".join(chance.choices(characters, k=11)) for _ in range(1000)]
    found = Counter(verdicts(f"123456 {each}")["android_retriever"] for each in hashes)

    assert found["yes"] > 800
    assert found["no"] <= 1, "such as hbaqgqkxgvj"
    assert found["yes"] + found["likely"] + found["no"] == 1000


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<#> 123456 FA+9qCX9VSu", "It begins with <#>, which older phones look for."),
        ("123456 FA+9qCX9VSu", "Older phones also look for <#> at the start."),
        ("<#> 123456 is your code FA+9qCX9VSu now", "It begins with <#>, which older phones look for."),
        ("<#> 123456 is your code", "It begins with <#>, which older phones look for."),
    ],
)
def test_the_old_mark_at_the_start_is_named(text, why):
    assert autofill(text, CODE)["android_retriever"].why.endswith(f" {why}")


def test_the_old_mark_is_not_asked_for_without_a_hash():
    assert "<#>" not in autofill("Your code is 123456", CODE)["android_retriever"].why


@pytest.mark.parametrize(
    ("text", "verdict", "words"),
    [
        ("123456 " + "x" * 122 + " FA+9qCX9VSu", "no", "141 bytes in UTF-8; 140 are allowed"),
        ("中" * 43 + "123456 FA+9qCX9VSu", "no", "147 bytes"),
        ("FA+9qCX9VSu 123456 is your code", "likely", "not at the end"),
        ("Your code is 123456", "no", "no app's hash"),
        ("123456 is your information", "no", "no app's hash"),
        ("123456 Information", "no", "no app's hash"),
        ("123456 INFORMATION", "no", "no app's hash"),
        ("123456 Session2024", "no", "no app's hash"),
        ("123456 12345678901", "no", "no app's hash"),
        ("123456 FA+9qCX9VSu.", "no", "no app's hash"),
        ("123456 FA+9qCX9VSuX", "no", "no app's hash"),
    ],
)
def test_another_text_is_not_given_to_an_app(text, verdict, words):
    found = autofill(text, CODE)["android_retriever"]

    assert found.verdict == verdict
    assert words in found.why


@given(st.text(st.characters(), min_size=1), st.text(st.characters()))
def test_any_text_has_a_verdict(text, code):
    assert set(autofill(text, code)) in (set(), set(LABELS))
    assert set(autofill(text + code, code)) in (set(), set(LABELS))
