"""The sweep ends what belongs to a run that is gone, and no stranger that has one of its numbers by now."""

import os
import subprocess
import sys

import pytest

from sms_redirect.sandbox import run_folder, watchman
from sms_redirect.sandbox.run_folder import RunFolder


@pytest.fixture(autouse=True)
def below(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


@pytest.fixture
def sleeper():
    """Starts a process with these words on its command line, in a group of its own."""
    started = []

    def start(*words):
        program = "import time; print('started', flush=True); time.sleep(60)"
        command = [sys.executable, "-c", program, *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        started.append(process)
        process.stdout.readline()  # before that, its command line may not be there yet
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def folder_of(process, folder):
    (folder / watchman.PROCESSES).mkdir(parents=True)
    (folder / watchman.PROCESSES / str(process.pid)).touch()
    return folder


def test_a_recorded_process_of_the_run_is_ended(sleeper, tmp_path):
    process = sleeper(str(tmp_path / "sms-redirect-a"))

    watchman.sweep(folder_of(process, tmp_path / "sms-redirect-a"))

    assert process.wait(10) == -9
    assert not (tmp_path / "sms-redirect-a").exists()


def test_a_stranger_with_its_number_is_not(sleeper, tmp_path):
    process = sleeper("something else")

    watchman.sweep(folder_of(process, tmp_path / "sms-redirect-a"))

    assert process.poll() is None


def test_a_run_is_private_and_leaves_nothing():
    before = os.umask(0o022)
    try:
        folder = RunFolder()
        (folder.path / "file").touch()
        modes = [(folder.path / name).stat().st_mode & 0o777 for name in ("", "file", "lock", "processes")]
        folder.remove()
        restored = os.umask(0o022)
    finally:
        os.umask(before)

    assert modes == [0o700, 0o600, 0o600, 0o700]
    assert restored == 0o022
    assert not folder.path.exists()
    assert folder._watchman.returncode == 0


def test_a_folder_without_a_lock_or_of_a_running_sandbox_is_nobody_s_to_sweep(tmp_path):
    (tmp_path / "sms-redirect-unfinished").mkdir()
    first = RunFolder()
    second = RunFolder()

    assert first.path.exists()
    assert (tmp_path / "sms-redirect-unfinished").exists()
    second.remove()
    first.remove()


def test_a_folder_whose_run_is_over_is_swept(tmp_path):
    left = tmp_path / "sms-redirect-left"
    left.mkdir()
    (left / run_folder.LOCK).touch()

    RunFolder().remove()

    assert not left.exists()


def test_a_link_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / run_folder.LOCK).touch()
    (tmp_path / "sms-redirect-link").symlink_to(elsewhere)

    RunFolder().remove()

    assert (elsewhere / run_folder.LOCK).exists()
