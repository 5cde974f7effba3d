"""Each snippet of docs/your-app.md runs as it stands there."""

import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from docs_snippets import ROOT, snippet
from journeys import TOOLS, node_is_missing
from sms_redirect.cli.env_file import env_file

PAGE = "your-app.md"
PATIENCE = 60


@pytest.fixture
def app(own_sandbox, tmp_path):
    """A folder with the `.env.local` of a running sandbox."""
    ids = {
        "USER_POOL_ID": own_sandbox.user_pool_id,
        "USER_POOL_CLIENT_ID": own_sandbox.user_pool_client_id,
        "SMS_REDIRECT_INBOX_URL": own_sandbox.inbox_url,
    }
    with env_file(tmp_path / ".env.local", {**own_sandbox.environment, **ids}):
        yield tmp_path


@pytest.fixture
def node(app, environment):
    """Runs a snippet as the page says, beside the packages of these libraries; returns what it prints."""
    if (missing := node_is_missing()) is not None:
        pytest.skip(missing)

    def node(name, *arguments, libraries="node"):
        (app / name).write_text(snippet(PAGE, name), encoding="utf-8")
        modules = app / "node_modules"
        if not modules.exists():
            modules.symlink_to(TOOLS / libraries / "node_modules")
        command = ["node", "--env-file=.env.local", name, *arguments]
        run = subprocess.run(
            command, cwd=app, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )
        assert run.returncode == 0, run.stderr
        return run.stdout

    return node


def test_amplify(node):
    assert node("amplify.mjs", libraries="sample-app") == "CONFIRM_SIGN_IN_WITH_SMS_CODE\nsigned in\n"


def test_amplify_in_a_page_is_the_sample_apps():
    """tests/browser/test_sample_app.py runs that."""
    assert snippet(PAGE, "amplify.js") == (ROOT / "docs" / "sample-app" / "amplify.js").read_text(encoding="utf-8")


def test_amazon_cognito_identity_js(node):
    assert node("identity.mjs") == "signed in\n"


def test_the_aws_sdk_for_javascript_and_aws_jwt_verify(node):
    token = node("sdk.mjs").strip()

    assert node("verify.mjs", token).startswith("a token of sdk-")


def test_boto3_with_pytest(own_sandbox, run_pytest, tmp_path):
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    for name in ("app.py", "test_app.py"):
        (tmp_path / name).write_text(snippet(PAGE, name), encoding="utf-8")
    stack = ["--sms-stack-name", own_sandbox.stack_name, "--sms-endpoint-url", own_sandbox.endpoint_url]

    assert "1 passed" in run_pytest(tmp_path, "-q", *stack, **own_sandbox.environment)


@pytest.mark.parametrize("name", ["network_security_config.xml", "AndroidManifest.xml"])
def test_android_xml_is_well_formed(name):
    assert ET.fromstring(snippet(PAGE, f"src/debug/{'res/xml/' if 'network' in name else ''}{name}").encode())


@pytest.mark.parametrize(
    ("name", "tool", "why"),
    [
        ("Cognito.kt", "kotlinc", "the AWS SDK for Kotlin comes from Maven Central, and needs an Android project"),
        ("Cognito.swift", "swift", "the AWS SDK for Swift is built from its Git repository, with Apple's toolchain"),
    ],
    ids=["kotlin", "swift"],
)
def test_mobile_snippets(name, tool, why):
    assert snippet(PAGE, name)
    pytest.skip(f"{name} is not run: {why} ({tool} is {'here' if shutil.which(tool) else 'not installed'})")


def test_the_emulators_address_is_the_one_that_the_sandbox_is_told():
    """tests/unit/cli/test_sandbox_hosts.py holds that `--allow-host` opens it."""
    section = (ROOT / "docs" / PAGE).read_text(encoding="utf-8").partition("## Android\n")[2].partition("\n## ")[0]

    assert "sms-redirect sandbox --allow-host 10.0.2.2\n" in section
    assert 'Url.parse("http://10.0.2.2:4566")' in snippet(PAGE, "Cognito.kt")
    assert "<domain>10.0.2.2</domain>" in snippet(PAGE, "src/debug/res/xml/network_security_config.xml")
