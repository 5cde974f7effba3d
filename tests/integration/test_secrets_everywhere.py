"""The long scan: a sandbox in a process of its own at debug level, every command of ours, and each kind of failure."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3
import pytest

from every_flow import FIRST, EveryFlow
from secret_scan import Secrets, files, processes
from sms_redirect.demo.existing_pool import ExistingPool
from sms_redirect.sandbox import deploy

pytestmark = pytest.mark.slow

HELPERS = Path(__file__).parents[1] / "helpers"
PROGRAM = str(Path(sys.executable).with_name("sms-redirect"))
NUMBER = "+12065550171"
TOKEN = "a-token-for-this-inbox"
USERS = {"GITHUB_TOKEN": "ghp_a-token-of-the-user", "SMS_REDIRECT_SMTP_PASSWORD": "the-relay's-password"}
PATIENCE = 120
DENY = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
FAILING_TESTS = """
    import os, subprocess, sys

    def sign_up(number):
        subprocess.run([sys.executable, os.environ["SIGN_UP"], os.environ["CLIENT_ID"], number], check=True)

    def test_that_waits_for_another_number(sms_inbox):
        sign_up("+12065550181")
        sms_inbox.wait_for("+12065550182", timeout=3)

    def test_that_fails_with_the_sms_at_hand(sms_inbox):
        sign_up("+12065550183")
        sms = sms_inbox.wait_for("+12065550183", timeout=30)
        assert sms.flow == "ForgotPassword", sms
