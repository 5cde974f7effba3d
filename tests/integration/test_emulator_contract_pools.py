"""What the rules of user pools and stacks rely on inside the emulator, whose version is pinned for it."""

import inspect
import json
from importlib import import_module

import pytest

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import iam as emulator_iam
from sms_redirect.sandbox.emulator import stacks as emulator_stacks

pytestmark = pytest.mark.usefixtures("iam_at_once")

REGION = "us-east-1"


def parameters(function):
    return list(inspect.signature(getattr(function, "of_the_emulator", function)).parameters)


@pytest.fixture
def inside(sandbox):
    """The emulator's modules by name. It reads its settings when it is imported: not before the sandbox started."""

    def module(name):
        return import_module(f"ministack.{name}")

    return module


@pytest.fixture
def engine(inside):
    """The modules of the emulator's CloudFormation, as they are from its first use on."""
    emulator_stacks.adapt_now()
    return lambda name: inside(f"services.cloudformation.{name}")


@pytest.fixture
def here(sandbox):
    with emulator.scope(REGION):
        yield


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("_provision_resource", ["resource_type", "logical_id", "props", "stack_name"]),
        ("_delete_resource", ["resource_type", "physical_id", "props", "stack_name", "logical_id"]),
        ("_deploy_stack_async", ["stack_name", "stack_id", "template"]),
        ("_delete_stack_async", ["stack_name", "stack_id"]),
        ("_roll_back_operation", ["stack_name", "stack_id", "stack", "operation"]),
        ("_add_event", ["stack_id", "stack_name", "logical_id", "resource_type", "status", "reason", "physical_id"]),
    ],
)
def test_the_stack_engines_steps_take_what_they_are_replaced_for(engine, name, expected):
    assert parameters(getattr(engine("stacks"), name))[: len(expected)] == expected


def test_every_reference_to_a_step_is_replaced(engine):
    stacks, handlers = engine("stacks"), engine("handlers")

    assert handlers._delete_stack_async is stacks._delete_stack_async
    assert handlers._deploy_stack_async is stacks._deploy_stack_async is engine("changesets")._deploy_stack_async
    assert handlers._roll_back_operation is stacks._roll_back_operation
    for step in (stacks._delete_stack_async, stacks._provision_resource, engine("custom_resource").deliver_response):
        assert hasattr(step, "of_the_emulator")


def test_a_change_set_compares_templates_whose_references_are_resolved(engine):
    resolve = engine("changesets")._resolve_props_for_diff

    assert parameters(resolve) == ["template", "params", "stack_name", "stack_id"]
    assert hasattr(resolve, "of_the_emulator")


def test_operations_of_stacks_are_found_by_name_and_take_the_requests_parameters(engine):
    actions = engine("handlers")._ACTION_HANDLERS

    assert import_module("ministack.services.cloudformation")._ACTION_HANDLERS is actions
    for name in ("CreateStack", "UpdateStack", "CreateChangeSet"):
        assert parameters(actions[name]) == ["params"]
        assert hasattr(actions[name], "of_the_emulator")
    assert emulator_stacks.parameter({"StackName": ["one"]}, "StackName") == "one"
    assert emulator_stacks.parameter({}, "StackName", "none") == "none"


def test_the_end_of_an_update_is_announced_after_its_clean_up(session):
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Other": {"Type": "AWS::SNS::Topic"}}}
    cloudformation = session.client("cloudformation")
    stack = {"StackName": "contract-clean-up"}
    cloudformation.create_stack(**stack, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(**stack, WaiterConfig={"Delay": 0.1})
    del template["Resources"]["Other"]

    cloudformation.update_stack(**stack, TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_update_complete").wait(**stack, WaiterConfig={"Delay": 0.1})

    events = cloudformation.describe_stack_events(**stack)["StackEvents"]
    statuses = [event["ResourceStatus"] for event in reversed(events) if event["ResourceStatus"].startswith("UPDATE")]
    cloudformation.delete_stack(**stack)
    assert statuses[-2:] == ["UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]


def test_what_a_stack_makes_and_in_which_order_it_is_deleted_is_the_engines_own(sandbox):
    template = {
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role"},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Ref": "Role"}}},
            "Extra": {"Type": "AWS::SNS::Topic", "Condition": "Never"},
        },
    }

    assert emulator_stacks.made(template, {}) == {"Role", "Function"}
    stack = {"_template": template, "_conditions": {"Never": False}}
    assert emulator_stacks.dependents_first(["Role", "Gone", "Function"], stack, str) == ["Gone", "Function", "Role"]


