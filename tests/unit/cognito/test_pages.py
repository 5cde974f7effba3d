"""The OAuth 2.0 endpoints and the sign-in page, as a browser and an app use them."""

import asyncio
import base64
import hashlib
import html
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from local_pools import ACCOUNT, REGION, app, sms_pool
from sms_redirect.sandbox.cognito.pages.application import application

CALLBACK = "http://localhost:3000/callback?app=1"
NUMBER = "+12065550100"
HOSTED = {
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthFlows": ["code", "implicit"],
    "AllowedOAuthScopes": ["openid", "email", "phone", "aws.cognito.signin.user.admin"],
    "CallbackURLs": [CALLBACK],
    "LogoutURLs": ["http://localhost:3000/bye"],
    "SupportedIdentityProviders": ["COGNITO"],
}
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Browser:
    """Fills in the page's forms, and follows no redirect by itself."""

    def __init__(self, pools):
        self._app = application(pools.context)
        self.page = None

    def request(self, method, target, **request):
        async def send():
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
                return await client.request(method, target, **request)

        self.page = asyncio.run(send())
        return self.page

    def fill(self, **fields):
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', self.page.text))
        action = html.unescape(re.search(r'action="([^"]*)"', self.page.text)[1])
        hidden = {name: html.unescape(value) for name, value in hidden.items()}
        return self.request("POST", action, data=hidden | fields)


@pytest.fixture
def browser(pools):
    return Browser(pools)


@pytest.fixture
def hosted(cognito, pool_id):
    return app(cognito, pool_id, **HOSTED)


@pytest.fixture
def alice(cognito, pool_id):
    attributes = {"phone_number": NUMBER, "phone_number_verified": "true", "email": "alice@example.com"}
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="alice",
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
    )
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="alice", Password="Passw0rd!", Permanent=True)
    return {"UserPoolId": pool_id, "Username": "alice"}


def authorize(client_id, /, **query):
    usual = {"response_type": "code", "client_id": client_id, "redirect_uri": CALLBACK, "state": "a&b"}
    return f"/oauth2/authorize?{urlencode(usual | query)}"


def opened(browser, client_id, /, **query):
    """The sign-in page that an authorization request leads to."""
    redirect = browser.request("GET", authorize(client_id, **query))
    assert redirect.status_code == 302
    return browser.request("GET", redirect.headers["location"])


def answer(response):
    """What the app gets at its redirect URI."""
    assert response.status_code == 302
    parts = urlsplit(response.headers["location"])
    assert response.headers["location"].startswith("http://localhost:3000/callback?app=1")
    return {name: values[0] for name, values in (parse_qs(parts.query) | parse_qs(parts.fragment)).items()}


def exchanged(browser, client_id, code, **form):
    usual = {"grant_type": "authorization_code", "client_id": client_id, "code": code, "redirect_uri": CALLBACK}
    return browser.request("POST", "/oauth2/token", data=usual | form)


def claims(pools, token):
    pool = pools.store.pools.all()[0]
    return jwt.decode(token, KeySet.import_key_set(pools.context.tokens.jwks(pool)), algorithms=["RS256"]).claims


