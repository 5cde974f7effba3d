"""Deploys template.yaml into the sandbox, as `sam deploy` would: package, create or update, wait, read the outputs."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from sms_redirect.stack import outputs_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import boto3
    from mypy_boto3_cloudformation import CloudFormationClient

# CodeUri of the template -> the package that it holds, found by import: an installed wheel deploys as a checkout does.
PACKAGES = {"functions/sender": "sms_sender", "functions/attachment": "pool_attachment"}
CODE_URI = re.compile(r"^(?P<key>\s+CodeUri:\s+)(?P<folder>\S+)\s*$", re.MULTILINE)
DATE = (1980, 1, 1, 0, 0, 0)  # of every file in a package: the same code makes the same package
WAIT = {"Delay": 0.2, "MaxAttempts": 900}


class DeployError(Exception):
    """A stack did not reach the state that was asked for; the text carries CloudFormation's reasons."""


def template_path() -> Path:
    """The template of the installed package, else that of the checkout around it."""
    installed = Path(__file__).with_name("template.yaml")
    return installed if installed.exists() else Path(__file__).parents[3] / "template.yaml"


def deploy(session: boto3.Session, stack_name: str, parameters: Mapping[str, str]) -> dict[str, str]:
    """Create the stack, or update it, with these parameters. Returns its outputs.

    Raises:
        DeployError: the stack was rolled back.
    """
    template = _packaged(session, _bucket(session, stack_name), template_path().read_text(encoding="utf-8"))
    _create_or_update(session, stack_name, template, parameters)
    return outputs(session, stack_name)


def _create_or_update(session: boto3.Session, stack_name: str, template: str, parameters: Mapping[str, str]) -> None:
    cloudformation = session.client("cloudformation")
    request: dict[str, Any] = {
        "StackName": stack_name,
        "TemplateBody": template,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }
    if _exists(cloudformation, stack_name):
        _run(cloudformation, stack_name, lambda: cloudformation.update_stack(**request), "stack_update_complete")
    else:
        _run(cloudformation, stack_name, lambda: cloudformation.create_stack(**request), "stack_create_complete")


def outputs(session: boto3.Session, stack_name: str) -> dict[str, str]:
    """The stack's outputs, key to value."""
    cloudformation: CloudFormationClient = session.client("cloudformation")
    return outputs_of(cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0])


def delete(session: boto3.Session, stack_name: str) -> None:
    """Delete the stack and wait until it is gone.

    Raises:
        DeployError: something could not be deleted.
    """
    cloudformation = session.client("cloudformation")
    stack_id = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]["StackId"]
    _run(cloudformation, stack_id, lambda: cloudformation.delete_stack(StackName=stack_id), "stack_delete_complete")
    _delete_bucket(session, _bucket_name(session, stack_name))


def _bucket(session: boto3.Session, stack_name: str) -> str:
    """The bucket of a stack's packages. It stays as long as the stack: a rollback fetches the code of before."""
    s3 = session.client("s3")
    name = _bucket_name(session, stack_name)
    if name not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=name, **_bucket_location(s3.meta.region_name))
    return name


def _bucket_name(session: boto3.Session, stack_name: str) -> str:
    account = session.client("sts").get_caller_identity()["Account"]
    return f"{stack_name.lower()}-packages-{account}"[:63]


def _delete_bucket(session: boto3.Session, name: str) -> None:
    s3 = session.client("s3")
    for entry in s3.list_objects_v2(Bucket=name).get("Contents", []):
        s3.delete_object(Bucket=name, Key=entry["Key"])
    s3.delete_bucket(Bucket=name)


def _packaged(session: boto3.Session, bucket: str, template: str) -> str:
    s3 = session.client("s3")

    def uploaded(match: re.Match[str]) -> str:
        content = _zipped(PACKAGES[match["folder"]])
        # Named by its content, so that unchanged code does not update the function.
        key = f"{hashlib.sha256(content).hexdigest()}.zip"
        s3.put_object(Bucket=bucket, Key=key, Body=content)
        return f"{match['key']}s3://{bucket}/{key}"

    return CODE_URI.sub(uploaded, template)


def _bucket_location(region: str) -> dict[str, Any]:
    # us-east-1 is the one region that must not be named.
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _zipped(package: str) -> bytes:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise DeployError(
            f"The package {package!r} is not installed beside sms_redirect. Install sms-redirect[sandbox]."
        )
    folder = Path(spec.submodule_search_locations[0])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.py")):
            name = Path(package) / path.relative_to(folder)
            archive.writestr(zipfile.ZipInfo(str(name), DATE), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _exists(cloudformation: Any, stack_name: str) -> bool:
    try:
        stacks = cloudformation.describe_stacks(StackName=stack_name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return any(stack["StackStatus"] != "DELETE_COMPLETE" for stack in stacks)


def _run(cloudformation: Any, stack_name: str, start: Callable[[], object], waiter: str) -> None:
    try:
        start()
        cloudformation.get_waiter(waiter).wait(StackName=stack_name, WaiterConfig=WAIT)
    except ClientError as error:
        raise DeployError(
            f"CloudFormation refused the stack {stack_name}: {error.response['Error']['Message']}"
        ) from error
    except WaiterError as error:
        raise DeployError(f"The stack {stack_name} failed: {_reasons(cloudformation, stack_name)}") from error


def _reasons(cloudformation: Any, stack_name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack_name)["StackEvents"]
    failed = [event for event in reversed(events) if event["ResourceStatus"].endswith("_FAILED")]
    return (
        "; ".join(f"{e['LogicalResourceId']}: {e.get('ResourceStatusReason', 'no reason given')}" for e in failed)
        or "no reason"
    )
