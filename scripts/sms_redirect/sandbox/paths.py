"""Paths of the AWS endpoint that are the sandbox's own. The door lets them in unsigned; the emails link to them."""

CONFIRM_PATH = "/confirmation.html"
UNSUBSCRIBE_PATH = "/unsubscribe.html"