def test_a_password_and_a_code_by_sms_bring_tokens(pools, browser, hosted, alice, cognito):
    cognito.admin_set_user_mfa_preference(**alice, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    cognito.set_user_pool_mfa_config(
        UserPoolId=alice["UserPoolId"],
        MfaConfiguration="OPTIONAL",
        SmsMfaConfiguration={"SmsConfiguration": {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms"}},
    )
    opened(browser, hosted, scope="openid phone", nonce="n-1", code_challenge=CHALLENGE, code_challenge_method="S256")

    page = browser.fill(username="alice", password="Passw0rd!")
    assert "sent by SMS to +*******0100" in page.text
    page = browser.fill(answer="000000" if pools.sent.last(NUMBER).secret != "000000" else "111111")
    assert (page.status_code, "Invalid code" in page.text) == (400, True)
    code = answer(browser.fill(answer=pools.sent.last(NUMBER).secret))

    assert code["state"] == "a&b"
    tokens = exchanged(browser, hosted, code["code"], code_verifier=VERIFIER).json()
    identity = claims(pools, tokens["id_token"])
    assert (identity["nonce"], identity["phone_number"], identity["cognito:username"]) == ("n-1", NUMBER, "alice")
    assert "email" not in identity
    assert claims(pools, tokens["access_token"])["scope"] == "openid phone"
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert browser.request("GET", "/oauth2/userInfo", headers=bearer).json() == {
        "sub": identity["sub"],
        "phone_number": NUMBER,
        "phone_number_verified": "true",
        "username": "alice",
    }


def test_a_code_is_good_once_and_with_its_verifier_only(browser, hosted, alice):
    opened(browser, hosted, code_challenge=CHALLENGE, code_challenge_method="S256")
    code = answer(browser.fill(username="alice", password="Passw0rd!"))["code"]

    wrong = exchanged(browser, hosted, code, code_verifier="w" * 50)
    again = exchanged(browser, hosted, code, code_verifier=VERIFIER)

    assert [(each.status_code, each.json()) for each in (wrong, again)] == [(400, {"error": "invalid_grant"})] * 2


def test_the_implicit_grant_responds_in_the_fragment(browser, hosted, alice, pools):
    opened(browser, hosted, response_type="token", scope="openid")

    tokens = answer(browser.fill(username="alice", password="Passw0rd!"))

    assert claims(pools, tokens["id_token"])["email"] == "alice@example.com"
    assert "refresh_token" not in tokens


def test_a_temporary_password_is_replaced_on_the_page(browser, hosted, cognito, alice):
    cognito.admin_set_user_password(**alice, Password="Temp0rary!", Permanent=False)
    opened(browser, hosted)

    assert "Choose a new password" in browser.fill(username="alice", password="Temp0rary!").text
    assert "code" in answer(browser.fill(answer="N3w-password!"))


def test_a_wrong_password_is_said_on_the_page(browser, hosted, alice):
    opened(browser, hosted)

    page = browser.fill(username="alice", password="wrong")

    assert (page.status_code, "Incorrect username or password." in page.text) == (400, True)
    assert "code" in answer(browser.fill(username="alice", password="Passw0rd!"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"client_id": "nobody"}, "no app client"),
        ({"redirect_uri": "https://evil.example"}, "redirect_mismatch"),
        ({"redirect_uri": CALLBACK + "x"}, "redirect_mismatch"),
    ],
)
def test_what_cannot_be_trusted_is_not_redirected(browser, hosted, query, said):
    page = browser.request("GET", authorize(hosted, **query))

    assert (page.status_code, said in page.text) == (400, True)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"response_type": "id_token"}, "invalid_request"),
        ({"scope": "openid profile"}, "invalid_scope"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"code_challenge_method": "S256"}, "invalid_request"),
        ({"identity_provider": "Google"}, "invalid_request"),
    ],
)
def test_other_mistakes_go_to_the_app(browser, hosted, query, error):
    given = answer(browser.request("GET", authorize(hosted, **query)))

    assert (given["error"], given["state"]) == (error, "a&b")


def test_a_client_without_the_flow_is_told_so(browser, cognito, pool_id):
    client_id = app(cognito, pool_id, **HOSTED | {"AllowedOAuthFlows": ["code"]})

    given = answer(browser.request("GET", authorize(client_id, response_type="token")))

    assert given["error"] == "unauthorized_client"


def test_an_app_gets_tokens_of_its_own_for_its_scopes(browser, cognito, pool_id, pools):
    cognito.create_resource_server(
        UserPoolId=pool_id,
        Identifier="https://api.example.com",
        Name="api",
        Scopes=[{"ScopeName": "read", "ScopeDescription": "Reading"}],
    )
    client_id = app(
        cognito,
        pool_id,
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["client_credentials"],
        AllowedOAuthScopes=["https://api.example.com/read"],
    )
    secret = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]["ClientSecret"]

    def asked(secret, **form):
        return browser.request(
            "POST", "/oauth2/token", data={"grant_type": "client_credentials"} | form, auth=(client_id, secret)
        )

    token = asked(secret).json()
    assert claims(pools, token["access_token"])["scope"] == "https://api.example.com/read"
    assert asked("wrong").json() == {"error": "invalid_client"}
    assert asked(secret, scope="https://api.example.com/write").json() == {"error": "invalid_scope"}


