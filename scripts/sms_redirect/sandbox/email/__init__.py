"""SNS email: subscriptions that wait for their link, mails as AWS words them, a mailbox, a real server."""