"""


class Run:
    """A sandbox, what it and the commands of the run print, and what is seen of its processes."""

    def __init__(self, folder, secrets):
        self.folder, self.secrets, self.places = folder, secrets, {}
        for name in ("home", "temporary"):
            (folder / name).mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "TMPDIR": str(folder / "temporary"),
            "SMS_REDIRECT_TOKEN": TOKEN,
        }

    @contextmanager
    def sandbox(self):
        """It runs while the block does; what it printed is a place afterwards."""
        command = [sys.executable, HELPERS / "debugged_sandbox.py", self.folder / "urls", "--port", "0", "--json"]
        with (
            (self.folder / "err").open("wb") as err,
            subprocess.Popen(
                [*command, "--inbox-port", "0", "--auto-confirm", "--no-limits"],
                env=self.environment | USERS, stdout=subprocess.PIPE, stderr=err,
            ) as process,
        ):  # fmt: skip
            watched = threading.Thread(target=self._watch, args=(process,), daemon=True)
            try:
                self.ready = json.loads(process.stdout.readline())
                watched.start()
                yield
                self.places |= files(self.folder / "temporary", "the run's file")
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(PATIENCE)
        watched.join()
        self.places["stderr of the sandbox"] = (self.folder / "err").read_bytes()

    def _watch(self, process):
        while process.poll() is None:
            self.places |= {
                name: content
                for name, content in processes(process.pid).items()
                if not name.startswith("environ of the sandbox")  # its user's own
            }
            time.sleep(0.2)  # a poll: processes come and go

    def command(self, name, *arguments, program=(PROGRAM,), **environment):
        """Run it, and keep what it printed."""
        done = subprocess.run(
            [*program, *arguments], env=self.environment | self.ready["environment"] | environment,
            cwd=self.folder, capture_output=True, check=False, timeout=PATIENCE,
        )  # fmt: skip
        self.places |= {f"stdout of {name}": done.stdout, f"stderr of {name}": done.stderr}
        return done

    def ask(self, url, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.loads(response.read() or b"null")

    def control(self, path, body=None):
        return self.ask(f"{self.ready['endpoint_url']}/_sandbox/{path}", body)

    def sms(self, number, flow):
        query = urlencode({"phone_number": number, "flow": flow, "wait": 60, "since": self.cursor})
        message = self.ask(f"{self.ready['inbox_url']}/api/messages/next?{query}")
        self.cursor = message["cursor"]
        return message

    def forget(self):
        self.cursor = self.ask(f"{self.ready['inbox_url']}/api/messages")["cursor"]

    @property
    def stack(self):
        return self.ready["user_pool_id"], self.ready["user_pool_client_id"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    secrets = Secrets()
    secrets.add("token of the inbox", TOKEN)
    secrets.add("secret of the user", *USERS.values())
    run = Run(tmp_path_factory.mktemp("secrets"), secrets)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        with run.sandbox():
            for name, value in run.ready["environment"].items():
                patch.setenv(name, value)
            secrets.add("the run's secret key", run.ready["environment"]["AWS_SECRET_ACCESS_KEY"])
            run.session = boto3.Session()
            run.cognito = secrets.watch(run.session.client("cognito-idp"))
            run.forget()
            everything(run)
            collect(run)
    return run


def everything(run):
    pool_id, client_id = run.stack
    EveryFlow(run.cognito, pool_id, client_id, run.sms, run.secrets).run(NUMBER)
    failures(run)
    attached_and_detached(run)
    commands(run)


def sign_up(run, number, client_id=None):
    attributes = [{"Name": "phone_number", "Value": number}]
    run.cognito.sign_up(
        ClientId=client_id or run.stack[1], Username=f"user{number}", Password=FIRST, UserAttributes=attributes,
    )  # fmt: skip


def failures(run):
    """Of the sender, of its permissions, of its event, of the topic's policy."""
    run.control("sender", {"mode": "fail", "times": 3})
    sign_up(run, "+12065550172")
    run.sms("+12065550172", "SignUp")
    functions, iam = run.session.client("lambda"), run.session.client("iam")
    sender = next(each for each in functions.list_functions()["Functions"] if "Sender" in each["FunctionName"])
    for number, action in enumerate(("kms:Decrypt", "cognito-idp:DescribeUserPool", "sns:Publish")):
        deny = {**DENY, "Statement": [DENY["Statement"][0] | {"Action": action}]}
        role = sender["Role"].rpartition("/")[2]
        iam.put_role_policy(RoleName=role, PolicyName="deny", PolicyDocument=json.dumps(deny))
        sign_up(run, f"+120655501{90 + number}")
        run.sms(f"+120655501{90 + number}", "SignUp")
        iam.delete_role_policy(RoleName=role, PolicyName="deny")
    functions.invoke(FunctionName=sender["FunctionName"], Payload=b'{"request": {"code": "bm9uc2Vuc2U="}}')
    functions.update_function_configuration(FunctionName=sender["FunctionName"], Timeout=1)
    sign_up(run, "+12065550173")
    functions.update_function_configuration(FunctionName=sender["FunctionName"], Timeout=sender["Timeout"])
    location = functions.get_function(FunctionName=sender["FunctionName"])["Code"]["Location"]
    run.secrets.add("pre-signed URL", urlsplit(location).query)
    run.session.client("sns").subscribe(
        TopicArn=run.ready["topic_arn"], Protocol="email-json", Endpoint="json@example.com"
    )


def attached_and_detached(run):
    """A stack on a pool of somebody else's; it is refused first."""
    pool = ExistingPool.create(run.session)
    parameters = {"Email": "qa@example.com", "UserPoolId": pool.id}
    run.cognito.admin_create_user(UserPoolId=pool.id, Username="first", MessageAction="SUPPRESS")
    with pytest.raises(deploy.DeployError):
        deploy.deploy(run.session, "refused", parameters | {"MaxPoolUsers": "0"})
    run.command("plan", "plan", "--user-pool-id", pool.id)
    deploy.deploy(run.session, "attached", parameters)
    sign_up(run, "+12065550174", pool.client_id)
    run.secrets.add("code", run.sms("+12065550174", "SignUp")["code"])
    run.command("attach", "attach", "--stack-name", "attached", "--yes")
    deploy.delete(run.session, "attached")
    run.command("detach", "detach", "--user-pool-id", pool.id, "--yes")
    assert pool.changed_settings() == []


SIGN_UP_SCRIPT = """
import sys, boto3
boto3.client("cognito-idp").sign_up(
    ClientId=sys.argv[1], Username="wait" + sys.argv[2], Password=sys.argv[3],
    UserAttributes=[{"Name": "phone_number", "Value": sys.argv[2]}],
)
"""


