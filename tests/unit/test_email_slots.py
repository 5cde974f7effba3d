"""An address may move between Email and Email5 in any update, and stays subscribed."""

import copy
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samtranslator.yaml_helper import yaml_parse

from email_slots import Sns, Stack

TEMPLATE = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())
SLOTS = ["Email", "Email2", "Email3", "Email4", "Email5"]
ADDRESSES = ["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com", "f@example.com"]


def with_a_resource_for_each_slot():
    """As the template was at first."""
    template = copy.deepcopy(TEMPLATE)
    del template["Resources"]["Topic"]["Properties"]["Subscription"]
    for slot in SLOTS:
        resource = {"Type": "AWS::SNS::Subscription", "Properties": {"Endpoint": {"Ref": slot}}}
        template["Resources"][f"{slot}Subscription"] = resource | (
            {} if slot == "Email" else {"Condition": f"Has{slot}"}
        )
    return template


@st.composite
def slots(draw):
    """Parameters that the template's rules take: one address at least, all different, gaps allowed."""
    addresses = draw(st.permutations(ADDRESSES))[: len(SLOTS)]
    kept = [True, *draw(st.lists(st.booleans(), min_size=4, max_size=4))]
    return {slot: address for slot, address, keep in zip(SLOTS, addresses, kept, strict=True) if keep}


@given(st.lists(slots(), min_size=2, max_size=5))
def test_whoever_is_in_the_parameters_before_and_after_an_update_stays_subscribed(deployments):
    sns = Sns()
    stack = Stack(TEMPLATE, sns)
    stack.deploy(deployments[0])

    for before, after in itertools.pairwise(deployments):
        subscribed = dict(sns.subscriptions)
        stack.deploy(after)
        staying = set(before.values()) & set(after.values())
        assert {address: sns.subscriptions.get(address) for address in staying} == {
            address: subscribed[address] for address in staying
        }
        assert set(sns.subscriptions) == set(after.values())


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({"Email": "a", "Email2": "b"}, {"Email": "a", "Email3": "b"}, {"b"}),
        ({"Email": "a", "Email2": "b"}, {"Email": "b", "Email2": "a"}, {"a", "b"}),
    ],
)
def test_the_oracle_sees_what_slots_with_resources_of_their_own_lose(before, after, lost):
    sns = Sns()
    stack = Stack(with_a_resource_for_each_slot(), sns)
    stack.deploy(before)

    stack.deploy(after)

    assert set(after.values()) - set(sns.subscriptions) == lost