def test_refresh_tokens_bring_new_tokens_until_they_are_revoked(browser, hosted, alice):
    opened(browser, hosted, scope="openid")
    code = answer(browser.fill(username="alice", password="Passw0rd!"))["code"]
    refresh = exchanged(browser, hosted, code).json()["refresh_token"]
    form = {"grant_type": "refresh_token", "client_id": hosted, "refresh_token": refresh}

    assert "access_token" in browser.request("POST", "/oauth2/token", data=form).json()
    revoked = browser.request("POST", "/oauth2/revoke", data={"token": refresh, "client_id": hosted})
    assert (revoked.status_code, revoked.content) == (200, b"")
    assert browser.request("POST", "/oauth2/token", data=form).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "made-up"}, "invalid_grant"),
        ({"grant_type": "authorization_code"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
    ],
)
def test_bad_requests_for_tokens(browser, hosted, form, error):
    response = browser.request("POST", "/oauth2/token", data={"client_id": hosted} | form)

    assert (response.status_code, response.json()) == (400, {"error": error})


def test_user_info_needs_a_token_with_openid(browser, hosted, alice, cognito):
    token = cognito.initiate_auth(
        ClientId=hosted,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": "Passw0rd!"},
    )["AuthenticationResult"]["AccessToken"]

    for given in (token, "garbage", ".."):
        response = browser.request("GET", "/oauth2/userInfo", headers={"Authorization": f"Bearer {given}"})
        assert (response.status_code, response.json()) == (401, {"error": "invalid_token"})
    assert browser.request("GET", "/oauth2/userInfo").status_code == 400


def test_logging_out_leads_to_the_app_only(browser, hosted):
    there = browser.request("GET", f"/logout?client_id={hosted}&logout_uri=http://localhost:3000/bye")
    elsewhere = browser.request("GET", f"/logout?client_id={hosted}&logout_uri=https://evil.example")

    assert (there.status_code, there.headers["location"]) == (302, "http://localhost:3000/bye")
    assert elsewhere.status_code == 400


def test_hostile_parameters_stay_text(browser, hosted):
    page = opened(browser, hosted, state='"><script>alert(1)</script>')

    assert "<script>" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


def test_a_domain_is_one_pools(cognito, pool_id):
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="my-app")
    other = cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]

    assert cognito.describe_user_pool_domain(Domain="my-app")["DomainDescription"]["UserPoolId"] == pool_id
    assert cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Domain"] == "my-app"
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="already associated with another user pool"):
        cognito.create_user_pool_domain(UserPoolId=other, Domain="my-app")
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="already has a domain"):
        cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="my-app-2")
    cognito.delete_user_pool_domain(UserPoolId=pool_id, Domain="my-app")
    assert cognito.describe_user_pool_domain(Domain="my-app")["DomainDescription"] == {}


def test_resource_servers_are_made_changed_listed_and_deleted(cognito, pool_id):
    server = {"UserPoolId": pool_id, "Identifier": "api", "Name": "api"}
    cognito.create_resource_server(**server)
    with pytest.raises(cognito.exceptions.InvalidParameterException, match="already exists"):
        cognito.create_resource_server(**server)
    scopes = [{"ScopeName": "read", "ScopeDescription": "Reading"}]
    cognito.update_resource_server(**server, Scopes=scopes)

    assert cognito.list_resource_servers(UserPoolId=pool_id, MaxResults=10)["ResourceServers"] == [
        server | {"Scopes": scopes}
    ]
    cognito.delete_resource_server(UserPoolId=pool_id, Identifier="api")
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.describe_resource_server(UserPoolId=pool_id, Identifier="api")


def test_the_page_brings_in_a_user_of_another_directory(pools, browser, cognito):
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:migrate"
    pool_id = sms_pool(cognito, LambdaConfig={"UserMigration": function})
    made = {"userAttributes": {"phone_number": NUMBER}, "finalUserStatus": "CONFIRMED", "messageAction": "SUPPRESS"}
    pools.functions.on[function] = lambda _event: {"response": made}

    opened(browser, app(cognito, pool_id, **HOSTED))
    browser.fill(username="alice", password="old")

    assert "code" in answer(browser.page)
    assert pools.functions.events[0]["request"]["password"] == "old"