def commands(run):
    pool_id, client_id = run.stack
    script = run.folder / "sign_up.py"
    script.write_text(SIGN_UP_SCRIPT.replace("sys.argv[3]", repr(FIRST)))
    number = "+12065550175"
    waited = run.command("wait", "wait", "--phone-number", number, "--", sys.executable, str(script), client_id, number)
    run.secrets.add("code", waited.stdout.decode().strip())
    run.sms(number, "SignUp")
    number = "+12065550176"
    run.command("wait in vain", "wait", "--phone-number", "+12065550177", "--timeout", "2", "--",
                sys.executable, str(script), client_id, number)  # fmt: skip
    run.command("gallery", "gallery", "--user-pool-id", pool_id, "--output", str(run.folder / "gallery.html"))
    run.places["the gallery"] = (run.folder / "gallery.html").read_bytes()
    run.command("doctor", "doctor", "--json")
    with inbox(run):
        sign_up(run, "+12065550178")
        run.sms("+12065550178", "SignUp")
    suite = run.folder / "suite"
    suite.mkdir()
    (suite / "test_failing.py").write_text(textwrap.dedent(FAILING_TESTS))
    run.command(
        "pytest", "-q", "-p", "no:cacheprovider", str(suite), "--sms-stack-name", run.ready["stack_name"],
        "--sms-endpoint-url", run.ready["endpoint_url"], "--log-level", "DEBUG", "-vv",
        program=(sys.executable, "-m", "pytest"), CLIENT_ID=client_id, SIGN_UP=str(script),
    )  # fmt: skip
    assert b"2 failed" in run.places["stdout of pytest"]


@contextmanager
def inbox(run):
    """`sms-redirect inbox` over the same stack."""
    process = subprocess.Popen(
        [PROGRAM, "inbox", "--port", "0", "--json"], env=run.environment | run.ready["environment"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    url = json.loads(process.stdout.readline())["inbox_url"]
    yield
    run.ask(f"{url}/api/messages")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    run.places |= {"stdout of inbox": out, "stderr of inbox": err}


def collect(run):
    """The codes of all messages, the tokens of all links, and what the functions logged."""
    mails = run.control("mails")["mails"]
    links = [word for mail in mails for word in mail["body"].split() if "Token=" in word]
    tokens = [token for link in links for token in parse_qs(urlsplit(link).query).get("Token", [])]
    run.secrets.add("subscription token", *tokens)
    run.secrets.add("response URL", *(run.folder / "urls").read_text().split())
    for message in run.ask(f"{run.ready['inbox_url']}/api/messages?limit=1000")["messages"]:
        if message["code"]:
            run.secrets.add("code" if message["code"].isdigit() else "temporary password", message["code"])
    logs = run.session.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        lines = [event["message"] for page in pages for event in page["events"]]
        run.places[f"the log {group['logGroupName']}"] = "\n".join(lines).encode()


def test_every_kind_of_secret_occurred(run):
    assert {kind: len(values) for kind, values in run.secrets.kinds.items() if not values} == {}
    assert set(run.secrets.kinds) >= {
        "AccessToken", "IdToken", "RefreshToken", "Session", "code", "password", "pre-signed URL", "response URL",
        "secret of the user", "subscription token", "temporary password", "the run's secret key", "token of the inbox",
    }  # fmt: skip


def test_every_place_was_looked_at(run):
    kinds = {name.partition(" of ")[0].split(" /")[0] for name in run.places}

    assert len(run.places) > 50
    assert {"stdout", "stderr", "cmdline", "environ", "the log", "the gallery"} <= kinds
    assert any(name.startswith("the run's file") for name in run.places)
    assert b"DEBUG" in run.places["stderr of the sandbox"]
    assert b"DEBUG" in run.places["stdout of pytest"]
    assert all(run.places[f"stderr of {name}"] for name in ("the sandbox", "wait in vain"))


def test_no_secret_is_where_it_does_not_belong(run):
    meant = [
        ("code", "stdout of wait"),  # that is what it is for
        ("token of the inbox", "stdout of inbox"),  # told to whoever starts it
    ]

    assert "\n".join(run.secrets.found_in(run.places, except_for=meant)) == ""
