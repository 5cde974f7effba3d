"""The document of an email: read back as it was written, told apart from an SMS, and quiet about its code."""

import json
from pathlib import Path

import jsonschema
import pytest

from email_documents import document, email
from sms_documents import document as sms_document
from sms_documents import sms
from sms_redirect.inbox.web import openapi
from sms_redirect.messages import email as documents
from sms_redirect.messages.document import read
from sms_redirect.messages.email import Email
from sms_redirect.messages.members import members_of
from sms_redirect.messages.query import Query
from sms_redirect.messages.sms import NotAnSms, Sms

PAGE = Path(__file__).parents[3] / "docs" / "message.md"


def test_a_document_is_read_as_what_it_is():
    assert read(json.dumps(document())) == email()
    assert read(json.dumps(sms_document())) == sms()
    with pytest.raises(NotAnSms):
        Sms.from_document(document())
    with pytest.raises(NotAnSms):
        Email.from_document(sms_document())
    with pytest.raises(NotAnSms):
        read("[]")


@pytest.mark.parametrize("change", [{"email": None}, {"sent_at": "yesterday"}, {"warnings": [1]}, {"code": 5}])
def test_a_document_with_a_wrong_member_is_none(change):
    with pytest.raises(NotAnSms, match=next(iter(change))):
        Email.from_document({**document(), **change})


def test_the_schema_describes_it():
    jsonschema.validate(document(), documents.schema())
    assert openapi()["components"]["schemas"]["EmailDocument"] == documents.schema()


def test_its_words_stay_out_of_its_repr():
    shown = repr(email(493027, id="e", link="http://127.0.0.1/confirmUser?code=493027"))

    assert "493027" not in shown
    assert "alice@example.com" in shown


def test_conditions_of_an_email():
    assert Query(email="ALICE@example.com").matches(email())
    assert not Query(email="alice@example.com").matches(sms())
    assert not Query(phone_number="unknown").matches(email())
    assert Query(text="verification CODE").matches(email())


def test_the_documentation_has_the_same_members():
    members = [(name, each.kind.words, each.meaning) for name, each in members_of(Email).items()]
    table = "\n".join(f"| `{name}` | {words} | {meaning} |" for name, words, meaning in members)

    assert table in PAGE.read_text(encoding="utf-8"), f"docs/message.md should have this table:\n{table}"
