"""What CloudFormation does and the emulator's does not, put around the emulator's steps.

What it does, and how we know: docs/cognito-facts.md, "CloudFormation".
"""

from __future__ import annotations

from sms_redirect.sandbox.emulator import stacks
from sms_redirect.sandbox.emulator.cloudformation import change_sets, refusals
from sms_redirect.sandbox.emulator.cloudformation.cleanup import Cleanup
from sms_redirect.sandbox.emulator.cloudformation.failed_creates import FailedCreates
from sms_redirect.sandbox.emulator.cloudformation.failed_deletes import FailedDeletes
from sms_redirect.sandbox.harshness import Harshness


def install(harshness: Harshness) -> None:
    """Teach the emulator's stack engine; again replaces what was taught before."""
    failed_creates, failed_deletes, cleanup = FailedCreates(), FailedDeletes(harshness), Cleanup(harshness)
    stacks.replace_step("deliver_response", failed_creates.listening)
    stacks.replace_step("_provision_resource", failed_creates.keeping)
    stacks.replace_step("_delete_resource", lambda original: cleanup.postponing(failed_deletes.noticing(original)))
    stacks.replace_step("_add_event", cleanup.announcing)
    stacks.replace_step("_deploy_stack_async", cleanup.ending)
    stacks.replace_step("_delete_stack_async", failed_deletes.after_delete)
    stacks.replace_step(
        "_roll_back_operation", lambda original: failed_creates.deleting(failed_deletes.after_rollback(original))
    )
    change_sets.install(harshness)
    refusals.install(harshness)
