"""All of Cognito's operations that the sandbox answers itself."""

from __future__ import annotations

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.dispatch import Operation
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.invocations import Invocations
from sms_redirect.sandbox.pools.flows.attributes import UserAttributes
from sms_redirect.sandbox.pools.flows.codes import Codes
from sms_redirect.sandbox.pools.flows.delivery import Delivery
from sms_redirect.sandbox.pools.flows.limits import Limits
from sms_redirect.sandbox.pools.flows.passwords import Passwords
from sms_redirect.sandbox.pools.flows.services import Services
from sms_redirect.sandbox.pools.flows.sessions import Sessions
from sms_redirect.sandbox.pools.flows.sign_in import SignIn
from sms_redirect.sandbox.pools.flows.sign_up import SignUp


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
