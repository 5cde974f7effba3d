"""What `sandbox.emulator.keys` and `sandbox.emulator.refusals` reach into, at the pinned version."""

import inspect

import pytest


@pytest.fixture(autouse=True)
def running(sandbox):
    """The emulator may be imported: it is configured."""


def test_one_function_tells_the_root_user_s_keys_and_it_is_ours(sandbox):
    from ministack.core import iam_evaluator
    from ministack.services import sts

    for is_root in (iam_evaluator.is_root_access_key, sts.is_root_access_key):
        assert is_root(sandbox.access_key.id)
        assert not is_root("test")
        assert not is_root("123456789012")
    assert "is_root_access_key" in iam_evaluator.resolve_credential.__code__.co_names


def test_keys_that_were_given_out_are_found_by_their_id():
    from ministack.core import iam_evaluator
    from ministack.services import iam, sts

    assert isinstance(sts._sessions, dict)
    assert iam._access_keys.get_scoped("123456789012", None, "none") is None
    assert isinstance(
        iam_evaluator.resolve_credential("none", "123456789012", ""), iam_evaluator.CredentialResolutionError
    )
    fields = iam_evaluator.ResolvedCredential.__dataclass_fields__
    assert {"secret_access_key", "session_token"} <= set(fields)


def test_functions_get_their_keys_from_one_place():
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    spawn = lambda_runtime.Worker._spawn
    assert "execution_credentials" in getattr(spawn, "of_the_emulator", spawn).__code__.co_names
    assert "execution_credentials" in lambda_svc._provided_worker_env.__code__.co_names
    assert lambda_runtime.execution_credentials is lambda_svc.execution_credentials


def test_links_to_code_are_made_by_two_functions():
    from ministack.services import lambda_svc

    assert list(inspect.signature(lambda_svc._presigned_code_url.of_the_emulator).parameters) == ["func_name"]
    assert list(inspect.signature(lambda_svc._layer_content_url.of_the_emulator).parameters) == [
        "layer_name",
        "version",
    ]


def test_a_refusal_is_worded_by_service():
    from ministack.core import iam_actions

    assert iam_actions._SERVICE_PROTOCOL["sns"] == "query-xml"
    assert {"InvalidClientTokenId", "SignatureDoesNotMatch", "MissingAuthenticationToken", "IncompleteSignature",
            "RequestTimeTooSkewed", "RequestExpired", "CredentialDateMismatch", "ExpiredTokenException",
            "UnsupportedSignature"} <= set(iam_actions._AUTH_FAILURES)  # fmt: skip
