"""Every private thing of the emulator that `sandbox.emulator` relies on, at the pinned version.

A red test here after an update of ministack names what moved.
"""

import asyncio
import inspect
import json
import threading
from importlib.metadata import requires, version

import pytest
from botocore.exceptions import ClientError

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.emulator import iam
from sms_redirect.sandbox.emulator.kms import Kms


@pytest.fixture(autouse=True)
def running(sandbox):
    """The emulator may be imported: it is configured."""


def parameters(function):
    return list(inspect.signature(function).parameters)


def test_the_emulator_is_pinned_exactly():
    pinned = [requirement for requirement in requires("sms-redirect") if requirement.startswith("ministack")]

    assert pinned
    assert all(f"ministack=={version('ministack')}" in requirement for requirement in pinned)


def test_a_service_is_a_replaceable_handler_of_five_arguments():
    from ministack import app

    assert {"cognito-idp", "sns"} <= set(app.SERVICE_HANDLERS)
    assert app.AUTH is True
    handler = inspect.signature(app._lazy_handler("sns"))
    assert list(handler.parameters) == ["method", "path", "headers", "body", "query_params"]


def test_iam_asks_one_function_for_the_condition_keys_of_a_request():
    from ministack.core import iam_actions

    encrypted = json.dumps({"EncryptionContext": {"userpool-id": "us-east-1_A"}}).encode()

    keys = iam_actions.request_tag_context("kms", "kms:Decrypt", encrypted, {})

    assert keys["kms:encryptioncontext:userpool-id"] == "us-east-1_A"
    assert iam_actions.request_tag_context("sqs", "sqs:SendMessage", b"", {}) == {}


def test_iam_asks_one_function_for_the_resource_of_a_request():
    from ministack.core import iam_actions

    def resource(parameters):
        return iam_actions.extract_resource_arn("sns", "POST", "/", {}, b"", parameters, "us-east-1", "123456789012")

    topic = "arn:aws:sns:us-east-1:123456789012:topic"
    assert resource({"ResourceArn": [topic]}) == resource({"TopicArn": [topic]}) == topic
    assert resource({}) == "*"


def test_operations_on_tags_of_a_user_pool_name_it_on_every_path():
    from ministack.core import iam_actions

    def resource(document):
        body = json.dumps(document).encode()
        return iam_actions.extract_resource_arn("cognito-idp", "POST", "/x", {}, body, {}, "us-east-1", "123456789012")

    pool = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_A"
    assert resource({"ResourceArn": pool}) == resource({"UserPoolId": "us-east-1_A"}) == pool
    assert resource({}) == resource([]) == "*"


