"""Forgotten, reset and changed passwords."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import migration, steps
from sms_redirect.sandbox.cognito.flows.sign_up import after_confirmation
from sms_redirect.sandbox.cognito.rules import factors, passwords, srp
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.state.codes import RECOVERY, Purpose
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import Status, User
from sms_redirect.sandbox.errors import CognitoError

INCORRECT = ("NotAuthorizedException", "Incorrect username or password.")


async def forgot_password(context: Context, call: Call) -> dict[str, Any]:
    pool, client = steps.app_call(context, call)
    name = call.request["Username"]
    await migration.migrate(context, call, pool, client.id, name, None)
    user = steps.user_named(context, pool, name)
    if user is None:
        if not client.hides_unknown_users:
            raise CognitoError(*steps.NOT_IN_CLIENT)
        if factors.recovery_mechanisms(pool) == ["admin_only"]:
            raise CognitoError(*factors.ADMIN_ONLY)  # as everybody else is told
        medium = _usual_medium(pool)
        return {"CodeDeliveryDetails": steps.simulated_destination(name, medium=medium).details}
    _check_may_reset(user)
    destination = factors.recovery(pool, user)
    context.limits.count(call.operation, user.key)
    return {"CodeDeliveryDetails": await _send(context, call, pool, user, destination, client.id)}


async def confirm_forgot_password(context: Context, call: Call) -> dict[str, Any]:
    pool, client = steps.app_call(context, call)
    user = steps.user_named(context, pool, call.request["Username"])
    if user is None:
        if not client.hides_unknown_users:
            raise CognitoError(*steps.NOT_IN_CLIENT)
        raise CognitoError("CodeMismatchException", "Invalid verification code provided, please try again.")
    context.limits.count(call.operation, user.key)
    destination = factors.recovery(pool, user)
    purpose, code, password = _purpose(user, destination), call.request["ConfirmationCode"], call.request["Password"]
    context.codes.check(purpose, code)
    check_new(pool, user, password)  # a refused password leaves the code as it was
    with context.store.transaction():
        context.codes.use(purpose, code)
        user = put(context, pool, user, password, status="CONFIRMED")
    await after_confirmation(context, call, pool, user, client.id, "ConfirmForgotPassword")
    return {}


async def admin_reset_user_password(context: Context, call: Call) -> dict[str, Any]:
    pool, user = steps.user_of(context, call)
    _check_may_reset(user)
    destination = factors.recovery(pool, user)
    user = steps.change(context, user, lambda current: replace(current, status="RESET_REQUIRED"))
    await _send(context, call, pool, user, destination, None)
    return {}


def admin_set_user_password(context: Context, call: Call) -> dict[str, Any]:
    """A temporary password starts its validity anew. No message is sent."""
    pool, user = steps.user_of(context, call)
    password = call.request["Password"]
    check_new(pool, user, password)
    status: Status = "CONFIRMED" if call.get("Permanent") else "FORCE_CHANGE_PASSWORD"
    put(context, pool, user, password, status=status)
    return {}


def change_password(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    pool, user = signed.pool, signed.user
    previous, proposed = call.get("PreviousPassword"), call.request["ProposedPassword"]
    if user.password is not None and not is_right(pool, user, previous or ""):
        raise CognitoError(*INCORRECT)
    check_new(pool, user, proposed)
    put(context, pool, user, proposed, status=user.status)
    return {}


# ---- what other flows need ----


def is_right(pool: Pool, user: User, password: str) -> bool:
    return user.password is not None and srp.is_password(user.password, srp_name(pool), user.name, password)


def srp_name(pool: Pool) -> str:
    """How SRP names a pool."""
    return pool.id.partition("_")[2]


def check_new(pool: Pool, user: User, password: str) -> None:
    """Raises CognitoError if the pool's policy forbids it as this user's next password."""
    passwords.check(pool, password)
    size = int(passwords.policy_of(pool).get("PasswordHistorySize") or 0)
    former = [*user.former_passwords, *([user.password] if user.password else [])][-size:] if size else []
    if any(srp.is_password(each, srp_name(pool), user.name, password) for each in former):
        raise CognitoError("PasswordHistoryPolicyViolationException", "Password has previously been used.")


def put(context: Context, pool: Pool, user: User, password: str, *, status: Status) -> User:
    """Give the user another password; a temporary one if that is what `status` says."""
    new = srp.new_password(srp_name(pool), user.name, password)
    size = int(passwords.policy_of(pool).get("PasswordHistorySize") or 0)
    temporary_at = context.clock.now() if status == "FORCE_CHANGE_PASSWORD" else None

    def changed(current: User) -> User:
        former = (*current.former_passwords, *((current.password,) if current.password else ()))
        return replace(
            current,
            password=new,
            former_passwords=former[-size:] if size else (),
            status=status,
            temporary_password_at=temporary_at,
        )

    return steps.change(context, user, changed)


async def _send(  # noqa: PLR0917 - what a code is about
    context: Context, call: Call, pool: Pool, user: User, destination: Destination, client_id: str | None
) -> dict[str, str]:
    purpose = _purpose(user, destination)
    return await context.send_code(
        call, pool, user, "ForgotPassword", purpose, destination, client_id=client_id, valid_for=RECOVERY
    )


def _purpose(user: User, destination: Destination) -> Purpose:
    return ("recovery", *user.key, destination.attribute, destination.address)


def _check_may_reset(user: User) -> None:
    if not user.enabled:
        raise CognitoError(*steps.DISABLED)
    if user.status == "FORCE_CHANGE_PASSWORD":
        raise CognitoError("NotAuthorizedException", "User password cannot be reset in the current state.")


def _usual_medium(pool: Pool) -> str:
    """Where most users of the pool would get their code: what its recovery names first."""
    mechanisms = pool.get("AccountRecoverySetting", "RecoveryMechanisms") or []
    first = min(mechanisms, key=lambda mechanism: int(mechanism["Priority"]), default=None)
    if first is not None:
        return "EMAIL" if first["Name"] == "verified_email" else "SMS"
    return "SMS" if "phone_number" in pool.auto_verified else "EMAIL"
