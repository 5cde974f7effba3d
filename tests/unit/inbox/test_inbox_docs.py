"""docs/inbox.md speaks of what there is."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from sms_documents import sms
from sms_redirect.inbox import parameters, serve, web
from sms_redirect.messages import store

DOCUMENT = (Path(__file__).parents[3] / "docs" / "inbox.md").read_text(encoding="utf-8")
PATHS = {*web.openapi()["paths"], "/docs"}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"[ `5](/(?:api/[a-z/{}.]+|docs))", DOCUMENT))))
def test_each_path_exists(path):
    assert path in PATHS


def test_every_operation_that_a_test_needs_is_there():
    for path in ("/api/messages", "/api/messages/next", "/api/messages/{id}", "/api/events"):
        assert f"{path}`" in DOCUMENT or f"{path}?" in DOCUMENT


def test_the_numbers_are_the_real_ones():
    assert f"latest {store.LIMIT:,} in memory" in DOCUMENT
    assert f"({parameters.MAX_WAIT:g} at most)" in DOCUMENT
    assert f"http://127.0.0.1:{serve.USUAL_PORT}>" in DOCUMENT


def test_the_filters_are_the_real_ones():
    (listed,) = re.findall(r"^- Filters: (.*?)\.", DOCUMENT, re.MULTILINE)

    assert tuple(re.findall(r"`(\w+)`", listed)) == parameters.FILTERS


def test_the_query_of_the_example_is_understood_as_it_is_written():
    (query,) = re.findall(r"/api/messages/next\?([^\"]+)\"", DOCUMENT)
    pairs = parse_qsl(query.replace("$since", "2026-03-01T10:00:00Z"))

    understood = parameters.Parameters.parse(pairs, [*parameters.FILTERS, "since", "wait"])

    assert understood.query.matches(sms(phone_number="+12065551212"))
    assert not understood.query.matches(sms(phone_number="+12065551213"))
    assert understood.since(store.SmsStore()) is not None
    assert understood.wait == 30
