"""What forces a text out of GSM-7 is named as a writer sees it, with what to type instead."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_sender.encoding import GSM_7, encode
from sms_sender.replacements import Forced, forced, name, replaced, replacement, script

# Nobody can print half a surrogate pair.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=100) | st.text(
    st.sampled_from("ae1 é中ก็👍🏽❤\ufe0f\u200d\u0301\u0327\u0bbf\u0947\u200b\t’"), max_size=40
)


def test_what_is_remembered_of_pieces_is_bounded():
    assert 0 < replacement.cache_info().maxsize <= 1000


def test_positions_count_characters_from_one():
    assert forced("It’s 5€ – now") == [Forced("’", 3, "'"), Forced("–", 9, "-")]


@given(texts)
def test_pieces_are_parts_of_the_text_in_its_order_and_what_is_left_is_gsm_7(text):
    end, left = 0, ""
    for each in forced(text):
        start = each.position - 1
        assert start >= end
        assert text[start : start + len(each.piece)] == each.piece
        assert encode(each.piece).encoding == "UCS-2"
        left += text[end:start]
        end = start + len(each.piece)
    assert encode(left + text[end:]).encoding == "GSM-7"
    assert bool(forced(text)) == (encode(text).encoding == "UCS-2")


def test_what_is_replaced_leaves_the_rest_as_it_is():
    assert replaced("It’s 5€ – 中 …") == "It's 5€ - 中 ..."
    assert replaced("’a") == "'a"


@given(texts)
def test_a_text_with_its_replacements_lacks_only_what_has_none(text):
    without = "".join(each.piece for each in forced(text) if each.replacement is None)

    assert set("".join(each.piece for each in forced(replaced(text)))) - GSM_7 <= set(without)


@given(st.characters(exclude_categories=["Cs"]))
def test_a_replacement_is_gsm_7(character):
    nearest = replacement(character)

    assert nearest is None or encode(nearest).encoding == "GSM-7"


@pytest.mark.parametrize(
    ("piece", "nearest"),
    [
        ("’", "'"),
        ("–", "-"),
        ("…", "..."),
        ("•", "*"),
        ("·", "."),
        ("ŀ", "l."),
        ("ç", "c"),
        ("á", "a"),
        ("ő", "o"),
        ("ł", "l"),
        ("Đ", "D"),
        ("ı", "i"),
        ("œ", "oe"),
        ("þ", "th"),
        ("ə", "e"),
        ("²", "2"),
        ("½", "1/2"),
        ("ﬁ", "fi"),
        ("Ａ", "A"),
        ("٣", "3"),
        ("Α", "A"),
        ("α", "A"),
        ("ά", "A"),
        ("δ", "Δ"),
        ("ẞ", "ß"),
        ("™", "TM"),
        ("©", "(c)"),
        ("`", "'"),
        ("₤", "£"),
        ("\u00a0", " "),
        ("\t", " "),
        ("\u2028", "\n"),
        ("\u00b5", "u"),
        ("\u200b", ""),
        ("\ufe0f", ""),
        ("\u00ad", ""),
        ("中", None),
        ("😀", None),
        ("ж", None),
        ("0\u0bbe", None),  # a vowel sign, whatever it stands on
        ("\u0301", None),  # an accent on nothing is seen
        ("\u0600", None),  # a sign that Unicode counts among the format characters
        ("e\u0301", "é"),
        ("E\u0301", "É"),
        ("n\u0303", "ñ"),
        ("a\u0302", "a"),
        ("1\ufe0f\u20e3", "1"),
        ("❤\ufe0f", None),
    ],
)
def test_a_replacement_is_what_a_writer_would_type(piece, nearest):
    assert replacement(piece) == nearest


VISIBLE = {
    "Hindi": "आपका सत्यापन कोड है",
    "Thai": "รหัสยืนยันของคุณคือ",
    "Tamil": "உங்கள் சரிபார்ப்புக் குறியீடு",
    "Hebrew with points": "שָׁלוֹם",
    "Arabic with points": "مَرْحَبًا",
    "Burmese": "သင့်အတည်ပြုကုဒ်",
    "decomposed Vietnamese": unicodedata.normalize("NFD", "Mã xác minh của bạn"),
    "decomposed Japanese": unicodedata.normalize("NFD", "ガギグゲゴ"),
    "Persian with a joiner": "می\u200cخواهم",
}


@pytest.mark.parametrize("text", VISIBLE.values(), ids=VISIBLE)
def test_a_visible_mark_is_never_to_be_left_out(text):
    assert "" not in [each.replacement for each in forced(text)]


def test_only_what_cannot_be_seen_is_to_be_left_out():
    left_out = [each for each in map(chr, [*range(0xD800), *range(0xE000, 0x10000)]) if replacement(each) == ""]

    marks = [each for each in left_out if unicodedata.category(each) == "Mn"]
    assert {unicodedata.category(each) for each in left_out} == {"Cc", "Cf", "Mn"}
    assert {unicodedata.name(each).rstrip("-0123456789") for each in marks} == {
        "COMBINING GRAPHEME JOINER",
        "KHMER VOWEL INHERENT AA",
        "KHMER VOWEL INHERENT AQ",
        *(f"MONGOLIAN FREE VARIATION SELECTOR {number}" for number in ("ONE", "TWO", "THREE", "FOUR")),
        "VARIATION SELECTOR",
    }


@given(st.text(st.characters(categories=["Mn", "Mc", "Me"]), min_size=1, max_size=3))
def test_no_mark_of_any_script_is_to_be_left_out_unless_it_only_selects_a_form(marks):
    selectors = ("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION", "COMBINING GRAPHEME", "KHMER VOWEL INHERENT")
    only_select = all(unicodedata.name(mark, "").startswith(selectors) for mark in marks)

    assert (replacement(marks) == "") == only_select


@pytest.mark.parametrize(("piece", "composed"), [("e\u0301", "é"), ("A\u030a", "Å"), ("a\u0302", None), ("’", None)])
def test_a_decomposed_letter_is_one_of_gsm_7_when_composed(piece, composed):
    assert forced(f"ab{piece}")[0].composed == composed


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("cafe\u0301s", ["e\u0301"]),
        ("a\u200bb", ["\u200b"]),
        ("a\ufe0fb", ["\ufe0f"]),  # the letter is as it should be
        ("❤\ufe0f\u200d🔥!", ["❤\ufe0f\u200d🔥"]),
        ("👍🏽👍", ["👍🏽", "👍"]),
        ("👍🏻👍🏿", ["👍🏻", "👍🏿"]),  # the first and the last skin tone
        ("👍🐀", ["👍", "🐀"]),  # what follows the last one
        ("❤\u200d a", ["❤\u200d"]),
        ("कोड", ["को", "ड"]),
        ("\u0301a", ["\u0301"]),
        ("’\u200b’", ["’", "\u200b", "’"]),
        ("\u200b\u0301", ["\u200b", "\u0301"]),  # nothing combines with what is not seen
    ],
)
def test_what_is_seen_as_one_is_one_piece(text, pieces):
    assert [each.piece for each in forced(text)] == pieces


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("\t", "TAB"),
        ("\x07", "CONTROL CHARACTER"),
        ("\u200b", "ZERO WIDTH SPACE"),
        ("ŀ", "LATIN SMALL LETTER L WITH MIDDLE DOT"),
        ("\ue000", "UNNAMED CHARACTER"),
    ],
)
def test_every_character_has_a_name(character, expected):
    assert name(character) == expected


@pytest.mark.parametrize(
    ("piece", "expected"),
    [
        ("中", "CJK"),
        ("ж", "Cyrillic"),
        ("ｱ", "Katakana"),
        ("ー", "Katakana"),
        ("को", "Devanagari"),
        ("😀", None),
        ("。", None),
    ],
)
def test_a_letter_has_a_script(piece, expected):
    assert script(piece) == expected
