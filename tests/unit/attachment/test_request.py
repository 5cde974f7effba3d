"""CloudFormation's events, the malformed ones included."""

import pytest

from fake_stack import STACK_ARN, STACK_KEY, URL, FakeStack, function_arn
from pool_attachment.errors import NotServedError, UnreadableRequestError
from pool_attachment.request import RequestType, Served
from pool_attachment.request import read_envelope as read_envelope_for
from pool_attachment.request import read_request as read_request_for
from random_pools import POOL_ID
from strict_cognito import StrictCognito

OTHER_POOL = "eu-west-1_Other"
OTHER_STACK = STACK_ARN.replace("/redirect/", "/other/")
LATER_STACK = STACK_ARN.replace("/redirect/", "/stage/")  # in the order of names, ours is between the two
SERVED = Served(STACK_ARN, function_arn("redirect"))


def read_request(event, served=SERVED):
    return read_request_for(event, served)


def read_envelope(event):
    return read_envelope_for(event, SERVED)


@pytest.fixture
def stack():
    return FakeStack(StrictCognito(), physical_id=f"sms-redirect:{POOL_ID}")


def test_a_create_says_what_is_wanted(stack):
    request = read_request(stack.event("Create", stack.properties()))

    assert request.type is RequestType.CREATE
    assert request.attachment.pool_id == POOL_ID
    assert request.attachment.key_arn == STACK_KEY
    assert request.attachment.key_is_ours
    assert request.attachment.max_users == 1000
    assert request.attachment.stack == STACK_ARN


def test_an_update_knows_the_functions_of_before_and_after(stack):
    event = stack.event("Update", stack.properties(sender="new"), stack.properties(sender="old"))

    request = read_request(event, Served(STACK_ARN, function_arn("new")))

    assert request.sender_arns == {function_arn("new")}
    assert request.former_sender_arns == {function_arn("old")}
    assert request.leaving is None


def test_an_update_to_another_pool_knows_the_one_it_leaves(stack):
    old = stack.properties(pool_id=OTHER_POOL, key="arn:aws:kms:eu-west-1:123456789012:key/before")

    leaving = read_request(stack.event("Update", stack.properties(), old)).leaving

    assert (leaving.pool_id, leaving.key_arn, leaving.key_is_ours) == (OTHER_POOL, old["KmsKeyArn"], False)


def test_a_delete_goes_by_the_physical_id(stack):
    """Should the properties be the ones of after a move, the pool of the id is still the one to restore."""
    request = read_request(stack.event("Delete", stack.properties(pool_id=OTHER_POOL)))

    assert request.attachment.pool_id == POOL_ID


def test_a_delete_with_cloudformations_own_id_goes_by_the_properties(stack):
    event = stack.event("Delete", stack.properties(), PhysicalResourceId="redirect-Attachment-1A2B3C")

    assert read_request(event).attachment.pool_id == POOL_ID


@pytest.mark.parametrize(
    ("properties", "sender"),
    [({}, "redirect"), ({"SenderFunctionArn": ""}, "redirect"), ({"SenderFunctionArn": function_arn("old")}, "old")],
)
def test_a_delete_is_about_the_function_that_it_names_or_the_stack_s_own(stack, properties, sender):
    attachment = read_request(stack.event("Delete", properties)).attachment

    assert attachment.sender_arn == function_arn(sender)
    assert (attachment.key_arn, attachment.key_is_ours, attachment.max_users) == ("", False, 0)


@pytest.mark.parametrize("properties", [{}, {"UserPoolId": "no pool"}, None])
def test_a_delete_that_names_no_pool_has_nothing_to_do(stack, properties):
    event = stack.event("Delete", properties, PhysicalResourceId="redirect-Attachment-1A2B3C")

    assert read_request(event) is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UserPoolId", "eu-west-1"),
        ("UserPoolId", None),
        ("SenderFunctionArn", "my-function"),
        ("KmsKeyArn", ""),
        ("KeyIsOurs", "maybe"),
        ("MaxPoolUsers", "many"),
        ("AllowProduction", "maybe"),
    ],
)
def test_a_property_that_cannot_be_used_is_named(stack, name, value):
    with pytest.raises(UnreadableRequestError, match=name):
        read_request(stack.event("Create", {**stack.properties(), name: value}))


def test_the_stack_is_known_from_the_event_when_no_property_says_it(stack):
    assert read_request(stack.event("Create", {**stack.properties(), "StackArn": ""})).attachment.stack == STACK_ARN


def test_an_unknown_kind_of_request_is_said(stack):
    with pytest.raises(UnreadableRequestError, match="RequestType"):
        read_request(stack.event("Recreate", stack.properties()))


def test_the_response_to_a_failed_create_has_the_pools_id(stack):
    assert read_envelope(stack.event("Create", stack.properties())).physical_id == f"sms-redirect:{POOL_ID}"


def test_the_response_to_a_failed_update_has_the_id_of_before(stack):
    event = stack.event("Update", stack.properties(pool_id=OTHER_POOL), stack.properties())

    assert read_envelope(event).physical_id == f"sms-redirect:{POOL_ID}"


@pytest.mark.parametrize("url", [None, "", 7, "file:///etc/passwd"])
def test_there_is_nobody_to_respond_to_without_a_url(stack, url):
    with pytest.raises(UnreadableRequestError, match="ResponseURL"):
        read_envelope({**stack.event("Create", {}), "ResponseURL": url})


def test_the_url_stays_out_of_the_repr(stack):
    assert URL not in repr(read_envelope(stack.event("Create", stack.properties())))


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("foreign", [{"StackId": OTHER_STACK}, {"StackId": LATER_STACK}, {"StackId": None}])
def test_the_request_of_another_stack_is_refused(stack, kind, foreign):
    with pytest.raises(NotServedError, match="serves"):
        read_request({**stack.event(kind, stack.properties()), **foreign})


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
@pytest.mark.parametrize("other", [OTHER_STACK, LATER_STACK])
def test_a_property_that_names_another_stack_is_refused(stack, kind, other):
    with pytest.raises(NotServedError, match="serves"):
        read_request(stack.event(kind, {**stack.properties(), "StackArn": other}))


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("sender", ["evil", "vile"])
def test_another_sender_is_refused(stack, kind, sender):
    with pytest.raises(NotServedError, match=f"function:{sender}"):
        read_request(stack.event(kind, stack.properties(sender=sender)))


def test_the_sender_that_a_delete_names_is_not_taken_on_trust(stack):
    request = read_request(stack.event("Delete", stack.properties(sender="theirs")))

    assert request.sender_arns == {function_arn("redirect")}
    assert request.former_sender_arns == {function_arn("theirs")}


@pytest.mark.parametrize("missing", ["STACK_ARN", "SENDER_FUNCTION_ARN"])
def test_a_function_that_does_not_know_what_it_serves_serves_nothing(missing):
    environment = {"STACK_ARN": STACK_ARN, "SENDER_FUNCTION_ARN": function_arn("redirect"), missing: ""}

    with pytest.raises(NotServedError, match=missing):
        Served.read(environment)
