"""Asks the pool's CustomMessage function for the text, as Cognito does in production. It never gets the code.

Event and limits: the developer guide's page user-pool-lambda-custom-message.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from sms_sender import aws_errors
from sms_sender.errors import TransientError
from sms_sender.event import NO_CLIENT, SmsRequest, readable
from sms_sender.flows import Kind
from sms_sender.templates import CODE, USER_NAME, Template, utc_now

LONGEST = 140  # characters; the placeholder is as long as most codes


class CustomMessageError(Exception):
    """The function gave no usable text. The text says why, in words that follow "The CustomMessage function"."""


class CustomMessage:
    """Made once per process. `lambda_client` must not retry: the tester waits."""

    def __init__(
        self,
        lambda_client: Any,
        function_arn: str,
        now: Callable[[], datetime] = utc_now,
        iam_has_settled: Callable[[], bool] = lambda: True,
    ) -> None:
        self._lambda = lambda_client
        self._function_arn = function_arn
        self._now = now
        self._iam_has_settled = iam_has_settled

    def ask(self, request: SmsRequest, kind: Kind) -> Template | None:
        """The function's template, None if it leaves the text to the pool.

        Raises:
            CustomMessageError: it failed, took too long, or returned what Cognito refuses.
            TransientError: it may not be invoked, and the permission may be too new to count.
        """
        text = _text(self._invoke(_event(request, kind)))
        if text is None:
            return None
        if CODE not in text and not (kind == "invitation" and request.code is None):
            raise CustomMessageError(f"returned an smsMessage without {CODE}")
        if kind == "invitation" and USER_NAME not in text:
            raise CustomMessageError(f"returned an smsMessage without {USER_NAME}")
        if len(text) > LONGEST:
            raise CustomMessageError(f"returned an smsMessage of more than {LONGEST} characters")
        return Template(kind, text, "custom-message", self._now())

    def _invoke(self, event: dict[str, Any]) -> Any:
        try:
            response = self._lambda.invoke(FunctionName=self._function_arn, Payload=json.dumps(event))
            payload = json.loads(response["Payload"].read() or b"null")
        except ClientError as error:
            name = aws_errors.name(error)
            if aws_errors.is_denial(error) and not self._iam_has_settled():
                raise TransientError(
                    f"The sender may not invoke the CustomMessage function ({name}). It has just started, so the "
                    "permission may still be on its way. If it lasts, its role needs lambda:InvokeFunction on it."
                ) from None
            raise CustomMessageError(f"could not be called ({name})") from None
        except aws_errors.NO_RESPONSE as error:
            raise CustomMessageError(f"did not respond in time ({aws_errors.name(error)})") from None
        except (ValueError, RecursionError):
            raise CustomMessageError("did not return JSON") from None
        if response.get("FunctionError"):
            raise CustomMessageError("failed; its log has the error")
        return payload


def _event(request: SmsRequest, kind: Kind) -> dict[str, Any]:
    return {
        "version": "1",
        "triggerSource": f"CustomMessage_{request.flow}",
        "region": request.region,
        "userPoolId": request.user_pool_id,
        "userName": request.user_name,
        "callerContext": {
            "awsSdkVersion": request.sdk_version or "aws-sdk-unknown-unknown",
            "clientId": request.client_id or NO_CLIENT,
        },
        "request": {
            "userAttributes": dict(request.attributes),
            "codeParameter": CODE,
            "linkParameter": "{##Click Here##}",
            "usernameParameter": USER_NAME if kind == "invitation" else None,
            **({"clientMetadata": dict(request.client_metadata)} if request.client_metadata else {}),
        },
        "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    }


def _text(payload: Any) -> str | None:
    """The function's smsMessage. Null or left out is how a function leaves this text to the pool."""
    response = payload.get("response") if isinstance(payload, dict) else None
    if not isinstance(response, dict):
        raise CustomMessageError("returned no response object, which Cognito refuses")
    text = response.get("smsMessage")
    if not isinstance(text, str | None):
        raise CustomMessageError("returned an smsMessage that is not a string")
    return None if text is None else readable(text)
