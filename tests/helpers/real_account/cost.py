"""What a run on a real account costs, from AWS's public prices for us-east-1, with what is generous rounded up."""

from __future__ import annotations

HOURS = 2
KEYS, USERS = 4, 60
SMALL = 1.0  # cents: Lambda, SNS, SQS, S3, KMS requests and logs, all of them a few hundred requests

KEY_A_MONTH, HOURS_A_MONTH = 100.0, 730  # cents
USER = 1.5  # cents: Essentials, beyond the 10,000 active users a month that are free


def cents():
    """(as a rule, at most): at most if the account has used up its free active users of the month."""
    always = KEYS * KEY_A_MONTH / HOURS_A_MONTH * HOURS + SMALL
    return always, always + USERS * USER


def beforehand():
    """A person reads it before the run."""
    rule, most = cents()
    return (
        f"The acceptance tests make {KEYS} stacks, {KEYS} keys and about {USERS} users in the environment's account "
        f"and delete them again. Cost: about {rule:.0f} cents; up to {most:.0f} if the account has more than 10,000 "
        "active users this month. No SMS is sent."
    )
