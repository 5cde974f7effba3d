"""The one door to the service's state."""

from sms_redirect.sandbox.cognito.store.store import Store
from sms_redirect.sandbox.cognito.store.table import Journal, TakenError

__all__ = ["Journal", "Store", "TakenError"]
