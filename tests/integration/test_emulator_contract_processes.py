"""What `sandbox.emulator.processes` reaches into, at the pinned version."""

import inspect

import pytest


@pytest.fixture(autouse=True)
def running(sandbox):
    """The emulator may be imported: it is configured."""


def test_processes_are_started_through_the_modules_that_are_replaced():
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    for spawn in (lambda_runtime.Worker._spawn, lambda_runtime.ProvidedWorker._spawn):
        assert {"subprocess", "Popen"} <= set(spawn.of_the_emulator.__code__.co_names)
    assert "environ" in lambda_runtime.Worker._spawn.of_the_emulator.__code__.co_names
    assert "environ" in lambda_svc._provided_worker_env.__code__.co_names
    assert "mkdtemp" in lambda_runtime.Worker._spawn.of_the_emulator.__code__.co_names


def test_a_worker_knows_the_function_s_configuration():
    from ministack.core import lambda_runtime

    assert list(inspect.signature(lambda_runtime.Worker.__init__).parameters)[:3] == ["self", "func_name", "config"]


def test_a_process_that_ended_is_collected_by_one_function():
    from ministack.core import lambda_runtime

    assert list(inspect.signature(lambda_runtime._collect.of_the_emulator).parameters) == ["proc", "deadline"]
    assert "_collect" in lambda_runtime.kill_workers.__code__.co_names
    assert "kill_workers" in lambda_runtime.Worker.kill.__code__.co_names


def test_caches_of_code_are_named_by_two_constants(sandbox):
    from ministack.services import lambda_svc

    folder = str(sandbox._folder.path)
    assert lambda_svc._PROVIDED_CODE_CACHE.startswith(folder)
    assert lambda_svc._DOCKER_EXTRACT_CACHE.startswith(folder)
    assert "_PROVIDED_CODE_CACHE" in lambda_svc._provided_runtime_code_dir.__code__.co_names


def test_a_process_reads_events_from_its_standard_input_and_answers_on_its_standard_output():
    from ministack.core import lambda_runtime

    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    assert '_ms_msg["event"]' in script
    for name in ("request_id", "invoked_function_arn", "trace_id", "depth", "durable"):
        assert f'_ms_ctx.get("{name}"' in script
    assert '{"status": "ok", "result": result}' in script
    assert '{"status": "error", "error": str(e), "trace": traceback.format_exc()}' in script
    assert "sys.stdout = sys.stderr" in script


def test_what_a_process_logs_while_it_starts_is_read_by_one_step_in_a_thread():
    from ministack.core import lambda_runtime

    spawn = lambda_runtime.Worker._spawn.of_the_emulator
    assert {"_read_stderr", "_stderr_thread", "_stderr_queue"} <= set(spawn.__code__.co_names)
    assert "_read_stderr" not in vars(lambda_runtime.ProvidedWorker)
    assert "_read_stderr" not in lambda_runtime.ProvidedWorker._spawn.of_the_emulator.__code__.co_names


def test_an_event_is_handed_over_as_the_emulator_does_it():
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    theirs = inspect.signature(lambda_runtime.ProvidedWorker.invoke).parameters
    ours = inspect.signature(lambda_runtime.Worker.invoke).parameters
    assert set(theirs) - {"self"} <= set(ours)
    assert "worker.invoke(" in inspect.getsource(lambda_svc._execute_function_warm)
    worker = lambda_runtime.Worker("name", {}, b"")
    assert (worker._proc, worker._cold) == (None, True)
    assert worker._lock.acquire(blocking=False)
