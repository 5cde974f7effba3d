"""What makes a text cost more than it must, or not arrive, is said once and with a remedy."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_sender.encoding import encode
from sms_sender.replacements import forced, replaced
from sms_sender.traps import traps


def told(text):
    return [(each.code, each.text) for each in traps(text)]


def codes(text):
    return [each.code for each in traps(text)]


@pytest.mark.parametrize("text", ["", "Your code is 123456.", "€{}[]~|^\\", "é" * 140])
def test_a_gsm_7_text_of_140_characters_has_no_trap(text):
    assert told(text) == []


def test_every_character_that_forces_ucs_2_is_named_once_with_its_positions_and_replacement():
    forces = "forces UCS-2, 70 characters a part instead of 160"
    assert told("It’s 1 – isn’t it 中") == [
        ("not-gsm-7", f"’ (U+2019) at positions 3, 13 {forces}: write ' instead."),
        ("not-gsm-7", f"– (U+2013) at position 8 {forces}: write - instead."),
        ("not-gsm-7", f"中 (U+4E2D) at position 19 {forces}: nothing in GSM-7 is near it."),
    ]


def test_of_many_positions_the_first_are_named():
    [(_code, text), *_others] = told("’" * 40)

    assert "at positions 1, 2, 3, 4, 5 and 35 more forces" in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\u200bb", "ZERO WIDTH SPACE character (U+200B) at position 2 forces UCS-2, 70"),
        ("a\u200bb", ": leave it out."),
        ("\ue000\u0301", "UNNAMED CHARACTER character (U+E000 U+0301) at position 1"),
        ("a\tb", "TAB character (U+0009) at position 2"),
        ("a\tb", ": write a space instead."),
        ("a\u2028b", ": write a line break instead."),
        ("cafe\u0301", "(U+0065 U+0301) at position 4"),
        ("cafe\u0301", ": compose it into the one character é (U+00E9), which GSM-7 has."),
        ("col·lecció", "· (U+00B7) at position 4"),
        ("col·lecció", ": write . instead."),
    ],
)
def test_the_advice_is_one_that_a_writer_can_follow(text, words):
    assert words in told(text)[0][1]


OTHER_SCRIPTS = {
    "Japanese": (
        "【例】確認コードは123456です。24時間以内に入力してください。誰にも教えないでください。",
        "GSM-7 has no CJK or Katakana or Hiragana letters",
    ),
    "Hindi": ("आपका सत्यापन कोड 123456 है।", "GSM-7 has no Devanagari letters"),
    "Russian": ("Ваш код: 123456 — никому не говорите", "GSM-7 has no Cyrillic letters"),
    "Thai": ("รหัสยืนยันของคุณคือ 123456", "GSM-7 has no Thai letters"),
    "a word in another": (
        "Example Store verification code 認証コード: 123456。",
        "GSM-7 has no CJK or Katakana letters",
    ),
    "three letters of many": ("Your Example verification code is 123456 認証コ", "(at positions 42, 43, 44)"),
    "two of four letters": ("OK 認証", "GSM-7 has no CJK letters"),
    "two letters and nothing else": ("認証：123456", "GSM-7 has no CJK letters (at positions 1, 2)"),
}


@pytest.mark.parametrize(("text", "words"), OTHER_SCRIPTS.values(), ids=OTHER_SCRIPTS)
def test_a_text_in_another_script_is_one_warning(text, words):
    found = [each for each in told(text) if each[0] == "not-gsm-7"]

    assert len(found) == 1
    assert words in found[0][1]


@pytest.mark.parametrize("text", ["Your code 認証", "one 認証"])
def test_one_or_two_letters_of_another_script_are_named_one_by_one(text):
    assert [each[1][0] for each in told(text)] == ["認", "証"]


def test_greek_capitals_are_not_another_script():
    assert [text[0] for _code, text in told("ΚΩΔΙΚΟΣ 123456 Ж")] == ["Κ", "Ι", "Ο", "Ж"]


@pytest.mark.parametrize(("length", "parts"), [(70, "70 in 1 part"), (71, "71 in 2 parts"), (135, "135 in 3 parts")])
def test_a_text_in_another_script_is_told_its_budget(length, parts):
    budget = "70 characters in one part, or 67 in each of several"
    assert told("中" * length)[0] == (
        "not-gsm-7",
        f"GSM-7 has no CJK letters, so this text travels as UCS-2: {budget}. It has {parts}.",
    )


def test_a_slip_of_the_keyboard_is_found():
    """A Cyrillic letter that looks Latin: its place is what helps."""
    [(_code, text)] = told("Your c\u043ede is 123456")

    assert "(U+043E) at position 7" in text


def test_many_different_characters_are_one_warning_with_the_replacement_of_each():
    [(code, text)] = told("Mã xác minh của bạn đã được gửi 😀\u200b")

    assert code == "not-gsm-7"
    assert text.startswith("10 different characters force UCS-2: 70 characters in one part, or 67 in each of several. ")
    assert "ã a" in text
    assert "😀 (nothing is near it)" in text
    assert "ZERO WIDTH SPACE character (leave it out)" in text


FORCE = "different characters force UCS-2: 70 characters in one part, or 67 in each of several."


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        ("Mã xác thực của bạn", f"5 {FORCE} It has 19 in 1 part. Instead of each, write: ã a, á a, ự u, ủ u, ạ a."),
        ("Kod: ąćę", f"3 {FORCE}"),
        ("Ma\u0303 xa\u0301c thự", f"3 {FORCE}"),
        ("Doğrulama şifreniz ‘ı’", f"5 {FORCE} It has 22 in 1 part. Instead of each, write: ğ g, ş s, ‘ ', ı i, ’ '."),
    ],
)
def test_a_text_in_a_language_outside_gsm_7_is_one_warning(text, beginning):
    [(code, told_text)] = told(text)

    assert code == "not-gsm-7"
    assert told_text.startswith(beginning)


@pytest.mark.parametrize(
    "text", ["“a” – ‘b’", "™©®ªº", "ΚΙΟΑΒ", "e\u0301a\u0300u\u0308o\u0308a\u0308", "ãá–’", "ó ó ó ó"]
)
def test_single_characters_in_a_gsm_7_text_are_named_one_by_one(text):
    assert len(told(text)) == len({each.piece for each in forced(text)}) <= 5
    assert all("at position" in each for _code, each in told(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [("ó é ñ a", "at position 1 "), ("ó é ó a", "at positions 1, 5 "), ("ó a ó a ó", "at positions 1, 5, 9 ")],
)
def test_one_position_or_several(text, words):
    [(_code, told_text)] = told(text)

    assert words in told_text


def test_a_letter_whose_accent_does_not_compose_is_told_by_the_letter():
    marked = "q\u0303 x\u0303 q\u0308 x\u0308"  # nothing of Unicode has them in one character

    assert [each.split(" (")[0] for _code, each in told(marked)] == ["q\u0303", "x\u0303", "q\u0308", "x\u0308"]


def test_six_different_characters_of_any_kind_are_one_warning():
    [(_code, text)] = told("“a” – ‘b’ …")

    assert text.startswith(f"6 {FORCE}")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_there_are_never_many_warnings(text):
    assert len(told(text)) <= 8
    assert ("not-gsm-7" in codes(text)) == (encode(text).encoding == "UCS-2")


@given(st.text(st.characters(categories=["Ll", "Lu", "Mn", "Mc"], max_codepoint=0x0EFF), min_size=1, max_size=40))
def test_a_composed_and_a_decomposed_text_cost_the_same_after_the_advice(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))

    assert encode(replaced(decomposed)).encoding in {encode(replaced(composed)).encoding, "GSM-7"}


@pytest.mark.parametrize(("length", "expected"), [(140, []), (141, ["over-140-characters"])])
def test_more_than_140_characters_are_warned_about(length, expected):
    assert codes("x" * length) == expected


def test_more_than_one_part_is_warned_about_with_its_price():
    assert "several-parts" not in codes("x" * 160)
    assert ("several-parts", "2 parts: this SMS costs as much as 2.") in told("x" * 161)
    assert ("several-parts", "3 parts: this SMS costs as much as 3.") in told("x" * 307)


@pytest.mark.parametrize(("filler", "limit"), [("x", 1530), ("中", 630)])
def test_what_aws_does_not_send_is_warned_about(filler, limit):
    assert "over-aws-limit" not in codes(filler * limit)
    [text] = [each.text for each in traps(filler * (limit + 1)) if each.code == "over-aws-limit"]
    assert text.startswith(f"{limit + 1} ")
    assert f"at most {limit} " in text
