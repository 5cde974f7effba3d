"""Devices that a user's app may have remembered, and so need no second factor again.

Sources: DG/amazon-cognito-user-pools-device-tracking, API DeviceConfigurationType; texts as users published them
(boto3#4059, amplify-js#2087).
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import paging, steps
from sms_redirect.sandbox.cognito.rules import schema, srp
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import Device, User
from sms_redirect.sandbox.errors import CognitoError

# amplify-js looks for this error and the word "device", and then signs in without the key.
NO_DEVICE = ("ResourceNotFoundException", "Device does not exist.")
INVALID_KEY = ("InvalidParameterException", "Invalid device key given.")
HERE = "127.0.0.1"


def confirm_device(context: Context, call: Call) -> dict[str, Any]:
    """The device of this very sign-in: its key came with the tokens as `NewDeviceMetadata`."""
    signed = steps.signed_in(context, call)
    key, config = call.request["DeviceKey"], call.get("DeviceSecretVerifierConfig") or {}
    prompt = bool(signed.pool.get("DeviceConfiguration", "DeviceOnlyRememberedOnUserPrompt"))
    _check_verifier(config)
    now = context.clock.now()
    with context.store.transaction():
        if context.store.devices.get((signed.pool.id, key)) is not None:
            raise CognitoError("DeviceKeyExistsException", "Device already exists.")
        if not tracked(signed.pool) or key != signed.grant.device_key:
            raise CognitoError(*INVALID_KEY)
        context.store.devices.add(
            Device(
                pool_id=signed.pool.id,
                sub=signed.user.sub,
                key=key,
                group_key=group_key(key),
                created=now,
                modified=now,
                last_authenticated=now,
                confirmed=True,
                remembered=not prompt,
                name=call.get("DeviceName"),
                ip_address=HERE,
                verifier=config.get("PasswordVerifier"),
                salt=config.get("Salt"),
            )
        )
    return {"UserConfirmationNecessary": prompt}


def list_devices(context: Context, call: Call) -> dict[str, Any]:
    return _listed(context, call, steps.signed_in(context, call).user)


def admin_list_devices(context: Context, call: Call) -> dict[str, Any]:
    return _listed(context, call, steps.user_of(context, call)[1])


def get_device(context: Context, call: Call) -> dict[str, Any]:
    return {"Device": _shown(_named(context, call, _own(context, call)))}


def admin_get_device(context: Context, call: Call) -> dict[str, Any]:
    return {"Device": _shown(_named(context, call, steps.user_of(context, call)[1]))}


def forget_device(context: Context, call: Call) -> None:
    _forget(context, _named(context, call, _own(context, call)))


def admin_forget_device(context: Context, call: Call) -> None:
    _forget(context, _named(context, call, steps.user_of(context, call)[1]))


def update_device_status(context: Context, call: Call) -> dict[str, Any]:
    return _set_status(context, call, steps.signed_in(context, call).user)


def admin_update_device_status(context: Context, call: Call) -> dict[str, Any]:
    return _set_status(context, call, steps.user_of(context, call)[1])


# ---- what signing in needs ----


def tracked(pool: Pool) -> bool:
    """Any `DeviceConfiguration` turns device tracking on."""
    return pool.get("DeviceConfiguration") is not None


def new_key(pool: Pool) -> str:
    return f"{pool.region}_{uuid.uuid4()}"


def group_key(key: str) -> str:
    """Goes into the device's password; derived, so that an unconfirmed device leaves nothing behind."""
    return f"-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def known(context: Context, pool: Pool, user: User, key: str | None) -> Device | None:
    """The user's confirmed device of that key."""
    device = context.store.devices.get((pool.id, key)) if key and tracked(pool) else None
    return device if device is not None and device.sub == user.sub else None


def remembered(context: Context, pool: Pool, user: User, key: str | None) -> Device | None:
    """The same if it may prove itself: remembered, and confirmed with a verifier."""
    device = known(context, pool, user, key)
    return device if device is not None and device.remembered and device.verifier and device.salt else None


def replaces_second_factor(pool: Pool) -> bool:
    """`ChallengeRequiredOnNewDevice`: only new devices are asked for a second factor."""
    return bool(pool.get("DeviceConfiguration", "ChallengeRequiredOnNewDevice"))


def of_answer(
    context: Context, pool: Pool, user: User, given: Mapping[str, str], state: Mapping[str, Any]
) -> str | None:
    """The device key of an answer, else that of the sign-in's start.

    Raises:
        CognitoError: ResourceNotFoundException, the answer names a device that the user does not have (any more).
    """
    key = given.get("DEVICE_KEY")
    if key and tracked(pool) and known(context, pool, user, key) is None:
        raise CognitoError(*NO_DEVICE)
    return key or state.get("device_key")


def used(context: Context, device: Device) -> None:
    now = context.clock.now()
    context.store.devices.change(
        (device.pool_id, device.key), lambda current: replace(current, last_authenticated=now, ip_address=HERE)
    )


def _check_verifier(config: Mapping[str, str]) -> None:
    """Raises CognitoError for what no app could ever sign in with."""
    for name in ("PasswordVerifier", "Salt"):
        if name in config and srp.number(config[name]) is None:
            raise CognitoError("InvalidParameterException", f"DeviceSecretVerifierConfig.{name} is not valid base64.")
    if len(config) == 1:
        raise CognitoError("InvalidParameterException", "DeviceSecretVerifierConfig needs PasswordVerifier and Salt.")


def _own(context: Context, call: Call) -> User:
    # The model does not require the token of GetDevice and ForgetDevice.
    if not call.get("AccessToken"):
        raise CognitoError("InvalidParameterException", "Missing required parameter AccessToken")
    return steps.signed_in(context, call).user


def _named(context: Context, call: Call, user: User) -> Device:
    device = context.store.devices.get((user.pool_id, call.request["DeviceKey"]))
    if device is None or device.sub != user.sub:
        raise CognitoError(*NO_DEVICE)
    return device


def _listed(context: Context, call: Call, user: User) -> dict[str, Any]:
    devices = sorted(context.store.devices.where("user", user.key), key=lambda device: (device.created, device.key))
    page = paging.page(devices, call.get("Limit"), call.get("PaginationToken"))
    return {"Devices": [_shown(device) for device in page.values], "PaginationToken": page.next}


def _forget(context: Context, device: Device) -> None:
    context.store.devices.remove((device.pool_id, device.key))


def _set_status(context: Context, call: Call, user: User) -> dict[str, Any]:
    device, status = _named(context, call, user), call.get("DeviceRememberedStatus")
    if status is not None:
        now = context.clock.now()
        context.store.devices.change(
            (device.pool_id, device.key),
            lambda current: replace(current, remembered=status == "remembered", modified=now),
        )
    return {}


def _shown(device: Device) -> dict[str, Any]:
    """`DeviceType`, with the attributes that AWS's examples of GetDevice and AdminGetDevice show."""
    attributes = {
        "device_status": "valid",
        "device_name": device.name,
        "last_ip_used": device.ip_address,
        "dev:device_remembered_status": "remembered" if device.remembered else "not_remembered",
    }
    return {
        "DeviceKey": device.key,
        "DeviceAttributes": schema.shown({name: value for name, value in attributes.items() if value is not None}),
        "DeviceCreateDate": device.created,
        "DeviceLastModifiedDate": device.modified,
        "DeviceLastAuthenticatedDate": device.last_authenticated,
    }
