"""Amazon Cognito user pools, simulated: the service behind the sandbox's `cognito-idp` endpoint.

`api` takes a request in and gives a response out, both held against the API model, and has the table of operations.
`flows` are the operations, a module for each flow; they share a `Context`. `rules` decide, without any state or clock;
`values` are what is kept, and `store` is the one door to them. `tokens` signs and checks tokens, `messages` sends SMS
and emails, `triggers` calls a pool's Lambda functions.
"""
