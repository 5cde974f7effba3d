"""Each snippet of docs/testing.md does what it says."""

import configparser
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sms_redirect
from inbox_pages import ARGUMENTS, chromium
from sign_up_app import sign_up_app
from sms_redirect import pytest_plugin
from sms_redirect.testkit.target import SmsSandbox

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
NODE_LIBRARIES = ROOT / ".tools" / "node" / "node_modules"
SIGN_UP = """#!{python}
import sys
import boto3
print("signing up")
boto3.client("cognito-idp").sign_up(
    ClientId="{client_id}", Username="{phone}", Password="Correct-horse-7",
    UserAttributes=[{{"Name": "phone_number", "Value": "{phone}"}}],
)
"""
PLAYWRIGHT = """
export default {{
  workers: 1,
  reporter: "line",
  testMatch: "*.spec.mjs",
  use: {{ baseURL: "{address}", launchOptions: {{ executablePath: "{browser}", args: {arguments} }} }},
}};
"""


def snippet(heading, language):
    """The code of that language below a heading."""
    section = DOCS.partition(f"# {heading}\n")[2].partition("\n## ")[0]
    found = re.search(rf"^```{language}\n(.*?)^```$", section, re.DOTALL | re.MULTILINE)
    assert found, f"no {language} below {heading}"
    return found[1]


def need(program):
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")


