"""How a text travels as SMS, against two other implementations and by hand."""

import gsm0338
import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from sms_sender.encoding import encode, split

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM = gsm0338.Codec()
EXTENSION = "\f^{}\\[~]|€"
gsm_texts = st.text(st.sampled_from(BASIC + EXTENSION), max_size=500)
# smsutil takes the escape itself for a character, and nobody can encode half a surrogate pair.
any_texts = st.text(st.characters(exclude_characters="\x1b", exclude_categories=["Cs"]), max_size=300)
mixed_texts = st.one_of(gsm_texts, any_texts, st.text(st.sampled_from("ab€é中😀"), max_size=400))


def octets(text, encoding):
    return len(GSM.encode(text)[0]) if encoding == "GSM-7" else len(text.encode("utf-16-be")) // 2


def test_the_alphabet_is_that_of_the_standard():
    assert len(BASIC) == 127  # and the escape
    assert all(encode(character).characters == 1 for character in BASIC)
    assert all(encode(character).characters == 2 for character in EXTENSION)
    assert {encode(character).encoding for character in BASIC + EXTENSION} == {"GSM-7"}


@given(mixed_texts)
def test_the_encoding_and_length_are_those_of_gsm0338(text):
    try:
        units, encoding = len(GSM.encode(text)[0]), "GSM-7"
    except UnicodeEncodeError:
        units, encoding = len(text.encode("utf-16-be")) // 2, "UCS-2"

    encoded = encode(text)

    assert (encoded.encoding, encoded.characters) == (encoding, units)


@given(mixed_texts.filter(bool))
@example("x" * 160)
@example("x" * 161)
@example("x" * 152 + "€" + "x" * 10)
@example("é" * 153 + "x" * 8)
@example("中" * 70)
@example("中" * 71)
@example("中" * 66 + "😀" + "中" * 10)
def test_the_parts_are_those_of_smsutil(text):
    parts = [part.content for part in smsutil.split(text).parts]

    assert list(split(text)) == parts
    assert encode(text).segments == len(parts)


@given(mixed_texts)
def test_parts_joined_are_the_text_and_none_is_too_long(text):
    encoded = encode(text)

    longest = {"GSM-7": (160, 153), "UCS-2": (70, 67)}[encoded.encoding][len(encoded.parts) > 1]
    assert "".join(encoded.parts) == text
    assert all(octets(part, encoded.encoding) <= longest for part in encoded.parts)


@given(mixed_texts)
def test_no_part_is_shorter_than_it_must_be(text):
    encoded = encode(text)

    for part, following in zip(encoded.parts, encoded.parts[1:], strict=False):
        assert octets(part + following[0], encoded.encoding) > {"GSM-7": 153, "UCS-2": 67}[encoded.encoding]


@pytest.mark.parametrize(
    ("text", "encoding", "characters", "segments"),
    [
        ("", "GSM-7", 0, 1),
        *(("a" * length, "GSM-7", length, 1) for length in range(152, 161)),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("€" * 81, "GSM-7", 162, 2),
        ("€" * 153, "GSM-7", 306, 3),  # 76 euros and no half one in a part
        *(("ç" * length, "UCS-2", length, 1) for length in range(66, 71)),
        ("ç" * 71, "UCS-2", 71, 2),
        ("ç" * 134, "UCS-2", 134, 2),
        ("ç" * 135, "UCS-2", 135, 3),
        ("😀" * 35, "UCS-2", 70, 1),
        ("😀" * 36, "UCS-2", 72, 2),
        ("😀" * 67, "UCS-2", 134, 3),  # 33 emoji and no half one in a part
        ("a" * 70 + "’", "UCS-2", 71, 2),
    ],
)
def test_the_sizes_are_those_of_the_standard(text, encoding, characters, segments):
    encoded = encode(text)

    assert (encoded.encoding, encoded.characters, encoded.segments) == (encoding, characters, segments)


def test_an_escape_pair_is_not_split():
    assert split("x" * 152 + "€" + "x" * 8) == ("x" * 152, "€" + "x" * 8)


def test_a_surrogate_pair_is_not_split():
    assert split("中" * 66 + "😀" + "中" * 5) == ("中" * 66, "😀" + "中" * 5)


def test_half_a_surrogate_pair_does_no_harm():
    assert encode("\ud83d").characters == 1
