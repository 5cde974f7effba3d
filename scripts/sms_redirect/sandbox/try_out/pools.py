"""Implements what the inbox asks of a sandbox's pools, through the sandbox's own API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pool_attachment.settings import SettingsModel
from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.errors import SmsInboxError
from sms_redirect.gallery import reading
from sms_redirect.gallery.errors import GalleryError
from sms_redirect.gallery.flows import Occasion, occasions
from sms_redirect.gallery.pool import Pool, at
from sms_redirect.inbox.sources import Triggered, TryOutError
from sms_redirect.messages.query import Query
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.try_out.driver import FLOWS, Driver
from sms_redirect.sandbox.try_out.people import MadeUp, make_up
from sms_sender.flows import Kind
from sms_sender.templates import CODE, SETTINGS

MOST_POOLS = 50  # newest first
CODE_TIMEOUT = 20.0  # seconds for the code of a sign-in on the way to another SMS


class SandboxPools:
    """Implements the inbox's `Pools` and `PoolWriter`. `aws` calls the sandbox; `store` is the inbox's own."""

    def __init__(self, aws: Aws, store: SmsStore) -> None:
        self._aws = aws
        self._store = store

    def pools(self) -> Sequence[Pool]:
        with explained("Listing the sandbox's user pools"):
            pages = self._cognito.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 60})
            found = [pool for page in pages for pool in page["UserPools"]]
        newest = sorted(found, key=lambda pool: pool["CreationDate"], reverse=True)[:MOST_POOLS]
        return [reading.read(self._aws, str(pool["Id"])) for pool in newest]

    def use_text(self, pool_id: str, kind: Kind, text: str) -> None:
        """UpdateUserPool resets what is left out, so every other setting goes back with the text."""
        model = SettingsModel.of(self._cognito.meta.service_model)
        with _as_try_out():
            described = self._cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
            settings: dict[str, Any] = dict(model.read(described).update)
            for path in SETTINGS[kind]:
                if path == SETTINGS[kind][0] or at(described, *path):
                    _put(settings, path, text)
            mfa = {"MfaConfiguration": described["MfaConfiguration"]} if "MfaConfiguration" in described else {}
            self._cognito.update_user_pool(UserPoolId=pool_id, **settings, **mfa)

    def send(self, pool_id: str, occasion_id: str) -> Triggered:
        with _as_try_out():
            pool = reading.read(self._aws, pool_id)
            occasion = next(each for each in occasions(pool) if each.id == occasion_id)
            _check_sent(occasion)
            user = make_up(pool)
            with self._app_client(pool_id) as client_id, self._removed(pool_id, user):
                driver = Driver(self._cognito, pool_id, client_id, self._code, _invites_with_password(pool))
                driver.drive(occasion_id, user)
                found = self._cognito.admin_get_user(UserPoolId=pool_id, Username=user.sign_in_name)
        return Triggered(occasion.flow, found["Username"], user.phone_number)

    @property
    def _cognito(self) -> Any:
        return self._aws.session.client(
            "cognito-idp", region_name=self._aws.region, endpoint_url=self._aws.endpoint_url
        )

    @contextmanager
    def _app_client(self, pool_id: str) -> Iterator[str]:
        """A client of the pool for one flow: its own ones may have a secret, or not allow the flow."""
        created = self._cognito.create_user_pool_client(
            UserPoolId=pool_id, ClientName="sms-redirect-preview", ExplicitAuthFlows=FLOWS
        )
        client_id = created["UserPoolClient"]["ClientId"]
        try:
            yield client_id
        finally:
            with suppress(ClientError):
                self._cognito.delete_user_pool_client(UserPoolId=pool_id, ClientId=client_id)

    @contextmanager
    def _removed(self, pool_id: str, user: MadeUp) -> Iterator[None]:
        """The user goes after the flow: the event of the SMS has been made by then."""
        try:
            yield
        finally:
            with suppress(ClientError):
                self._cognito.admin_delete_user(UserPoolId=pool_id, Username=user.sign_in_name)

    def _code(self, user: MadeUp) -> str:
        wanted = Query(phone_number=user.phone_number, flow="Authentication")
        entry = self._store.wait(wanted, timeout=CODE_TIMEOUT)
        if entry is None or not entry.message.code:
            raise TryOutError("The sign-in needs a code, and its SMS did not arrive.")
        return entry.message.code


def _check_sent(occasion: Occasion) -> None:
    if occasion.stops:
        reasons = "; ".join(f"{each.setting} is {each.value}. {each.remedy}" for each in occasion.stops)
        raise TryOutError(f"This pool does not send it: {reasons}")


def _invites_with_password(pool: Pool) -> bool:
    text = pool.get(*SETTINGS["invitation"][0])
    return pool.is_passwordless and (text is None or CODE in text)


def _put(settings: dict[str, Any], path: tuple[str, ...], text: str) -> None:
    *outer, last = path
    for name in outer:
        settings = settings.setdefault(name, {})
    settings[last] = text


@contextmanager
def _as_try_out() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise TryOutError(f"{error.response['Error']['Message']} ({code_of(error)})") from error
    except (BotoCoreError, SmsInboxError, GalleryError) as error:
        raise TryOutError(str(error)) from error
