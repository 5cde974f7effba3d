"""CustomMessage functions that answer too much, nothing, never, or something else: a clear warning, over real HTTP."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from gallery_templates import ROLE, one_pool
from sms_redirect.cli import main
from sms_redirect.gallery import reading

MEGABYTES_6 = 6 * 1024 * 1024


def text(value):
    return json.dumps({"response": {"smsMessage": value}}).encode()


@pytest.fixture
def function(tmp_path, monkeypatch):
    """Runs the gallery against a Lambda endpoint that answers as it is told; returns its result and the calls."""
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setattr(reading._ONCE, "read_timeout", 0.5)
    (tmp_path / "template.yaml").write_text(one_pool(ROLE))
    calls, ended = [], threading.Event()
    servers = []

    def run(body, headers=None, *, status=200, arguments=()):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                calls.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                if body is None:
                    ended.wait(10)
                    return
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        options = ["--template", "template.yaml", "--custom-message", "texts", "--region", "us-east-1"]
        result = CliRunner().invoke(main, ["gallery", *options, "--endpoint-url", endpoint, "--json", *arguments])
        return result, calls

    yield run
    ended.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def failures(result):
    assert result.exit_code == 0, result.stderr
    messages = json.loads(result.stdout)["messages"]
    assert {each["template_source"] for each in messages} <= {"default", "custom-message"}
    return {
        warning["text"]
        for each in messages
        for warning in each["warnings"]
        if warning["code"] == "custom-message-failed"
    }


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (text("{username} {####}" + "x" * MEGABYTES_6), "more than 140 characters"),
        (b"[" * 100_000, "did not return JSON"),
        (b"<!doctype html><title>Sign in</title>", "did not return JSON"),
        (b"", "no response object"),
        (b"[]", "no response object"),
        (text(5), "not a string"),
        (text("No place"), "without {####}"),
        (text("{####}"), "without {username}"),
        (b'{"response": {"smsMessage": "\xff"}}', "did not return JSON"),
    ],
    ids=["6 MB", "nested", "HTML", "empty", "list", "number", "no code", "no user", "not UTF-8"],
)
def test_what_a_function_returns_is_judged_and_not_executed(function, body, said):
    result, _ = function(body)

    (*_, found) = sorted(failures(result), key=lambda each: said in each)
    assert said in found


def test_hostile_text_of_a_function_stays_text(function):
    hostile = "<script>{####}</script>{username}@team"

    result, _ = function(text(hostile), arguments=["--output", "page.html"])

    assert failures(result) == set()
    assert "<script>" not in Path("page.html").read_text()


def test_a_function_that_never_responds_is_waited_for_once(function):
    result, calls = function(None)

    (found,) = failures(result)
    assert "did not respond in time" in found
    assert len(calls) == 1


def test_a_function_that_fails_names_its_log(function):
    result, calls = function(b'{"errorMessage": "secret"}', {"x-amz-function-error": "Unhandled"})

    (found,) = failures(result)
    assert "its log has the error" in found
    assert "secret" not in result.output
    assert len(calls) == 8


def test_a_function_that_may_not_be_called_says_so(function):
    result, _ = function(b'{"Message": "no"}', {"x-amzn-errortype": "AccessDeniedException"}, status=403)

    (found,) = failures(result)
    assert "could not be called (AccessDeniedException)" in found


def test_a_function_that_leaves_the_text_to_the_pool_is_no_failure(function):
    result, _ = function(text(None))

    assert failures(result) == set()


def test_every_call_is_the_one_that_cognito_would_make(function):
    _, calls = function(text(None), arguments=["--locale", "de"])

    assert {each["triggerSource"] for each in calls} == {
        f"CustomMessage_{flow}"
        for flow in (
            "SignUp",
            "ResendCode",
            "VerifyUserAttribute",
            "UpdateUserAttribute",
            "ForgotPassword",
            "Authentication",
            "AdminCreateUser",
        )
    }
    assert {each["request"]["userAttributes"]["locale"] for each in calls} == {"de"}
    assert {each["request"]["codeParameter"] for each in calls} == {"{####}"}