def test_policies_are_parsed_by_one_function_and_ours_hands_out_lists_of_its_own(sandbox):
    from ministack.core import iam_evaluator

    text = json.dumps({"Statement": {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*"}})
    parsed = iam_evaluator.parse_policy_document(text)

    assert parsed == iam_evaluator.parse_policy_document.of_the_emulator(text) != []
    parsed.clear()
    assert iam_evaluator.parse_policy_document(text) != []
    assert iam_evaluator.parse_policy_document(json.loads(text)) == iam_evaluator.parse_policy_document(text)


def test_where_a_request_comes_from_is_pinned(sandbox):
    from ministack.core import iam_evaluator

    before = iam_evaluator._request_origin.get()
    with iam.called_from("10.1.2.3"):
        context = iam_evaluator.EvalContext("", "", "", "", "*", "")
        assert (context.source_ip, context.secure_transport) == ("10.1.2.3", True)
    assert iam_evaluator._request_origin.get() == before


def test_a_region_is_a_scope(session, stack):
    name = stack["SenderFunctionName"]
    arn = session.client("lambda").get_function(FunctionName=name)["Configuration"]["FunctionArn"]

    with emulator.scope("us-east-1"):
        assert emulator.current_region() == "us-east-1"
        assert emulator_lambda.function_record(arn)
    with emulator.scope("eu-west-1"):
        assert emulator.current_region() == "eu-west-1"


def test_functions_keep_policy_and_event_invoke_config_beside_the_code(session, stack):
    arn = session.client("lambda").get_function(FunctionName=stack["SenderFunctionName"])["Configuration"][
        "FunctionArn"
    ]

    statements = emulator_lambda.function_policy(arn)
    config = emulator_lambda.event_invoke_config(arn)

    assert statements[0]["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
    assert config["MaximumRetryAttempts"] == 2
    assert config["DestinationConfig"]["OnFailure"]["Destination"].startswith("arn:aws:sqs:")


def test_a_given_up_event_goes_to_its_destination_in_lambdas_record_if_the_role_may_send_it(session, stack):
    sqs, url = session.client("sqs"), stack["FailureQueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    function = session.client("lambda").get_function_configuration(FunctionName=stack["SenderFunctionName"])[
        "FunctionArn"
    ]
    record = {"errorMessage": "why"}

    with emulator.scope("us-east-1"):
        sent = emulator_lambda.send_to_failure_destination(arn, function, {"the": "event"}, record)
        refused = emulator_lambda.send_to_failure_destination(f"{arn}-other", function, {"the": "event"}, record)

    assert (sent, refused) == (True, False)
    message = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    found = json.loads(message["Body"])
    assert found["requestPayload"] == {"the": "event"}
    assert found["responsePayload"] == {"errorMessage": "why"}
    assert found["requestContext"]["condition"] == "RetriesExhausted"


def test_the_workers_of_functions_can_be_ended():
    from ministack.core import lambda_runtime

    assert parameters(lambda_runtime.reset) == []


def test_logs_of_a_function_are_written_by_one_step():
    from ministack.services import cloudwatch_logs, lambda_svc

    original = lambda_svc._emit_lambda_logs.of_the_emulator
    assert parameters(original)[:3] == ["func", "request_id", "log_text"]
    assert hasattr(cloudwatch_logs, "_log_groups")


def test_invocations_wait_in_threads_of_ours_with_the_context_of_the_request():
    from ministack.services import lambda_svc

    async def where():
        with emulator.scope("eu-west-1"):
            return await asyncio.gather(
                *(
                    lambda_svc.run_reentrant(region_and_thread, "a", thread_name="ministack-lambda-invoke")
                    for _ in range(3)
                )
            )

    meeting = threading.Barrier(3)  # all at once: none waits for another's thread

    def region_and_thread(argument):
        meeting.wait(10)
        return argument, emulator.current_region(), threading.current_thread().name.partition("_")[0]

    assert asyncio.run(where()) == [("a", "eu-west-1", "invocation")] * 3
    assert "await run_reentrant(_execute_function_with_config_scope" in inspect.getsource(lambda_svc._invoke)


def test_data_keys_are_made_without_a_request(session):
    key = session.client("kms").create_key()["KeyMetadata"]["Arn"]
    request = {"KeyId": key, "NumberOfBytes": 32, "EncryptionContext": {"userpool-id": "us-east-1_A"}}

    made = Kms("us-east-1").generate_data_key(**request)

    opened = session.client("kms").decrypt(
        CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"userpool-id": "us-east-1_A"}
    )
    assert opened["Plaintext"] == made["Plaintext"]
    with pytest.raises(ClientError, match="NotFoundException"):
        Kms("eu-west-1").generate_data_key(**request)


def test_codes_are_encrypted_without_a_request(session):
    key = session.client("kms").create_key()["KeyMetadata"]["Arn"]

    made = Kms("us-east-1").encrypt(KeyId=key, Plaintext=b"a code", EncryptionContext={"userpool-id": "us-east-1_A"})

    opened = session.client("kms").decrypt(
        CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"userpool-id": "us-east-1_A"}
    )
    assert opened["Plaintext"] == b"a code"


def test_it_does_without_docker_and_asks_no_service_about_127_0_0_1(sandbox):
    from ministack import app
    from ministack.services import lambda_svc

    assert lambda_svc._docker_available is False
    assert list(inspect.signature(app._resolve_custom_domain_request.of_the_emulator).parameters) == ["host", "path"]
    assert app._resolve_custom_domain_request("127.0.0.1:4566", "/") is None
