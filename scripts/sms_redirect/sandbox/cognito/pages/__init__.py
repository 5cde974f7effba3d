"""The OAuth 2.0 endpoints and the sign-in page of a pool (DG/cognito-userpools-server-contract-reference).

They are below the sandbox's own address: the app client says which pool is meant.
"""
