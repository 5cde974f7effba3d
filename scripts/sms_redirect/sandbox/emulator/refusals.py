"""Words a refusal as the service that was called does: with `emulator`, the only module that knows its formats.

Covered by tests/integration/test_doors.py, which reads them with boto3.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import uuid

from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.refusals import Refused
from sms_redirect.sandbox.emulator import Response


def service_of(request: Incoming, body: bytes = b"") -> str:
    """The service that a request is for, by the emulator's reckoning."""
    from ministack import app
    from ministack.core import router

    headers = request.flat_headers
    parameters = app._routing_params(request.method, request.path, headers, body, request.flat_query)
    service: str = router.detect_service(request.method, request.path, headers, parameters)
    return service


def response(refused: Refused, request: Incoming) -> Response:
    """The refusal, in the protocol of the service."""
    from ministack.core import iam_actions, responses

    service = service_of(request, refused.body)
    # The query and XML protocols leave the last word out.
    in_json = iam_actions._SERVICE_PROTOCOL.get(service, "json") == "json"
    known = refused.code in iam_actions._AUTH_FAILURES
    status, headers, content = iam_actions.access_denied_response(
        service,
        "",
        "",
        str(uuid.uuid4()),
        error_code=refused.code if in_json or known else refused.code.removesuffix("Exception"),
        message=str(refused),
        headers=request.flat_headers,
    )
    responses.fix_error_content_type(service, status, headers)
    return refused.status or status, headers, content
