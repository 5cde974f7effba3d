"""Markdown for a comment and annotations for a check: every text in them is data."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_pools import BUSY, busy, gallery
from gallery_templates import one_pool, read
from sms_redirect.gallery import github, markdown, plain
from sms_redirect.gallery.comparison import compare
from sms_redirect.gallery.compose import compose
from sms_redirect.gallery.document import document
from sms_redirect.gallery.errors import GalleryError, ParameterError
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.place import Place
from sms_redirect.gallery.samples import Person
from sms_redirect.gallery.texts import Texts

HOSTILE = "@team #1 **b** [x](https://evil.example) <img src=x> `code` | cell\n::error::x %0A \u202eevil {####}"


# ---- Markdown ----


def test_a_comment_shows_every_text_once_with_all_of_its_sms():
    text = markdown.of_gallery([busy()])

    assert text.startswith(f"{markdown.MARKER}\n")
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 1 + len(busy().texts)
    (row,) = [row for row in rows if BUSY["SmsAuthenticationMessage"] in row]
    assert row.startswith("| Sign-in, second factor<br>Sign-in without a password | yes<br>no |")
    assert "1 part, 48 GSM-7 characters" in row


def test_a_comment_names_errors_with_their_sources():
    text = markdown.of_gallery([gallery(SmsVerificationMessage="Nothing")])

    assert "- **no-placeholder** SmsVerificationMessage has no {####}" in text
    assert "SmsVerificationMessageType" in text


def test_locales_have_a_table_each():
    text = markdown.of_gallery([gallery(person=Person(locale=each)) for each in ("de", "fr")])

    assert [line for line in text.splitlines() if line in {"**de**", "**fr**"}] == ["**de**", "**fr**"]


def test_a_comparison_shows_before_and_after():
    new = document(gallery(**{**BUSY, "SmsVerificationMessage": "Nothing"}))

    text = markdown.of_comparison(compare(document(busy()), new))

    before, after = (line for line in text.splitlines() if "before |" in line or "**after** |" in line)
    assert "`Zoë’s café: your code is {####}" in before
    assert "2 parts, 75 UCS-2 characters" in before
    assert "| `Nothing` | 1 part, 7 GSM-7 characters | no-placeholder |" in after
    assert "**New errors**" in text


def test_a_comparison_without_changes_is_short():
    text = markdown.of_comparison(compare(document(busy()), document(busy())))

    assert "0 texts changed, 9 SMS did not" in text
    assert "|" not in text


def cells(row):
    """As GitHub splits a row of a table."""
    return re.split(r"(?<!\\)\|", row)[1:-1]


@given(st.text("`|*_<>@#\\&[]():/\n\r\t ax{}", max_size=30))
def test_no_text_leaves_its_cell(text):
    shown = gallery(SmsVerificationMessage=text + "{####}")

    rows = [line for line in markdown.of_gallery([shown]).splitlines() if line.startswith("| ")]

    assert len(rows) == 1 + len(shown.texts)
    assert {len(cells(row)) for row in rows} == {5}


@given(st.text(max_size=40))
def test_a_text_is_code_that_cannot_end_early(text):
    shown = plain.markdown_code(text)

    assert "\n" not in shown
    assert "\r" not in shown
    if shown.startswith("`"):
        assert shown.count("`") == 2
    else:
        assert re.fullmatch(r"\(empty\)|<code>[^<>`|@*_\[]*</code>", shown)


def test_hostile_texts_make_no_markup_mention_or_link():
    shown = gallery(Name=HOSTILE, SmsVerificationMessage=HOSTILE, SmsConfigurationFailure=HOSTILE)
    texts = markdown.of_gallery([shown]), markdown.of_comparison(compare(document(busy()), document(shown)))

    for text in texts:
        outside_code = re.sub(r"<code>.*?</code>|`[^`\n]*`|<!--.*?-->|<br>|&#\d+;", "", text)
        for sign in ("@team", "#1", "**b**", "](", "<img", "https://", "\u202e"):
            assert sign not in outside_code
        assert "\u202e" not in text


def test_a_comment_is_never_longer_than_github_takes():
    shown = gallery(**{f"Sms{kind}Message": "`" * 15_000 for kind in ("Verification", "Authentication")})

    text = markdown.of_gallery([shown])

    assert len(text) < 65_536
    assert text.endswith("writes the whole page.)\n")


# ---- annotations ----


def test_an_error_is_annotated_at_its_line():
    shown = compose(Texts(read(one_pool("UserPoolName: x\nSmsVerificationMessage: Nothing"))))

    (line,) = github.of_galleries([shown])

    assert re.match(r"::error file=[^,]*template\.yaml,line=7,col=7,title=no-placeholder::SmsVerificationMessage", line)


@pytest.mark.parametrize(
    ("properties", "head", "line"),
    [
        ("UserPoolName: x\nSmsVerificationMessage: [a]", "", 7),
        ("UserPoolName: x\nVerificationMessageTemplate:\n  SmsMessage: {a: b, c: d}", "", 8),
        ("UserPoolName: x\nFn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/x}}", "", 7),
        ("UserPoolName: x\nAutoVerifiedAttributes: email", "", 7),
        ("UserPoolName: x", "Parameters:\n  A: {Type: String}\n  B: {Type: String, AllowedValues: [a], Default: b}", 3),
        ("UserPoolName: x", "Parameters:\n  A:\n    Type: String\n    Default: !Ref B", 4),
        ("UserPoolName: x", "Parameters:\n  A: 5", 2),
        ("UserPoolName: x", "Parameters: 5", 1),
    ],
)
def test_what_leaves_no_gallery_is_at_its_line(properties, head, line):
    with pytest.raises(GalleryError) as caught:
        read(one_pool(properties, head))

    assert caught.value.place.file.endswith("template.yaml")
    assert caught.value.place.line == line


@pytest.mark.parametrize(("values", "line"), [({"A": "c"}, 3), ({"Nothing": "c"}, 1)])
def test_a_value_of_the_command_line_is_at_the_parameter_that_refuses_it(values, line):
    head = "Parameters:\n  B: {Type: String, Default: x}\n  A: {Type: String, AllowedValues: [a, b]}"

    with pytest.raises(ParameterError) as caught:
        read(one_pool("UserPoolName: x", head), given=Given(values))

    assert caught.value.place.line == line


@pytest.mark.parametrize(
    ("properties", "line"),
    [
        ("SmsAuthenticationMessage: 'x {####}'\nUserPoolName: x\nSmsAuthenticationMessage: Nothing", 8),
        ("UserPoolName: x\n<<: {SmsAuthenticationMessage: Nothing}", 7),
        ("<<: {SmsAuthenticationMessage: 'x {####}'}\nSmsAuthenticationMessage: Nothing", 7),
        ("SmsAuthenticationMessage: Nothing\n<<: {SmsAuthenticationMessage: 'x {####}'}", 6),
        ("<<:\n  - {UserPoolName: x}\n  - {SmsAuthenticationMessage: Nothing}", 8),
        ("<<:\n  <<: {SmsAuthenticationMessage: Nothing}\n  UserPoolName: x", 7),
    ],
)
def test_an_error_is_at_the_key_that_counts(properties, line):
    (error,) = compose(Texts(read(one_pool(properties)))).errors

    assert (error.code, error.place.line) == ("no-placeholder", line)


def test_an_error_of_json_is_at_the_key_that_counts():
    pool = '"SmsAuthenticationMessage": "x {####}",\n"SmsAuthenticationMessage": "Nothing"'
    text = '{"Resources": {"Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {\n' + pool + "}}}}"

    (error,) = compose(Texts(read(text, name="template.json"))).errors

    assert error.place.line == 3


def test_a_warning_of_several_sms_is_annotated_once_at_their_text():
    shown = compose(Texts(read(one_pool("UserPoolName: x\nSmsVerificationMessage: 'Zoë {####}'"))))

    (line,) = github.of_galleries([shown])

    assert re.match(r"::warning file=[^,]*,line=7,col=7,title=not-gsm-7::Sign-up, Code sent again, ", line)


def test_a_pool_has_annotations_without_a_place():
    (line,) = github.of_galleries([gallery(SmsVerificationMessage="Nothing")])

    assert line.startswith("::error title=no-placeholder::")


def test_new_errors_of_a_comparison_are_annotated():
    new = document(compose(Texts(read(one_pool("SmsVerificationMessage: Nothing")))))

    (line,) = github.of_comparison(compare(document(busy()), new))

    assert "line=6" in line


@pytest.mark.parametrize("text", [HOSTILE, "a\nb", "a\r::stop-commands::x", "%", "a:b,c"])
def test_no_text_makes_a_command_of_its_own(text):
    line = github.command("error", text, text, Place(text, 1, 1))

    assert len(line.splitlines()) == 1
    properties, _, message = line.removeprefix("::error ").partition("::")
    assert set(re.findall(r"(\w+)=", properties)) >= {"file", "line", "col", "title"}
    assert len(properties.split(",")) == 4
    assert "\n" not in message
