"""Asks the pool's CustomMessage function for the text, as Cognito does in production. It never gets the code.

Event and limits: the developer guide's page user-pool-lambda-custom-message.
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from sms_sender import answers
from sms_sender.event import NO_CLIENT, SmsRequest
from sms_sender.flows import Kind
from sms_sender.templates import Template

LONGEST = 140  # characters; the placeholder is as long as most codes
_CODE = "{####}"
_USERNAME = "{username}"


class CustomMessage:
    """Made once per process. `lambda_client` must not retry: the tester waits."""

    def __init__(self, lambda_client: Any, function_arn: str) -> None:
        self._lambda = lambda_client
        self._function_arn = function_arn

    def ask(self, request: SmsRequest, kind: Kind) -> Template | str:
        """The function's template, or why there is none, in words that follow "The CustomMessage function"."""
        try:
            answer = self._lambda.invoke(FunctionName=self._function_arn, Payload=json.dumps(_event(request, kind)))
            payload = json.loads(answer["Payload"].read() or b"null")
        except ClientError as problem:
            return f"could not be called ({answers.name(problem)})"
        except answers.NO_ANSWER as problem:
            return f"did not answer in time ({answers.name(problem)})"
        except (ValueError, RecursionError):
            return "did not answer with JSON"
        if answer.get("FunctionError"):
            return "failed; its log has the error"
        return _template(payload, kind)


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
            "codeParameter": _CODE,
            "linkParameter": "{##Click Here##}",
            "usernameParameter": _USERNAME if kind == "invitation" else None,
            **({"clientMetadata": dict(request.client_metadata)} if request.client_metadata else {}),
        },
        "response": {"smsMessage": None, "emailMessage": None, "emailSubject": None},
    }


def _template(payload: Any, kind: Kind) -> Template | str:
    response = payload.get("response") if isinstance(payload, dict) else None
    text = response.get("smsMessage") if isinstance(response, dict) else None
    if text is None:
        return "returned no smsMessage"
    if not isinstance(text, str):
        return "returned an smsMessage that is no text"
    if _CODE not in text:
        return f"returned an smsMessage without {_CODE}"
    if kind == "invitation" and _USERNAME not in text:
        return f"returned an smsMessage without {_USERNAME}"
    if len(text) > LONGEST:
        return f"returned an smsMessage of more than {LONGEST} characters"
    return Template(kind, text, "custom-message")
