"""Tokens, their keys and their issuer, as libraries that know nothing of the sandbox check them."""

import json
import urllib.error
import urllib.request

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet


def document(sandbox, pool_id, name):
    with urllib.request.urlopen(f"{sandbox.endpoint_url}/{pool_id}/.well-known/{name}") as response:
        return json.load(response)


def test_tokens_are_signed_with_the_keys_that_the_pool_publishes(sandbox, stack, confirmed, sign_in, client_id):
    tokens = sign_in()["AuthenticationResult"]
    keys = KeySet.import_key_set(document(sandbox, stack["UserPoolId"], "jwks.json"))

    claims = jwt.decode(tokens["IdToken"], keys, algorithms=["RS256"]).claims
    access = jwt.decode(tokens["AccessToken"], keys, algorithms=["RS256"]).claims

    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{stack['UserPoolId']}"
    assert (claims["iss"], claims["aud"], claims["token_use"]) == (issuer, client_id, "id")
    assert claims["phone_number_verified"] is True
    assert (access["iss"], access["client_id"], access["token_use"]) == (issuer, client_id, "access")
    assert access["scope"] == "aws.cognito.signin.user.admin"
    assert access["origin_jti"] == claims["origin_jti"]


def test_discovery_names_the_tokens_issuer_and_the_sandboxs_addresses(sandbox, stack):
    found = document(sandbox, stack["UserPoolId"], "openid-configuration")

    assert found["issuer"] == f"https://cognito-idp.us-east-1.amazonaws.com/{stack['UserPoolId']}"
    assert found["jwks_uri"] == f"{sandbox.endpoint_url}/{stack['UserPoolId']}/.well-known/jwks.json"
    assert found["id_token_signing_alg_values_supported"] == ["RS256"]


@pytest.mark.parametrize(
    ("path", "status", "said"), [("/signup", 501, b"sign users in"), ("/login", 400, b"no app client")]
)
def test_hosted_pages_open_in_a_browser(sandbox, path, status, said):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{sandbox.endpoint_url}{path}?client_id=x")

    assert refused.value.code == status
    assert said in refused.value.read()
