"""What a person should know beside the change itself. Reads only; what may not be read is said, and stops nothing."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from pool_attachment.aws_errors import FAILURES
from pool_attachment.plan import Plan
from pool_attachment.settings import Settings
from pool_attachment.tags import RedirectTags
from sms_redirect.attachment.deployed import Deployed, how_to_delete
from sms_redirect.aws import DENIED, Aws, code_of

_GONE = {"ResourceNotFoundException", "NotFoundException", "ValidationError"}


def of_custom_message(settings: Settings, deployed: Deployed | None) -> str | None:
    """Whether the pool's CustomMessage function is the one that the stack asks for texts."""
    own = settings.lambda_config.get("CustomMessage")
    given = deployed.custom_message_arn if deployed else ""
    if own and own == given:
        return f"Texts are asked of the pool's own CustomMessage function {own} (CustomMessageFunctionArn)."
    if given:
        return (
            f"CustomMessageFunctionArn is {given}, but the pool's own CustomMessage function is {own or 'not set'}: "
            "emails may show other texts than phones would."
        )
    if own:
        return (
            f"The pool has a CustomMessage function, {own}, and CustomMessageFunctionArn is empty: emails show the "
            f"pool's templates instead. Deploy with CustomMessageFunctionArn={own} to show its texts."
        )
    return None


def of_move(pool_id: str, deployed: Deployed | None) -> str | None:
    """The stack is somewhere else now."""
    if deployed is None or deployed.pool_id == pool_id:
        return None
    if deployed.pool_id:
        return (
            f"The stack {deployed.name} redirects {deployed.pool_id} now. Deployed with UserPoolId={pool_id}, it "
            f"moves, and {deployed.pool_id} is restored."
        )
    return (
        f"The stack {deployed.name} created a pool of its own. Deployed with UserPoolId={pool_id}, it deletes that "
        "pool with all its users: use a second stack."
    )


def no_redirect(settings: Settings) -> Plan:
    sender = settings.sms_sender_arn
    its_own = f"Its custom SMS sender is {sender}." if sender else "It has no custom SMS sender."
    return Plan(done=f"User pool {settings.pool_id} carries no redirect; there is nothing to take off. {its_own}")


def of_what_became(aws: Aws, settings: Settings, tags: RedirectTags, plan: Plan) -> tuple[str, ...]:
    """Of the stack, its function, the function from before and the key."""
    found = (
        _of_stack(aws, tags.stack or tags.attaching, settings.pool_id),
        _of_function(aws, tags.sender, "The redirect's function {} no longer exists: the pool's SMS reached nobody."),
        _of_function(
            aws,
            tags.previous.arn if tags.previous else None,
            "The previous SMS sender {} no longer exists. It is restored all the same: set another one on the pool.",
        ),
        _of_key(aws, settings.key, plan),
    )
    return tuple(filter(None, found))


def _of_stack(aws: Aws, arn: str | None, pool_id: str) -> str | None:
    if not arn:
        return None
    found = _read(aws, "cloudformation", "describe_stacks", f"the stack {arn}", StackName=arn)
    if isinstance(found, str):
        return found
    if found is None or not found["Stacks"] or found["Stacks"][0]["StackStatus"] == "DELETE_COMPLETE":
        return f"The stack {arn} was deleted."
    stack = found["Stacks"][0]
    name, status = stack["StackName"], stack["StackStatus"]
    if status in {"DELETE_FAILED", "ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "CREATE_FAILED"}:
        return f"The stack {name} is {status}: delete it afterwards ({how_to_delete(status, name)})."
    parameters = {each["ParameterKey"]: each.get("ParameterValue") for each in stack.get("Parameters", [])}
    if parameters.get("UserPoolId") != pool_id:
        return f"The stack {name} ({status}) redirects {parameters.get('UserPoolId') or 'a pool of its own'} by now."
    return (
        f"The stack {name} ({status}) is still deployed for this pool. `sms-redirect attach --stack-name {name}` puts "
        "the redirect on again; deleting the stack leaves the pool alone."
    )


def _of_function(aws: Aws, arn: str | None, gone: str) -> str | None:
    if not arn:
        return None
    found = _read(aws, "lambda", "get_function_configuration", f"the function {arn}", FunctionName=arn)
    if isinstance(found, str):
        return found
    return gone.format(arn) if found is None else None


def _of_key(aws: Aws, key: str | None, plan: Plan) -> str | None:
    if not key:
        return None
    stays = "KMSKeyID" in (plan.request or {}).get("LambdaConfig", {}) or plan.request is None
    found = _read(aws, "kms", "describe_key", f"the KMS key {key}", KeyId=key)
    if isinstance(found, str):
        return found
    if found is None:
        return f"KMS key {key} does not exist." + (" Set another one on the pool." if stays else "")
    state = found["KeyMetadata"].get("KeyState")
    if state == "Enabled":
        return None
    date = found["KeyMetadata"].get("DeletionDate")
    when = f" ({date:%Y-%m-%d})" if state == "PendingDeletion" and date else ""
    if not stays:
        return f"KMS key {key} is {state}{when}; it is taken off the pool, and left as it is."
    cancel = f"aws kms cancel-key-deletion --key-id {key}; " if state == "PendingDeletion" else ""
    return (
        f"KMS key {key} is {state}{when}, and stays on the pool. Nothing is cancelled here. To keep it: "
        f"{cancel}aws kms enable-key --key-id {key}"
    )


def _read(aws: Aws, service: str, operation: str, what: str, **request: str) -> Any:
    """The response; None if it does not exist; a sentence if it could not be read."""
    try:
        client: Any = aws.session.client(service, region_name=aws.region, endpoint_url=aws.endpoint_url)  # type: ignore[call-overload]
        return getattr(client, operation)(**request)
    except FAILURES as error:
        reason = type(error).__name__
        if isinstance(error, ClientError):
            if code_of(error) in _GONE:
                return None
            reason = "the credentials do not allow it" if code_of(error) in DENIED else code_of(error)
        return f"Whether {what} still exists could not be checked: {reason}."
