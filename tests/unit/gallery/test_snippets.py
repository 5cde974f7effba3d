"""A text copied for a tool is the same text when the tool reads it."""

import copy
import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pool_attachment.settings import SettingsModel
from sms_redirect.gallery import snippets
from sms_redirect.pool_rules import model
from sms_sender.templates import SETTINGS

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    [
        "${Brand}: {####}",
        "%{####}",
        'a "b" \\ c',
        "it's",
        "a\nb\t",
        "file://x",
        "{####}",
        "\u2028\x85\ufeff",
        "$$ %% $${ %%{",
    ]
)
KINDS = sorted(SETTINGS)


def at(value, path):
    for name in path:
        value = value[name]
    return value


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXTS)
def test_cloudformation_reads_the_same_text(kind, text):
    found = yaml.safe_load(snippets.of(kind, text, None)["cloudformation"])

    assert at(found, SETTINGS[kind][0]) == text


def words(kind, text, pool_id=None):
    warning, commands = snippets.of(kind, text, pool_id)["cli"].split("\n", 1)
    assert warning.startswith("#")
    return shlex.split(commands)


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXTS)
def test_a_shell_and_jq_read_the_same_text(kind, text):
    found = words(kind, text)

    assert json.loads(found[found.index("text") + 1]) == text


POOL = {
    "Id": "us-east-1_Pool1",
    "Name": "shop",
    "Arn": "arn:aws:cognito-idp:us-east-1:111122223333:userpool/us-east-1_Pool1",
    "MfaConfiguration": "OPTIONAL",
    "Policies": {"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": 3}},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 3},
    "LambdaConfig": {"PreSignUp": "arn:aws:lambda:us-east-1:111122223333:function:f"},
    "SmsConfiguration": {},
    "SmsVerificationMessage": "Old {####}",
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK", "SmsMessage": "Old {####}"},
    "UserPoolTags": {"team": "shop", "aws:cloudformation:stack-name": "shop"},
    "UserPoolTier": "PLUS",
    "EstimatedNumberOfUsers": 7,
    "CreationDate": "2026-01-01T00:00:00Z",
    "SchemaAttributes": [{"Name": "email"}],
}


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pool", [POOL, {"Id": "us-east-1_Pool1", "Name": "bare"}], ids=["busy", "bare"])
def test_the_pools_other_settings_go_back_with_the_text(kind, pool):
    """As the attachment function sends them back: UpdateUserPool resets what is left out."""
    found = words(kind, "New {####}", "us-east-1_Pool1")
    jq = found[found.index("jq") : found.index(">")]

    written = subprocess.run(jq, input=json.dumps(pool), capture_output=True, text=True, check=True)

    settings = SettingsModel.of(model.service_model()).read(copy.deepcopy(pool)).update
    expected = {name: value for name, value in settings.items() if value != {}}
    if tags := expected.pop("UserPoolTags", None):
        expected["UserPoolTags"] = {name: value for name, value in tags.items() if not name.startswith("aws:")}
    for path in SETTINGS[kind]:
        if path == SETTINGS[kind][0] or path[0] in pool:
            put(expected, path, "New {####}")
    assert json.loads(written.stdout) == {"UserPoolId": "us-east-1_Pool1", **expected}


def put(settings, path, text):
    for name in path[:-1]:
        settings = settings.setdefault(name, {})
    settings[path[-1]] = text


@pytest.mark.parametrize("kind", KINDS)
def test_the_commands_are_for_the_pool(kind):
    found = words(kind, "New {####}", "us-east-1_Pool1; rm x")

    assert found[: found.index("|")] == [
        *("aws", "cognito-idp", "describe-user-pool", "--user-pool-id", "us-east-1_Pool1; rm x"),
        *("--query", "UserPool", "--output", "json"),
    ]
    assert found[found.index("&&") + 1 :] == [
        "aws",
        "cognito-idp",
        "update-user-pool",
        "--cli-input-json",
        "file://pool.json",
    ]


def hcl(literal):
    """What a quoted string of HCL means (Terraform: Strings and Templates), for strings without templates."""
    assert not re.search(r"(?<!\$)\$\{|(?<!%)%\{", literal.replace("$$${", "").replace("%%%{", ""))
    return json.loads(literal.replace("$${", "${").replace("%%{", "%{"))


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXTS.filter(lambda text: "$${" not in text and "%%{" not in text))
def test_terraform_reads_the_same_text(kind, text):
    written = snippets.of(kind, text, None)["terraform"]

    (literal,) = re.findall(r"message = (.*)$", written, re.MULTILINE)
    assert hcl(literal) == text
    assert written.count("{\n") == written.count("}\n")
