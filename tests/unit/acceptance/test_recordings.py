"""What the acceptance tests write down, what they must not, and how a difference is told."""

import json
from dataclasses import replace

import pytest

from real_account.recordings import FOLDER, DiffersError, Recording, SecretInRecordingError, redacted
from secret_scan import Secrets

RECORDING = Recording(
    question="guessing-a-code",
    asked="How many wrong codes?",
    settles=["docs/fidelity.md: test_guessing_ends_the_session"],
    answer={"so often": 5},
    against="sandbox",
    region="eu-west-1",
    at="2026-01-31",
    botocore="1.44.8",
)


def test_a_recording_is_one_readable_file_a_question(tmp_path):
    path = RECORDING.write(tmp_path)

    assert path.name == "guessing-a-code.json"
    assert json.loads(path.read_text()) == {
        "question": "guessing-a-code",
        "asked": "How many wrong codes?",
        "settles": ["docs/fidelity.md: test_guessing_ends_the_session"],
        "answer": {"so often": 5},
        "against": "sandbox",
        "region": "eu-west-1",
        "at": "2026-01-31",
        "botocore": "1.44.8",
    }
    assert Recording.read(tmp_path, "guessing-a-code") == RECORDING


def test_a_question_that_was_never_asked_has_no_recording(tmp_path):
    assert Recording.read(tmp_path, "guessing-a-code") is None


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("arn:aws:sns:eu-west-1:210987654321:topic", "an account id"),
        ("sent to +12065550100", "a phone number"),
        ("123456 is your code", "a code"),
        ("AKIAIOSFODNN7EXAMPLE", "an access key id"),
        ("eyJraWQiOiJhYmNkZWZnaGkifQ", "a token"),
        ("AYABeJ8xkZ0v1y7v8a9x", "a session"),
        ("11111111-2222-3333-4444-555555555555", "a UUID"),
        ("eu-west-1_AbCdEf123", "a pool's id"),
    ],
)
def test_an_answer_with_something_secret_is_refused_and_not_repeated(tmp_path, value, kind):
    with pytest.raises(SecretInRecordingError) as problem:
        replace(RECORDING, answer={"deep": [value]}).write(tmp_path)

    assert kind in str(problem.value)
    assert value not in str(problem.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("answer", ["aA1!secret-password", {"message": "no such thing: aA1!secret-password."}])
def test_an_answer_with_a_secret_of_the_run_is_refused(tmp_path, answer):
    secrets = Secrets()
    secrets.add("password", "aA1!secret-password")

    with pytest.raises(SecretInRecordingError, match="password in guessing-a-code"):
        replace(RECORDING, answer=answer).write(tmp_path, secrets)

    assert not list(tmp_path.iterdir())


def test_what_the_sandbox_answers_never_stands_among_awss_answers():
    with pytest.raises(ValueError, match="AWS's answers only"):
        RECORDING.write(FOLDER)


def test_every_recording_in_the_repository_is_awss_and_still_has_its_question():
    from real_account.questions import QUESTIONS

    names = [question.name for question in QUESTIONS]
    for path in FOLDER.glob("*.json"):
        recording = Recording.read(FOLDER, path.stem)
        assert recording.against == "aws", path.name
        assert recording.question == path.stem in names


def test_values_of_a_run_get_names_also_inside_of_texts_and_the_longer_ones_first():
    names = {"210987654321": "<account>", "arn:aws:sns:eu-west-1:210987654321:x": "<topic>", "": "<nothing>"}

    answer = redacted({"a": ["arn:aws:sns:eu-west-1:210987654321:x"], "b": "in 210987654321"}, names)

    assert answer == {"a": ["<topic>"], "b": "in <account>"}


def test_the_same_answer_is_no_difference():
    RECORDING.compare({"so often": 5})


def test_a_difference_names_the_question_and_both_answers():
    with pytest.raises(DiffersError) as problem:
        replace(RECORDING, against="aws").compare({"so often": 3})

    assert str(problem.value).splitlines() == [
        'The answers to "guessing-a-code" differ.',
        "Question: How many wrong codes?",
        "aws (2026-01-31, eu-west-1) answered: {",
        '  "so often": 5',
        "}",
        "sandbox answers now: {",
        '  "so often": 3',
        "}",
        "Settles: docs/fidelity.md: test_guessing_ends_the_session",
    ]
