"""docs/troubleshooting.md names what there is: outputs, parameters, commands, log messages, sources of texts."""

import re
from pathlib import Path
from typing import get_args

import pytest
from click import Context
from samtranslator.yaml_helper import yaml_parse

from sms_redirect.cli import main
from sms_sender import telemetry, templates

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/troubleshooting.md").read_text()
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())


def test_every_output_that_it_reads_is_one_of_the_stack():
    read = set(re.findall(r"\$\(output (\w+)\)", PAGE))

    assert read <= set(TEMPLATE["Outputs"])
    assert {"SenderLogGroupName", "AttachmentLogGroupName", "FailureQueueUrl"} <= read


@pytest.mark.parametrize(
    "parameter", ["AlarmEmail", "AttachAgain", "CustomMessageFunctionArn", "PermissionsBoundaryArn"]
)
def test_the_parameters_that_it_names_are_there(parameter):
    assert parameter in TEMPLATE["Parameters"]
    assert f"`{parameter}" in PAGE


def test_every_command_that_it_names_is_there():
    assert set(re.findall(r"sms-redirect (\w+) ", PAGE)) <= set(main.list_commands(Context(main)))


def test_the_log_messages_are_those_of_the_sender():
    source = Path(telemetry.__file__).read_text()
    [table] = re.findall(r"\| the log says .*?\n\n", PAGE, re.DOTALL)
    messages = re.findall(r"\| `(.+?)` \|", table)

    assert messages
    assert all(f'"{message}"' in source for message in messages)


def test_every_source_of_a_text_is_explained():
    assert set(re.findall(r"^\| `\(([\w-]+)\)` \|", PAGE, re.MULTILINE)) == set(get_args(templates.Source))


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\((\w+\.md)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
    for anchor in re.findall(r"\]\(#([\w-]+)\)", PAGE):
        headings = {
            line.removeprefix("## ").lower().replace(" ", "-") for line in PAGE.splitlines() if line[:3] == "## "
        }
        assert anchor in headings
