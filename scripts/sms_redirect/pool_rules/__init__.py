"""What Cognito takes as a user pool's settings: pure, and the same for the sandbox (which refuses) and the gallery
(which reports).

`model` holds a request against the API's own shapes, `conflicts` looks for settings that contradict each other, and
`texts` for what else Cognito asks of an SMS text. Needs botocore, and nothing of the sandbox.
"""
