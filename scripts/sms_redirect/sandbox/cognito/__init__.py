"""Cognito's SMS behaviour: every operation that sends or checks a code.

`directory` reads pools and users, `rules` decides who gets an SMS, `codes`, `limits` and `sessions` keep state,
`delivery` tells the sender. `sign_up`, `passwords`, `attributes`, `sign_in`, `mfa` and `choice` put them together.
"""
