"""`--env-file`: the app's file has the sandbox's settings while it runs, and is as before afterwards."""

import stat

import click
import pytest

from sms_redirect.cli.env_file import env_file

VALUES = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "USER_POOL_ID": "us-east-1_AbCdEf123",
}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def parsed(path):
    """As dotenv reads it: of two lines with one name, the later counts."""
    lines = (line for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def test_a_new_file_has_the_values_and_their_public_twins_for_its_owner_only_and_goes(tmp_path):
    path = tmp_path / ".env.local"

    with env_file(path, VALUES):
        twins = {f"{p}{n}": VALUES[n] for p in ("VITE_", "NEXT_PUBLIC_") for n in ("AWS_ENDPOINT_URL", "USER_POOL_ID")}
        assert parsed(path) == VALUES | twins
        assert mode(path) == 0o600

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("before", ["A=1\nUSER_POOL_ID=mine\n", "A=1", "A=1\r\nB=2\r\n", "", "\n\nA=1\n\n"])
def test_what_was_there_counts_for_less_and_comes_back_to_the_byte(tmp_path, before):
    path = tmp_path / ".env.local"
    path.write_bytes(before.encode())
    path.chmod(0o644)

    with env_file(path, VALUES):
        assert parsed(path)["USER_POOL_ID"] == "us-east-1_AbCdEf123"
        assert parsed(path).get("A") == ("1" if before else None)

    assert path.read_bytes() == before.encode()
    assert mode(path) == 0o644


def test_the_block_of_a_killed_sandbox_is_replaced(tmp_path):
    path = tmp_path / ".env.local"
    path.write_text("A=1\n")
    killed = env_file(path, {"USER_POOL_ID": "old"})
    killed.__enter__()

    with env_file(path, VALUES):
        assert "old" not in path.read_text()

    assert path.read_text() == "A=1\n"


def test_an_edit_made_meanwhile_is_kept(tmp_path):
    path = tmp_path / ".env.local"
    path.write_text("A=1\n")

    with env_file(path, VALUES):
        path.write_text(f"NEW=2\n{path.read_text()}")

    assert path.read_text() == "NEW=2\nA=1\n"


def test_a_linked_file_stays_a_link(tmp_path):
    real, path = tmp_path / "real", tmp_path / ".env.local"
    real.write_text("A=1\n")
    path.symlink_to(real)

    with env_file(path, VALUES):
        assert "USER_POOL_ID" in real.read_text()

    assert path.is_symlink()
    assert real.read_text() == "A=1\n"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path, content):
    path = tmp_path / "missing" / ".env" if content is None else tmp_path / ".env"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(click.ClickException, match=r"--env-file: .* cannot be written"), env_file(path, VALUES):
        pass

    assert content is None or path.read_bytes() == content
