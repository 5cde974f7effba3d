"""The user pools service (`sandbox/cognito`) in its place in the emulator: Lambda, IAM, and resources of stacks."""