def test_the_evaluator_gathers_policies_by_name_and_account(inside):
    evaluator = inside("core.iam_evaluator")

    assert parameters(evaluator._gather_role_policies) == ["role_name", "account_id"]
    assert parameters(evaluator._gather_user_policies) == ["user_name", "account_id"]


def test_everybodys_policies_can_be_listed_and_compared(session, here, inside):
    iam = session.client("iam")
    allow = json.dumps({"Statement": [{"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}]})
    iam.create_user(UserName="contract")
    principal = emulator_iam.Principal("user", emulator_iam.account(), "contract")
    before = emulator_iam.policies_by_principal()[principal]

    iam.put_user_policy(UserName="contract", PolicyName="send", PolicyDocument=allow)

    after = emulator_iam.policies_by_principal()[principal]
    assert before == []
    assert (
        after
        == emulator_iam.policies_by_principal()[principal]
        == [inside("core.iam_evaluator").parse_policy_document(allow)]
    )


def test_resources_are_made_by_handlers_of_known_parameters(engine):
    """Of a type that is still the engine's own: ours take the same."""
    handlers = engine("provisioners")._RESOURCE_HANDLERS["AWS::Cognito::IdentityPool"]

    assert parameters(handlers["create"]) == ["logical_id", "props", "stack_name"]
    assert parameters(handlers["update"]) == ["physical_id", "old_props", "new_props", "stack_name", "logical_id"]
    assert handlers["update_with_logical_id"] is True
    assert parameters(handlers["delete"]) == ["physical_id", "props"]


def test_the_user_pools_resources_are_ours(engine):
    handlers = engine("provisioners")._RESOURCE_HANDLERS
    ours = "sms_redirect.sandbox.pools.resources"

    for kind in ("UserPool", "UserPoolClient", "UserPoolGroup", "UserPoolUser"):
        assert handlers[f"AWS::Cognito::{kind}"]["create"].__module__ == ours


def test_some_types_are_made_in_a_thread_that_may_wait(engine):
    assert engine("stacks")._runs_on_worker_thread("AWS::Cognito::UserPoolUser")
    assert not engine("stacks")._runs_on_worker_thread("AWS::Cognito::UserPool")


def test_replacing_a_step_twice_leaves_one_replacement(engine):
    custom_resource, calls = engine("custom_resource"), []

    def counting(original):
        def step(*arguments):
            calls.append(arguments)
            return original(*arguments)

        return step

    before = custom_resource.deliver_response
    try:
        emulator_stacks.replace_step("deliver_response", counting)
        emulator_stacks.replace_step("deliver_response", counting)
        delivered = custom_resource.deliver_response("no such token", {})
    finally:
        custom_resource.deliver_response = before

    assert delivered is False
    assert len(calls) == 1


def test_dependencies_are_found_through_references_and_through_others(sandbox):
    template = {
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role"},
            "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]}}},
            "Thing": {"Type": "Custom::Thing", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]}}},
            "Other": {"Type": "AWS::SNS::Topic"},
        }
    }

    assert emulator_stacks.dependencies("Thing", template, template["Resources"]) == {"Function", "Role"}


def test_a_roles_trust_and_permissions_are_evaluated_with_conditions(session, here, inside):
    iam = session.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "cognito-idp.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "qa"}},
    }
    # Phone numbers have no ARN: everything but topics and endpoints.
    send = {"Effect": "Allow", "Action": "sns:Publish", "NotResource": "arn:aws:sns:*:*:*"}
    arn = iam.create_role(RoleName="contract", AssumeRolePolicyDocument=json.dumps({"Statement": trust}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="contract", PolicyName="send", PolicyDocument=json.dumps({"Statement": [send]}))

    role = emulator_iam.role(arn)

    assert role.record is inside("services.iam")._roles["contract"]
    assert role.trusts("cognito-idp.amazonaws.com", {"sts:ExternalId": "qa"})
    assert not role.trusts("cognito-idp.amazonaws.com", {"sts:ExternalId": "another"})
    assert not role.trusts("lambda.amazonaws.com", {"sts:ExternalId": "qa"})
    assert role.may("sns:Publish")
    assert not role.may("sns:Publish", "arn:aws:sns:us-east-1:123456789012:topic")
    assert not role.may("sqs:SendMessage")


def test_a_role_that_is_not_there_is_none(here):
    assert emulator_iam.role("arn:aws:iam::123456789012:role/nobody") is None
