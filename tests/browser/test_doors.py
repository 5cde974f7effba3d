"""A page on the web, or of another server on this machine, does not reach the sandbox; a web app gets what it needs.

Chromium keeps public sites from fetching what is on the machine, but not from sending it a form.
"""

import html
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import boto3
import pytest
from botocore.config import Config

from inbox_pages import browser, chromium
from sites import Site

pytest.importorskip("playwright", reason="playwright is not installed: uv sync --group browser")

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PROGRAM = Path(sys.executable).with_name("sms-redirect")
STACK = "evil"
CODE = "def handler(event, context):\n    open({path!r}, 'w').close()\n"
ALLOW = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}


@pytest.fixture(scope="module")
def local():
    """A site of another server on this machine."""
    with Site() as site:
        yield site


@pytest.fixture(scope="module")
def public():
    """A site that the browser takes for one on the web."""
    with Site("evil.example") as site:
        yield site


@pytest.fixture(scope="module")
def own_app():
    """The site of the person who started the sandbox."""
    with Site("localhost") as site:
        yield site


@pytest.fixture(scope="module")
def sandbox(own_app):
    command = [PROGRAM, "sandbox", "--port", "0", "--inbox-port", "0", "--json", "--allow-origin", own_app.origin]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield json.loads(process.stdout.readline())
        process.send_signal(signal.SIGINT)


@pytest.fixture
def session(sandbox, monkeypatch):
    for name, value in sandbox["environment"].items():
        monkeypatch.setenv(name, value)
    return boto3.Session()


@pytest.fixture(scope="module")
def chromium_that_knows_both(local, public):
    executable = chromium()
    if executable is None:
        pytest.skip("no Chromium found: install the package chromium to run the browser tests")
    with browser(
        executable,
        "--host-resolver-rules=MAP evil.example 127.0.0.1",
        f"--ip-address-space-overrides=127.0.0.1:{public.port}=public",
    ) as running:
        yield running


@pytest.fixture
def visit(chromium_that_knows_both):
    """Opens a site's page and waits until everything that it does is over; with `sends`, until it has sent something.

    Answers the tab and, for each request to the sandbox, its status: None if the page was not let see it.
    """
    context = chromium_that_knows_both.new_context()

    def visit(site, page, *, sends=False):
        site.page = f"<!doctype html><meta charset=utf-8>{page}"
        tab, answers = context.new_page(), []
        tab.on("response", lambda response: answers.append((response.url, response.status)))
        tab.on("requestfailed", lambda request: answers.append((request.url, None)))
        tab.on("console", lambda message: answers.extend(_refused(message)))
        tab.goto(site.origin)
        tab.wait_for_load_state("networkidle")
        if sends:  # a frame may begin later than the page is idle
            until = time.monotonic() + 10
            while not any(not url.startswith(site.origin) for url, _ in answers) and time.monotonic() < until:
                tab.wait_for_timeout(50)
        return tab, [status for url, status in answers if not url.startswith(site.origin)]

    yield visit
    context.close()


def _refused(message):
    """What a sandboxed frame's process was refused: Playwright sees no request of it, only Chromium's console line."""
    found = re.search(r"responded with a status of (\d+)", message.text)
    return [(message.location["url"], int(found[1]))] if found else []


@pytest.fixture
def stack_fields(tmp_path):
    """A stack whose function leaves a file when it runs, as CloudFormation's API takes it in a form."""
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": ALLOW}},
        "Function": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Code": {"ZipFile": CODE.format(path=str(tmp_path / "ran"))},
            },
        },
        "Runs": {
            "Type": "Custom::Runs",
            "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}, "ServiceTimeout": 1},
        },
    }
    return {
        "Action": "CreateStack",
        "Version": "2010-05-15",
        "StackName": STACK,
        "Capabilities.member.1": "CAPABILITY_IAM",
        "TemplateBody": json.dumps({"Resources": resources}),
    }


# A key that everyone knows. Without any the emulator behind the door would refuse by itself.
KEY = urlencode(
    {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "test/20260101/us-east-1/cloudformation/aws4_request",
    }
)


def form(endpoint, fields, attributes=""):
    inputs = "".join(f"<input name={name} value='{html.escape(value)}'>" for name, value in fields.items())
    submit = "<script>document.forms[0].submit()</script>"
    return f"<form method=post action='{endpoint}/?{KEY}' {attributes}>{inputs}</form>{submit}"


def framed(endpoint, fields):
    inner = html.escape(form(endpoint, fields))
    return f'<iframe sandbox="allow-forms allow-scripts" srcdoc="{inner}"></iframe>'


def script(text):
    def page(endpoint, fields):
        url, encoded = json.dumps(f"{endpoint}/?{KEY}"), json.dumps(urlencode(fields))
        return f"<script>const url = {url}, fields = {encoded};{text}</script>"

    return page