@pytest.fixture
def place(own_sandbox, environment):
    """The environment of somebody who works with the sandbox, and has installed sms-redirect."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    client = {"CLIENT_ID": own_sandbox.user_pool_client_id, "INBOX": own_sandbox.inbox_url}
    return environment | own_sandbox.environment | client | {"PATH": path}


@pytest.fixture
def npm(own_sandbox, place, tmp_path):
    """Makes `npm run signup` sign up a number; answers the environment in which it does."""

    def npm(phone):
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir()
        script = SIGN_UP.format(python=sys.executable, client_id=own_sandbox.user_pool_client_id, phone=phone)
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
        return place | {"PATH": f"{program.parent}{os.pathsep}{place['PATH']}"}

    return npm


@pytest.fixture
def shell():
    def shell(script, environment):
        return subprocess.run(
            ["bash", "-eu", "-c", script], env=environment, capture_output=True, text=True, check=True
        ).stdout

    return shell


# ---- snippets ----


def test_the_pytest_snippet_passes(own_sandbox, run_pytest, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_sign_up.py").write_text(snippet("pytest", "python"), encoding="utf-8")
    stack = ["--sms-stack-name", own_sandbox.stack_name, "--sms-endpoint-url", own_sandbox.endpoint_url]

    assert "1 passed" in run_pytest(tmp_path, "-q", *stack, **own_sandbox.environment)


def test_the_waiting_snippet_passes(own_sandbox, monkeypatch):
    for name, value in own_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    cognito = own_sandbox.client("cognito-idp")

    def sign_up(phone):
        attributes = [{"Name": "phone_number", "Value": phone}]
        client_id = own_sandbox.user_pool_client_id
        cognito.sign_up(ClientId=client_id, Username=phone, Password="Correct-horse-7", UserAttributes=attributes)

    names = {}
    exec(compile(snippet("Waiting", "python"), "docs/testing.md", "exec"), names)
    names["test_two_users"](sign_up)


def test_the_unittest_snippet_passes(place, tmp_path):
    test = tmp_path / "test_sign_up.py"
    test.write_text(snippet("unittest", "python"), encoding="utf-8")

    run = subprocess.run([sys.executable, test], env=place, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    assert "Ran 1 test" in run.stderr


def test_the_shell_snippet_prints_the_length_of_the_code(npm, shell):
    assert shell(snippet("Shell", "sh"), npm("+12065550104")) == "The code has 6 digits\n"


def test_the_curl_snippet_prints_the_code(npm, shell):
    need("curl")
    need("jq")

    lines = shell(snippet("Any language", "sh"), npm("+12065550105")).splitlines()

    assert lines[0] == "signing up"
    assert re.fullmatch(r"\d{6}", lines[1])


@pytest.mark.browser
def test_the_playwright_snippet_passes(own_sandbox, place, tmp_path):
    need("node")
    runner = NODE_LIBRARIES / "@playwright" / "test" / "cli.js"
    browser = chromium()
    if not runner.exists() or browser is None:
        pytest.skip("@playwright/test or Chromium is not installed")
    # Beside the library, where Node looks for it.
    (tmp_path / "node_modules").symlink_to(NODE_LIBRARIES)
    (tmp_path / "sign-up.spec.mjs").write_text(snippet("Playwright", "js"), encoding="utf-8")
    with sign_up_app(own_sandbox.client("cognito-idp"), own_sandbox.user_pool_client_id) as address:
        config = PLAYWRIGHT.format(address=address, browser=browser, arguments=json.dumps(list(ARGUMENTS)))
        (tmp_path / "playwright.config.mjs").write_text(config, encoding="utf-8")
        command = ["node", runner, "test"]
        run = subprocess.run(command, cwd=tmp_path, env=place, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout


def test_the_cypress_snippet_is_javascript(tmp_path):
    need("node")
    script = tmp_path / "sign-up.cy.mjs"
    script.write_text(snippet("Cypress", "js"), encoding="utf-8")

    subprocess.run(["node", "--check", script], check=True, capture_output=True)


def test_the_cypress_snippet_passes():
    pytest.skip("Cypress comes as a binary from download.cypress.io, which no package registry has")


# ---- tables ----


def documented(heading, column=0):
    """The code in a column of the tables below a heading."""
    section = DOCS.partition(f"# {heading}\n")[2].partition("\n#")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row[column])}


def test_every_fixture_is_documented():
    marked = {
        name
        for name, value in vars(pytest_plugin).items()
        if type(value).__name__ == "FixtureFunctionDefinition" and not name.startswith("_")
    }

    assert marked
    assert marked <= documented("pytest")


def test_every_option_and_ini_setting_is_documented():
    settings = {f"sms_{name}" for name in pytest_plugin.SETTINGS} | {pytest_plugin.SANDBOX_OPTIONS}
    options = {f"--sms-{name.replace('_', '-')}" for name in pytest_plugin.SETTINGS}

    assert {name for name in documented("pytest") if name.startswith("--sms")} == options
    assert documented("pytest", column=1) & settings == settings


def test_every_error_is_documented():
    errors = {
        name
        for name in sms_redirect.__all__
        if inspect.isclass(value := getattr(sms_redirect, name)) and issubclass(value, sms_redirect.SmsInboxError)
    }

    assert errors - {"SmsInboxError"} == {name for name in documented("Waiting") if name in dir(sms_redirect.errors)}


def test_every_attribute_of_a_stack_is_documented():
    (row,) = [line for line in DOCS.splitlines() if line.startswith("| `sms_stack`")]
    (more,) = [line for line in DOCS.splitlines() if line.startswith("| `sms_sandbox`")]

    for name in ("user_pool_id", "user_pool_client_id", "topic_arn", "session"):
        assert f"`{name}`" in row
        assert name in SmsSandbox.__dataclass_fields__
    for name in ("inbox_url", "environment"):
        assert f"`{name}`" in more
        assert name in SmsSandbox.__dataclass_fields__


def test_the_sample_suites_own_settings_exist():
    """Its ini file shows settings as comments."""
    ini = configparser.ConfigParser()
    text = (Path(__file__).with_name("sample_suite") / "pytest.ini").read_text(encoding="utf-8")
    ini.read_string(re.sub(r"^# (?=sms_)", "", text, flags=re.MULTILINE))

    named = {name.removeprefix("sms_") for name in ini["pytest"] if name.startswith("sms_")}
    assert named
    assert named <= set(pytest_plugin.SETTINGS)
