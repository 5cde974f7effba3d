"""The message document is described once, by `Sms`: what others say of it agrees."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms_documents import document, failed
from sms_redirect.inbox.web import openapi
from sms_redirect.messages import sms as messages
from sms_redirect.messages.members import Member, UnreadableError, as_json, members_of, schema_of
from sms_redirect.messages.sms import Sms

PAGE = Path(__file__).parents[3] / "docs" / "message.md"
OF_THE_FIRST_SENDER = (
    "id", "flow", "trigger_source", "text", "code", "phone_number", "user_name", "user_sub", "user_pool_id", "region",
    "client_id", "client_metadata", "sent_at", "encoding", "characters", "segments", "warnings", "template",
    "template_source", "failure",
)  # fmt: skip


def valid(instance, schema):
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(instance)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(messages.schema())


def test_every_field_but_the_raw_document_is_a_described_member():
    assert [field.name for field in fields(Sms)] == [*members_of(Sms), "raw"]


def test_a_member_that_older_senders_lack_may_be_missing():
    old = {name: value for name, value in document().items() if name in {*OF_THE_FIRST_SENDER, "schema"}}

    read = Sms.from_document(old)

    assert [name for name in members_of(Sms) if name not in old and getattr(read, name) is not None] == []


def test_a_blank_document_has_every_member():
    assert list(messages.document()) == ["schema", *members_of(Sms)]


@pytest.mark.parametrize("written", [document(), dict(failed().raw)], ids=["sms", "failure"])
def test_a_document_is_valid_against_the_schema(written):
    valid(written, messages.schema())


@pytest.mark.parametrize(
    "changes",
    [
        {"colour": "green"},
        {"segments": -1},
        {"flow": None},
        {"warnings": [{"code": "x"}]},
        {"failure": {"reason": "x"}},
    ],
)
def test_an_invalid_document_is_not_valid_against_the_schema(changes):
    with pytest.raises(jsonschema.ValidationError):
        valid(document() | changes, messages.schema())


def test_what_is_read_is_written_as_it_was():
    raw = document(
        warnings=[{"code": "c", "text": "t"}], client_metadata={"a": "b"}, sent_at="2026-03-01T00:00:01.000Z"
    )

    assert {"schema": messages.SCHEMA, **as_json(Sms.from_document(raw))} == raw


def test_the_api_has_the_same_members():
    described = openapi()["components"]["schemas"]

    for name in ("Message", "WholeMessage"):
        shared = {member: described[name]["properties"][member] for member in members_of(Sms)}
        assert shared == schema_of(Sms)["properties"]


def test_the_documentation_has_the_same_members():
    schema = [("schema", "text", "`sms-redirect/1`. The next number if a member changes its meaning.")]
    members = [(name, each.kind.words, each.meaning) for name, each in members_of(Sms).items()]
    table = "\n".join(f"| `{name}` | {words} | {meaning} |" for name, words, meaning in schema + members)

    assert table in PAGE.read_text(encoding="utf-8"), f"docs/message.md should have this table:\n{table}"


def test_the_documentation_lists_the_warnings_once():
    of_sms = PAGE.read_text(encoding="utf-8").partition("\n## Emails")[0]
    listed = re.findall(r"^\| ((?:`[a-z0-9-]+`(?:, )?)+) \|", of_sms, re.MULTILINE)
    codes = [code for cell in listed for code in re.findall(r"`([a-z0-9-]+)`", cell)]

    assert len(codes) == len(set(codes))


# ---- the kinds of members ----


@dataclass(frozen=True)
class Inner:
    name: Annotated[str, Member("A name.")]


@dataclass(frozen=True, kw_only=True)
class Everything:
    """One member of each kind."""

    text: Annotated[str, Member("Text.", unknown="?")]
    flag: Annotated[bool, Member("Flag.", unknown=False)]
    count: Annotated[int, Member("Count.", unknown=0)]
    time: Annotated[datetime | None, Member("Time.")]
    inner: Annotated[Inner | None, Member("Object.")]
    several: Annotated[tuple[Inner, ...], Member("List.", absent=())]
    named: Annotated[Mapping[str, Inner] | None, Member("Map.")]


inners = st.builds(Inner, st.text())
times = st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000))
values = st.builds(
    Everything,
    text=st.text(),
    flag=st.booleans(),
    count=st.integers(0, 10**9),
    time=st.none() | times,
    inner=st.none() | inners,
    several=st.lists(inners).map(tuple),
    named=st.none() | st.dictionaries(st.text(), inners),
)


def read(raw, *, strict):
    return {name: each.read(raw.get(name), strict=strict) for name, each in members_of(Everything).items()}


@given(values)
def test_every_kind_is_written_as_the_schema_says_and_read_again(value):
    written = json.loads(json.dumps(as_json(value)))

    valid(written, schema_of(Everything))
    assert Everything(**read(written, strict=True)) == value


WRONG = [
    ("text", 1), ("text", None), ("flag", "yes"), ("flag", 1), ("count", -1), ("count", True), ("count", 1.5),
    ("time", "yesterday"), ("time", 5), ("inner", "x"), ("inner", {}), ("several", {}), ("several", [{"name": 1}]),
    ("named", []), ("named", {"a": {"name": None}}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_of_another_kind_is_refused_by_reader_and_schema(name, value):
    with pytest.raises(UnreadableError):
        members_of(Everything)[name].read(value, strict=True)
    if value != "yesterday":  # checking formats is optional in JSON Schema
        with pytest.raises(jsonschema.ValidationError):
            valid(value, schema_of(Everything)["properties"][name])


def test_a_newer_document_is_read_as_far_as_possible():
    newer = {"text": 1, "flag": None, "count": -1, "time": 5, "inner": [], "several": [{"name": "a"}, 1], "named": 7}

    assert read(newer, strict=False) == {
        "text": "?",
        "flag": False,
        "count": 0,
        "time": None,
        "inner": None,
        "named": None,
        "several": (Inner("a"),),
    }


def test_a_default_is_not_shared():
    first, second = (Sms.from_document(document(client_metadata=None)) for _ in range(2))

    assert first.client_metadata == {}
    assert first.client_metadata is not second.client_metadata