ATTACKS = {
    "a form that submits itself": form,
    "a form as text": lambda endpoint, fields: form(endpoint, fields, "enctype=text/plain"),
    "a form in a sandboxed frame": framed,
    "an image": lambda endpoint, fields: f"<img src='{endpoint}/?{KEY}&{urlencode(fields)}'>",
    "a frame": lambda endpoint, fields: f"<iframe src='{endpoint}/?{KEY}&{urlencode(fields)}'></iframe>",
    "a script": lambda endpoint, fields: f"<script src='{endpoint}/?{KEY}&{urlencode(fields)}'></script>",
    "a navigation": script("location = `${url}&${fields}`"),
    "a beacon": script("navigator.sendBeacon(url, new URLSearchParams(fields))"),
    "a fetch without CORS": script(
        "fetch(url, {method: 'POST', mode: 'no-cors', body: new URLSearchParams(fields)})"
    ),
    "a fetch": script(
        "fetch(url, {method: 'POST', body: fields, "
        "headers: {'content-type': 'application/x-www-form-urlencoded; charset=utf-8'}})"
    ),
    "a fetch with a key that is no secret": script(
        "fetch(url.split('?')[0], {method: 'POST', body: fields, headers: {"
        "'content-type': 'application/x-www-form-urlencoded', authorization: "
        "'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, "
        "SignedHeaders=host, Signature=00', 'x-amz-date': '20260101T000000Z'}})"
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("kind", ["public", "local"])
def test_no_page_makes_a_stack_or_runs_its_code(request, kind, attack, visit, sandbox, session, stack_fields, tmp_path):
    site = request.getfixturevalue(kind)

    _, answers = visit(site, ATTACKS[attack](sandbox["endpoint_url"], stack_fields), sends=kind == "local")

    stacks = session.client("cloudformation").list_stacks()["StackSummaries"]
    assert STACK not in [stack["StackName"] for stack in stacks]
    assert answers or kind == "public", "nothing was sent, and it is not Chromium that keeps local pages from it"
    assert set(answers) <= {403, None}
    assert not (tmp_path / "ran").exists()


def test_the_form_of_a_public_page_does_arrive(visit, public, sandbox, stack_fields):
    """Chromium does not stop it, so that the sandbox has to."""
    _, answers = visit(public, form(sandbox["endpoint_url"], stack_fields))

    assert 403 in answers


@pytest.mark.parametrize("path", ["/_sandbox/mails", "/_sandbox/clock", "/_ministack/health", "/oauth2/authorize"])
def test_no_other_page_reads_what_is_there(visit, local, sandbox, path):
    tab, _ = visit(local, "")

    read = tab.evaluate("url => fetch(url).then(r => r.text(), e => 'failed')", sandbox["endpoint_url"] + path)

    assert read == "failed" or path.startswith("/oauth2")


CALL = """
async ([endpoint, operation, body]) => {
    const response = await fetch(endpoint, {
        method: 'POST',
        headers: {'content-type': 'application/x-amz-json-1.1',
                  'x-amz-target': 'AWSCognitoIdentityProviderService.' + operation},
        body: JSON.stringify(body),
    });
    return [response.status, await response.json()];
}
"""


def test_a_web_app_of_any_origin_signs_up(visit, local, sandbox):
    tab, _ = visit(local, "")
    request = {
        "ClientId": sandbox["user_pool_client_id"],
        "Username": "browser",
        "Password": "Passw0rd!",
        "UserAttributes": [{"Name": "phone_number", "Value": "+12065550143"}],
    }

    status, answer = tab.evaluate(CALL, [sandbox["endpoint_url"], "SignUp", request])
    refused, error = tab.evaluate(CALL, [sandbox["endpoint_url"], "SignUp", request])

    assert (status, answer["CodeDeliveryDetails"]["DeliveryMedium"]) == (200, "SMS")
    assert (refused, error["__type"]) == (400, "UsernameExistsException")


def test_an_administrator_s_call_is_not_for_pages(visit, local, sandbox):
    tab, _ = visit(local, "")

    call = [sandbox["endpoint_url"], "ListUserPools", {"MaxResults": 1}]

    assert tab.evaluate(f"call => ({CALL})(call).then(String, () => 'failed')", call) == "failed"


def test_a_page_reads_the_keys_of_a_pool(visit, local, sandbox):
    tab, _ = visit(local, "")
    url = f"{sandbox['endpoint_url']}/{sandbox['user_pool_id']}/.well-known/jwks.json"

    assert tab.evaluate("url => fetch(url).then(r => r.json())", url)["keys"]


def test_only_the_origin_that_was_named_uses_s3(visit, local, own_app, sandbox, session):
    s3 = session.client("s3", config=Config(signature_version="s3v4"))
    s3.create_bucket(Bucket="uploads")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "uploads", "Key": "a"})
    put = "url => fetch(url, {method: 'PUT', body: 'content'}).then(r => r.status, () => 'failed')"

    refused = visit(local, "")[0].evaluate(put, url)
    allowed = visit(own_app, "")[0].evaluate(put, url)

    assert (refused, allowed) == ("failed", 200)
    assert s3.get_object(Bucket="uploads", Key="a")["Body"].read() == b"content"
