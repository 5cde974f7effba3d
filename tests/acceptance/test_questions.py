"""What AWS alone can tell is asked there and recorded; the sandbox must give the answers that were recorded."""

import json
from dataclasses import replace

import pytest

from real_account.questions import QUESTIONS
from real_account.recordings import FOLDER, DiffersError, Recording

pytestmark = [pytest.mark.xdist_group("acceptance")]
named = {question.name: question for question in QUESTIONS}


@pytest.mark.aws
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_answer_is_recorded_and_the_sandbox_agrees_with_aws(question, world, kept, recordings):
    answer = question.answer(world)

    Recording.of(question, answer, world.account).write(recordings, kept)
    known = Recording.read(FOLDER, question.name)
    if known and world.account.against == "sandbox":
        known.compare(answer)


@pytest.mark.slow
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_an_answer_is_the_same_each_time(question, world, tmp_path):
    Recording.of(question, question.answer(world), world.account).write(tmp_path)

    Recording.read(tmp_path, question.name).compare(question.answer(world))


def test_a_difference_in_a_recording_is_told_with_the_question_and_both_answers(world, tmp_path):
    question = named["refused-password-and-code"]
    Recording.of(question, question.answer(world), world.account).write(tmp_path)
    path = tmp_path / f"{question.name}.json"
    planted = json.loads(path.read_text())
    planted["against"] = "aws"
    planted["answer"]["then"] = {"refused": "ExpiredCodeException", "message": "as planted"}
    path.write_text(json.dumps(planted))

    with pytest.raises(DiffersError) as problem:
        Recording.read(tmp_path, question.name).compare(question.answer(world))

    told = str(problem.value)
    assert question.name in told
    assert question.asked in told
    assert "as planted" in told.partition("sandbox answers now")[0]
    assert '"then": "accepted"' in told.partition("sandbox answers now")[2]


def test_a_sandbox_that_starts_to_behave_differently_is_noticed(world, running_sandbox, tmp_path, monkeypatch):
    question = named["changed-text-is-current"]
    recorded = Recording.of(question, question.answer(world), world.account)
    recorded = replace(recorded, against="aws")
    pools = running_sandbox.pools.context.store.pools
    before = pools.get(world.new.pool_id)
    monkeypatch.setattr(pools, "change", lambda *_arguments: before)  # every update is lost

    with pytest.raises(DiffersError, match='"descriptions that were old": 5'):
        recorded.compare(question.answer(world))
