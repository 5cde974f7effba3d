"""What changed between two galleries, text by text, and which errors are new."""

import json

import pytest

from gallery_pools import BUSY, ROLE, busy, gallery
from gallery_templates import one_pool, read
from sms_redirect.gallery import markdown, saved
from sms_redirect.gallery.comparison import Sms, compare
from sms_redirect.gallery.compose import compose
from sms_redirect.gallery.document import document
from sms_redirect.gallery.errors import SavedGalleryError, TemplateError
from sms_redirect.gallery.page import render_comparison
from sms_redirect.gallery.samples import Person
from sms_redirect.gallery.texts import Texts


def changed(**settings):
    return compare(document(busy()), document(gallery(**{**BUSY, **settings})))


def test_galleries_that_are_the_same_have_no_changes():
    found = changed()

    assert (found.changes, found.new_errors, found.fixed_errors) == ((), (), ())
    assert found.unchanged == 9


def test_a_text_that_changed_is_told_once_for_all_of_its_sms():
    found = changed(SmsVerificationMessage="Now {####}")

    (change,) = found.changes
    assert change.kind == "changed"
    assert [each.id for each in change.messages] == [
        "SignUp",
        "ResendCode",
        "VerifyUserAttribute",
        "UpdateUserAttribute",
        "ForgotPassword",
    ]
    assert (change.before.copy, change.after.copy) == (BUSY["SmsVerificationMessage"], "Now {####}")
    assert (change.before.segments, change.after.segments) == (2, 1)
    assert (change.before.encoding, change.after.encoding) == ("UCS-2", "GSM-7")
    assert found.unchanged == 4


def test_an_sms_that_is_no_longer_sent_is_a_change():
    found = changed(MfaConfiguration="OFF")

    (change,) = found.changes
    assert change.messages == (Sms("SmsMfa", "Sign-in, second factor", sent_before=True, sent_after=False),)


def test_a_text_that_only_a_deployment_knows_has_no_length():
    known = document(gallery(SmsAuthenticationMessage="Mine {####}"))
    unknown = document(compose(Texts(read(one_pool("SmsAuthenticationMessage: !ImportValue x\nMfaConfiguration: ON")))))

    found = compare(known, unknown)

    assert [each.code for each in found.new_errors if each.setting == "SmsAuthenticationMessage"] == ["unresolved-text"]
    (after,) = {change.after for change in found.changes if change.before.copy == "Mine {####}"}
    assert (after.copy, after.segments) == ("Known to a deployment only: !ImportValue x", 0)
    assert "| not known | unresolved-text" in markdown.of_comparison(found)
    assert "Length not known" in render_comparison(found)


def test_only_errors_that_were_not_there_are_new():
    old = document(gallery(SmsVerificationMessage="Nothing", MfaConfiguration="REQUIRED", SmsConfiguration=ROLE))
    new = document(gallery(SmsVerificationMessage="Nothing at all", SmsAuthenticationMessage="x\n{####}"))

    found = compare(old, new)

    assert [(each.code, each.setting) for each in found.new_errors] == [("line-break", "SmsAuthenticationMessage")]
    assert [(each.code, each.setting) for each in found.fixed_errors] == [("not-allowed", "MfaConfiguration")]


def test_a_line_that_moved_is_not_a_change():
    old, new = (document(gallery(SmsVerificationMessage="Nothing")) for _ in range(2))
    for error in (*new["errors"], *(each for message in new["messages"] for each in message["errors"])):
        error["line"] = 99

    assert compare(old, new).changes == ()


def test_locales_are_compared_with_their_own():
    galleries = {locale: gallery(person=Person(locale=locale)) for locale in ("de", "fr")}
    old, new = document(galleries["de"]), document(*galleries.values())

    found = compare(old, new)

    assert {change.kind for change in found.changes} == {"added"}
    assert {change.locale for change in found.changes} == {"fr"}
    assert {change.kind for change in compare(new, old).changes} == {"removed"}


# ---- saved galleries ----


def load(tmp_path, content):
    path = tmp_path / "saved.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return saved.load(path)


def test_a_saved_gallery_is_read_as_it_was(tmp_path):
    found = document(busy())

    assert load(tmp_path, found) == found


@pytest.mark.parametrize("content", ["Resources: {}", '{"Resources": {}}', "[]"])
def test_something_else_is_not_a_saved_gallery(tmp_path, content):
    assert load(tmp_path, content) is None


def test_a_gallery_of_before_there_were_errors_has_none(tmp_path):
    found = document(busy())
    del found["errors"]
    for message in found["messages"]:
        del message["errors"]

    assert compare(load(tmp_path, found), document(busy())).changes == ()


BROKEN = [
    {"schema": "sms-redirect-gallery/2"},
    {"pool": None},
    {"messages": None},
    {"messages": [5]},
    {"messages": [{"id": "SignUp"}]},
    {"messages": [{**document(busy())["messages"][0], "segments": "1"}]},
    {"messages": [{**document(busy())["messages"][0], "segments": True}]},
    {"messages": [{**document(busy())["messages"][0], "warnings": ["x"]}]},
    {"messages": [{**document(busy())["messages"][0], "locale": {}}]},
    {"errors": [{"code": "x"}]},
    {"errors": [{"code": "x", "text": "x", "setting": "x", "source": "x", "line": "1"}]},
]


@pytest.mark.parametrize(("name", "unchanged"), [("sent", 0), ("locale", 9), ("template_text", 1)])
def test_a_member_that_may_be_null_may_be_left_out(tmp_path, name, unchanged):
    content = document(busy())
    path = tmp_path / "saved.json"
    messages = [{member: value for member, value in each.items() if member != name} for each in content["messages"]]
    path.write_text(json.dumps({**content, "messages": messages}))

    assert compare(saved.load(path), content).unchanged == unchanged


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_saved_gallery_that_was_changed_by_hand_is_refused(tmp_path, broken):
    with pytest.raises(SavedGalleryError):
        load(tmp_path, document(busy()) | broken)


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    with pytest.raises(TemplateError):
        load(tmp_path, json.dumps(document(busy()))[:100])
