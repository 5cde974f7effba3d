"""Each permission of the template is taken away in turn: something stops working, or somebody gets in.

With --slow every removal is deployed, and the table of SECURITY.md is printed. What no deployment notices is asserted
word for word in tests/unit/test_template_permissions.py, as is everything else.
"""

from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from impatience import impatient
from permission_bench import Bench
from sms_redirect.sandbox import deploy, invocations
from template_permissions import removals

ROOT = Path(__file__).parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
REMOVALS = {removal.name: removal for removal in removals(TEMPLATE)}
# No deployment shows these: the sandbox has no replicas in other regions, and UpdateUserPool keeps MFA, as on Cognito.
ONLY_ASSERTED = {
    "AttachmentPoolPolicy: cognito-idp:ListUserPoolReplicas",
    "AttachmentPoolPolicy: cognito-idp:SetUserPoolMfaConfig",
}
ATTACHES = ("AttachmentRole", "AttachmentPoolPolicy", "WatchPolicy", "WatchPermission")


@pytest.fixture
def bench(sandbox, session, phones, iam_at_once, monkeypatch):
    """Denials count at once, and nobody waits for them to pass."""
    monkeypatch.setattr(deploy, "template_path", deploy.template_path)
    monkeypatch.setattr(deploy, "_zipped", impatient(deploy._zipped))
    monkeypatch.setattr(invocations, "RETRY_SECONDS", (0.01, 0.01))
    bench = Bench(sandbox, session, phones)
    bench.prepare()
    yield bench
    bench.clean_up()


def noticed(bench, removal):
    template = removal.from_template(TEMPLATE)
    if removal.resource in ATTACHES:
        return bench.notice_attached(template)
    return bench.notice_created(template)


def test_with_all_permissions_a_pool_of_its_own_works_and_lets_no_stranger_in(bench):
    assert bench.notice_created(TEMPLATE) is None


def test_with_all_permissions_an_existing_pool_is_redirected_and_comes_back(bench):
    assert bench.notice_attached(TEMPLATE) is None


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("SenderRole trust: trust in lambda.amazonaws.com", "cannot be assumed by Lambda"),
        ("SenderRole/publish: kms:GenerateDataKey", "sign-up: no SMS"),
        ("SenderRole/publish: sqs:SendMessage", "failure queue: "),
        ("SenderRole/publish: logs:PutLogEvents", "log: the sender's is empty"),
        ("AttachmentPoolPolicy: iam:CreateServiceLinkedRole", "deployment: "),
        ("WatchPolicy: sns:Publish", "watch: the topic did not take the notice"),
    ],
)
def test_what_the_emulator_lets_pass_is_enforced_around_it(bench, name, what):
    assert what in noticed(bench, REMOVALS[name])


@pytest.mark.slow
def test_every_removal_is_noticed_as_the_table_of_security_md_says(bench, capsys):
    found = {removal.name: noticed(bench, removal) for removal in REMOVALS.values()}

    table = [f"| {name} | {what or 'statement test'} |" for name, what in found.items()]
    with capsys.disabled():
        print("", *table, sep="\n")
    assert {name for name, what in found.items() if not what} == ONLY_ASSERTED
    page = (ROOT / "SECURITY.md").read_text().splitlines()
    assert [row for row in table if row not in page] == []
