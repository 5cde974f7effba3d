"""All of Cognito's operations that the sandbox answers itself."""

from __future__ import annotations

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.attributes import UserAttributes
from sms_redirect.sandbox.cognito.codes import Codes
from sms_redirect.sandbox.cognito.delivery import Delivery
from sms_redirect.sandbox.cognito.limits import Limits
from sms_redirect.sandbox.cognito.passwords import Passwords
from sms_redirect.sandbox.cognito.services import Services
from sms_redirect.sandbox.cognito.sessions import Sessions
from sms_redirect.sandbox.cognito.sign_in import SignIn
from sms_redirect.sandbox.cognito.sign_up import SignUp
from sms_redirect.sandbox.dispatch import Operation
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.invocations import Invocations


def cognito_operations(
    *, clock: Clock, invocations: Invocations, incidents: Incidents, limits: Limits, test_code: str | None
) -> dict[str, Operation]:
    services = Services(
        clock=clock,
        codes=Codes(clock, test_code),
        limits=limits,
        sessions=Sessions(clock),
        delivery=Delivery(invocations, incidents),
    )
    flows = (SignUp(services), Passwords(services), UserAttributes(services), SignIn(services))
    return {action: operation for flow in flows for action, operation in flow.operations().items()}
