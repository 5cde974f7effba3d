"""A custom resource whose Create failed gets a Delete in the rollback.

With the physical id of its FAILED response, or one that CloudFormation makes up (docs/cognito-facts.md,
"CloudFormation"): https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-responses.html

(The emulator itself sends a failed Update back to the old properties.)
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sms_redirect.sandbox.emulator import stacks
from sms_redirect.sandbox.emulator.stacks import StackRecord, Step

CUSTOM_RESOURCE = "AWS::CloudFormation::CustomResource"
PHYSICAL_ID_LETTERS = string.ascii_uppercase + string.digits


class FailedCreates:
    """Keeps a custom resource whose Create failed in its stack, as CREATE_FAILED, for the rollback to delete."""

    def __init__(self) -> None:
        self._physical_ids: dict[tuple[str, str], str] = {}

    def listening(self, deliver_response: Step) -> Step:
        def deliver(token: str, response: Mapping[str, Any]) -> Any:
            if response.get("Status") != "FAILED":
                return deliver_response(token, response)
            if response.get("PhysicalResourceId"):
                key = str(response.get("StackId")), str(response.get("LogicalResourceId"))
                self._physical_ids[key] = str(response["PhysicalResourceId"])
            return deliver_response(token, {**response, "Reason": _reason(response)})

        return deliver

    def keeping(self, provision_resource: Step) -> Step:
        def provision(resource_type: str, logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
            stack = stacks.stack(stack_name)
            key = (stack["StackId"] if stack else "", logical_id)
            self._physical_ids.pop(key, None)
            try:
                return provision_resource(resource_type, logical_id, properties, stack_name)
            except (RuntimeError, TimeoutError):  # it reported FAILED, or never responded
                is_custom = resource_type.startswith("Custom::") or resource_type == CUSTOM_RESOURCE
                if stack is not None and is_custom:
                    stack["_resources"][logical_id] = {
                        "PhysicalResourceId": self._physical_ids.pop(key, None) or _made_up(stack_name, logical_id),
                        "ResourceType": resource_type,
                        "ResourceStatus": "CREATE_FAILED",
                        "LogicalResourceId": logical_id,
                        "Properties": properties,
                        "Attributes": {},
                        "Timestamp": datetime.now(UTC).isoformat(),
                    }
                raise

        return provision

    def deleting(self, roll_back_operation: Step) -> Step:
        """The failed resource counts as created, so the rollback deletes it, before what it depends on."""

        async def roll_back(
            stack_name: str, stack_id: str, stack: StackRecord, operation: dict[str, Any], **options: Any
        ) -> None:
            failed = operation.get("failed_logical_id")
            if stack["_resources"].get(failed, {}).get("ResourceStatus") == "CREATE_FAILED":
                operation = {**operation, "created": [*operation["created"], failed]}
            await roll_back_operation(stack_name, stack_id, stack, operation, **options)

        return roll_back


def _reason(response: Mapping[str, Any]) -> str:
    """CloudFormation's own words around those of the function, as stack events show them."""
    return (
        "Received response status [FAILED] from custom resource. Message returned: "
        f"{response.get('Reason') or 'Custom resource reported FAILED'} (RequestId: {response.get('RequestId')})"
    )


def _made_up(stack_name: str, logical_id: str) -> str:
    return f"{stack_name}-{logical_id}-{''.join(secrets.choice(PHYSICAL_ID_LETTERS) for _ in range(12))}"
