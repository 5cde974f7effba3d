"""A text copied for a tool is the same text when the tool reads it."""

import json
import re
import shlex

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sms_redirect.gallery import snippets
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


@pytest.mark.parametrize("kind", KINDS)
@given(text=TEXTS)
def test_a_shell_and_the_aws_cli_read_the_same_text(kind, text):
    warning, command = snippets.of(kind, text, "us-east-1_Pool1")["cli"].split("\n", 1)

    words = shlex.split(command)
    assert warning.startswith("#")
    assert words[:4] == ["aws", "cognito-idp", "update-user-pool", "--cli-input-json"]
    request = json.loads(words[4])
    assert request.pop("UserPoolId") == "us-east-1_Pool1"
    assert at(request, SETTINGS[kind][0]) == text


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
