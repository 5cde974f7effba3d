"""SNS email: pending subscriptions, emails with AWS's words, a mailbox, and a relay to a real server."""
