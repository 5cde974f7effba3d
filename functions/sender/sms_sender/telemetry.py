"""What the logs and metrics tell: ids and flows. Never a code, a password, a text or an event."""

from __future__ import annotations

import json
import logging
import time
import traceback

from sms_sender.errors import SenderError
from sms_sender.event import SmsRequest
from sms_sender.findings import Failure

logger = logging.getLogger("sms_sender")
logger.setLevel(logging.INFO)

# At the level DEBUG, botocore logs the bodies of requests and responses: data keys and texts. The Encryption SDK logs
# each error with its traceback; here every error is logged once.
for name, level in {"botocore": logging.INFO, "urllib3": logging.INFO, "aws_encryption_sdk": logging.CRITICAL}.items():
    logging.getLogger(name).setLevel(level)

NAMESPACE = "SmsRedirect"


def published(request: SmsRequest, identity: str, shown: object) -> None:
    """An SMS is information. A failure is an error, and one more for the metric FailedSms of the pool."""
    if not isinstance(shown, Failure):
        logger.info("sms redirected", extra=_ids(request) | {"sms_id": identity})
        return
    details = {"sms_id": identity, "reason": shown.reason, "hint": shown.hint}
    logger.error("sms not shown", extra=_ids(request) | details)
    print(json.dumps(_metric(request)))  # noqa: T201 - the embedded metric format is a line of standard output


def left_to_lambda(request: SmsRequest, error: SenderError) -> None:
    """An error that is raised: Lambda retries, and then puts the event into the failure queue."""
    logger.error("sms left to a retry", extra=_ids(request) | {"error": type(error).__name__, "reason": str(error)})


def bug(request: SmsRequest, error: Exception) -> Failure:
    """An error that nobody thought of. Its text is not logged, as it may quote anything; where it happened is."""
    where = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    name = type(error).__name__
    logger.error("bug", extra=_ids(request) | {"error": name, "where": where})
    return Failure(f"A bug in sms-redirect ({name}).", "The sender's log says where. Please report it.")


def _ids(request: SmsRequest) -> dict[str, object]:
    return {"flow": request.flow, "user_pool_id": request.user_pool_id, "user_sub": request.user_sub}


def _metric(request: SmsRequest) -> dict[str, object]:
    """In the embedded metric format.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """
    metrics = {
        "Namespace": NAMESPACE,
        "Dimensions": [["UserPoolId"]],
        "Metrics": [{"Name": "FailedSms", "Unit": "Count"}],
    }
    return {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metrics]},
        "UserPoolId": request.user_pool_id or "unknown",
        "Flow": request.flow,
        "FailedSms": 1,
    }
