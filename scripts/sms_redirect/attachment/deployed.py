"""A deployed stack, as far as attaching needs to know it."""

from __future__ import annotations

from dataclasses import dataclass

from sms_redirect import stack
from sms_redirect.aws import Aws
from sms_redirect.errors import UnusableStack

# Everything else is still on its way, or was never completely deployed.
_READY = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}


@dataclass(frozen=True)
class Deployed:
    """`pool_id` is None if the stack created a pool of its own. `custom_message_arn` is empty if it was not given."""

    name: str
    arn: str
    status: str
    pool_id: str | None
    sender_arn: str
    key_arn: str
    key_is_ours: bool
    max_users: int
    custom_message_arn: str
    allow_production: bool

    @classmethod
    def read(cls, aws: Aws, name: str) -> Deployed:
        """By its name or ARN.

        Raises:
        NoSuchStack: there is none of that name.
        UnusableStack: it is not sms-redirect's, was not completely deployed, or is being changed.
        NotAllowed, CannotReachAws
        """
        found = stack.described(aws, name)
        outputs = stack.outputs_of(found)
        parameters = {each["ParameterKey"]: each.get("ParameterValue", "") for each in found.get("Parameters", [])}
        arn, status = found.get("StackId", ""), found["StackStatus"]
        if "UserPoolId" not in parameters or "MaxPoolUsers" not in parameters:
            raise UnusableStack(f"The stack {name!r} is not an sms-redirect stack: it has no parameter UserPoolId.")
        if status not in _READY or not {"SenderFunctionName", "KmsKeyArn"} <= set(outputs):
            raise UnusableStack(f"The stack {name!r} is {status}. {_what_to_do(status, name)}")
        _, partition, _, region, account, _ = arn.split(":", 5)
        return cls(
            name=name,
            arn=arn,
            status=status,
            pool_id=parameters["UserPoolId"] or None,
            sender_arn=f"arn:{partition}:lambda:{region}:{account}:function:{outputs['SenderFunctionName']}",
            key_arn=outputs["KmsKeyArn"],
            key_is_ours=not parameters.get("KmsKeyArn"),
            max_users=int(parameters["MaxPoolUsers"]),
            custom_message_arn=parameters.get("CustomMessageFunctionArn", ""),
            allow_production=parameters.get("AllowProduction") == "yes",
        )


def how_to_delete(status: str, name: str) -> str:
    """The command that deletes a stack of that status, once its pool is restored.

    After DELETE_FAILED the attachment's function may be gone, and nothing else can answer for that resource
    (docs/cognito-facts.md, "CloudFormation").
    """
    if status == "DELETE_FAILED":
        return f"aws cloudformation delete-stack --stack-name {name} --retain-resources Attachment"
    return f"sam delete --stack-name {name}"


def _what_to_do(status: str, name: str) -> str:
    if status.endswith("IN_PROGRESS"):
        return "Wait until that is done."
    if status == "DELETE_FAILED":
        return (
            f"Restore its pool (sms-redirect detach --user-pool-id ID), delete what is left of it "
            f"({how_to_delete(status, name)}) and deploy it again."
        )
    if status in {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED"}:
        return f"Delete it ({how_to_delete(status, name)}) and deploy it again."
    return "Deploy it again first."
