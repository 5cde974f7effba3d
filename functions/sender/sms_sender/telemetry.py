"""What the logs and metrics tell: ids and flows. Never a code, a password, a text or an event."""

from __future__ import annotations

import json
import logging
import time

from sms_sender.event import SmsRequest
from sms_sender.message import Failure

logger = logging.getLogger("sms_sender")
logger.setLevel(logging.INFO)

NAMESPACE = "SmsRedirect"


def shown(request: SmsRequest, identity: str) -> None:
    logger.info("sms redirected", extra=_ids(request, identity))


def failed(request: SmsRequest, identity: str, failure: Failure) -> None:
    """An error in the log, and one for the metric FailedSms of the pool."""
    logger.error("sms not shown", extra=_ids(request, identity) | {"reason": failure.reason, "hint": failure.hint})
    print(json.dumps(_metric(request)))  # noqa: T201 - the embedded metric format is a line of standard output


def _ids(request: SmsRequest, identity: str) -> dict[str, str | None]:
    return {
        "sms_id": identity,
        "flow": request.flow,
        "user_pool_id": request.user_pool_id,
        "user_sub": request.user_sub,
    }


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
