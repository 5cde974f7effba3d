from aws_in_memory import aws, denied, faults, left, session, sns, sqs, topic_arn

__all__ = ["aws", "denied", "faults", "left", "session", "sns", "sqs", "topic_arn"]
