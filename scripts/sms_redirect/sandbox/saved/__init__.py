"""What outlives the sandbox with `--state FOLDER`: user pools, users, and the messages of the inbox."""

from sms_redirect.sandbox.saved.folder import StateError, StateFolder

__all__ = ["StateError", "StateFolder"]
