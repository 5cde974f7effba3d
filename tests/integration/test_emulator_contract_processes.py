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
    for user in (lambda_runtime.kill_workers, lambda_runtime.Worker.invoke):
        assert "_collect" in user.__code__.co_names


def test_caches_of_code_are_named_by_two_constants(sandbox):
    from ministack.services import lambda_svc

    folder = str(sandbox._folder.path)
    assert lambda_svc._PROVIDED_CODE_CACHE.startswith(folder)
    assert lambda_svc._DOCKER_EXTRACT_CACHE.startswith(folder)
    assert "_PROVIDED_CODE_CACHE" in lambda_svc._provided_runtime_code_dir.__code__.co_names
