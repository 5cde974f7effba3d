"""The one way that a message leaves: to the pool's custom sender, else in the words of CustomMessage or the pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sms_redirect.sandbox.cognito.messages import emails, sms, texts
from sms_redirect.sandbox.cognito.messages.custom_sender import SENDERS, CustomSenders
from sms_redirect.sandbox.cognito.messages.message import Email, Message
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.cognito.triggers import Triggers

EmailDoor = Callable[[Email], None]


class Outbox:
    """`deliver` puts an email into the mailbox of its recipient; links in it lead to `confirm_page`."""

    def __init__(
        self, senders: CustomSenders, triggers: Triggers, trouble: Trouble, deliver: EmailDoor, confirm_page: str
    ) -> None:
        self._senders = senders
        self._triggers = triggers
        self._trouble = trouble
        self._deliver = deliver
        self._confirm_page = confirm_page

    async def send(self, message: Message) -> None:
        """Raises CognitoError if a CustomMessage trigger fails: Cognito waits for that one."""
        trigger, _ = SENDERS[message.destination.medium]
        function_arn = message.pool.trigger(trigger)
        if function_arn is not None:
            self._senders.send(message, function_arn)
            return
        custom = await self._custom_message(message)
        if message.destination.medium == "SMS":
            self._trouble.would_reach_the_phone(message, sms.compose(message, custom))
        else:
            self._deliver(emails.compose(message, custom, self._confirm_page))

    async def _custom_message(self, message: Message) -> Mapping[str, str]:
        """What a CustomMessage trigger writes; nothing if there is none."""
        source = texts.CUSTOM_MESSAGE_SOURCES.get(message.flow)
        if source is None:
            return {}
        request = {
            "userAttributes": message.attributes,
            "codeParameter": texts.CODE,
            "linkParameter": "{##Click Here##}",
            "usernameParameter": texts.USER_NAME if message.flow == "AdminCreateUser" else None,
            "clientMetadata": dict(message.client_metadata),
        }
        empty = {"smsMessage": None, "emailMessage": None, "emailSubject": None}
        response = await self._triggers.call(
            message.pool, "CustomMessage", source, message.user.name, message.client_id, request, empty
        )
        return {name: value for name, value in (response or {}).items() if isinstance(value, str)}
