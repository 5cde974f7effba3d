"""The Preview tab's API: the sender's own code at every key, and changes in a sandbox only."""

import pytest

from gallery_pools import BUSY, POOL_ID
from inbox_client import Client
from preview_pools import OTHER_POOL_ID, PASSWORDLESS
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_sender.encoding import encode
from sms_sender.traps import traps

TEXTS = [
    "Code {####}",
    "Zoë’s {####}",
    "{####} [€]",
    "",
    "{####}\n",
    "a\u202eb {####}",
    "コード {####}",
    "x" * 161,
    "{####}😀",
]


@pytest.fixture
def previewed(client):
    def previewed(text, template="verification", pool=None):
        answer = client.send(
            "POST", "/api/preview", {"template": template, "template_text": text, "user_pool_id": pool}
        )
        assert answer.status == 200, answer.body
        return answer.json

    return previewed


@pytest.mark.parametrize("text", TEXTS)
def test_counts_and_warnings_are_the_senders(previewed, text):
    found = previewed(text)

    filled = text.replace("{####}", "493027")
    encoded = encode(filled)
    assert found["text"] == filled
    assert (found["encoding"], found["characters"], found["segments"]) == (
        encoded.encoding,
        encoded.characters,
        encoded.segments,
    )
    parts = ["".join(run["text"] for run in runs) for runs in found["anatomy"]["parts"]]
    assert "".join(parts) == filled
    expected = [each.code for each in traps(filled) if each.code != "over-140-characters"]
    assert [each["code"] for each in found["warnings"]] == expected


def test_errors_are_those_of_the_gallery_with_their_source(previewed):
    (error,) = previewed("No place")["errors"]

    assert error["code"] == "no-placeholder"
    assert error["source"] == "Cognito API model, SmsVerificationMessageType"


def test_an_invitation_shows_a_user_and_what_it_can_become(previewed):
    found = previewed("{username}: {####}", "invitation")

    assert (found["text"], found["user_name"], found["code"]) == ("alice: Xk7!mP2q", "alice", "Xk7!mP2q")
    assert [each["segments"] for each in found["worst"]] == [1, 2]


def test_a_sign_in_text_shows_what_eight_digits_make_of_it(previewed):
    (case,) = previewed("{####}", "authentication")["worst"]

    assert (case["characters"], case["label"]) == (8, "Sign-in without a password, 8 digits")


def test_a_pools_own_rules_count(previewed):
    assert [each["code"] for each in previewed("Hi {username}", "invitation", POOL_ID)["errors"]] == ["no-placeholder"]
    assert previewed("Hi {username}", "invitation", OTHER_POOL_ID)["errors"] == []


def test_autofill_is_judged(previewed):
    assert previewed("Your code is {####}")["autofill"]["android_consent"]["verdict"] == "yes"
    assert previewed("No place")["autofill"] is None


def test_typing_reads_no_pool(previewed, pools):
    previewed("{####}", pool=POOL_ID)
    reads = pools.reads

    for _ in range(5):
        previewed("{####}", pool=POOL_ID)

    assert pools.reads == reads


def test_settings_that_changed_count_after_a_moment(previewed, pools, monkeypatch):
    """An invitation without a code is fine in a passwordless pool only."""
    assert [each["code"] for each in previewed("Hi {username}", "invitation", POOL_ID)["errors"]] == ["no-placeholder"]

    pools.change(POOL_ID, **PASSWORDLESS)
    monkeypatch.setattr("sms_redirect.inbox.preview.FRESH", 0)

    assert previewed("Hi {username}", "invitation", POOL_ID)["errors"] == []


def test_a_list_of_the_pools_renews_what_typing_knows(previewed, client, pools):
    previewed("Hi {username}", "invitation", POOL_ID)
    pools.change(POOL_ID, **PASSWORDLESS)

    client.json("/api/pools")

    assert previewed("Hi {username}", "invitation", POOL_ID)["errors"] == []


def test_an_sms_is_chosen_among_those_of_the_pool_as_it_is(previewed, client, pools):
    previewed("{####}", pool=POOL_ID)
    pools.remove(POOL_ID)

    assert client.send("POST", f"/api/pools/{POOL_ID}/messages", {"sms": "SignUp"}).status == 404
    assert client.send("PUT", f"/api/pools/{POOL_ID}/texts/invitation", {"template_text": "x"}).status == 404


def test_a_default_says_that_it_is_not_certain_until_it_is_set(previewed, client):
    default = "Your verification code is {####}."

    def warned(text):
        return "default-text" in [each["code"] for each in previewed(text, "verification", OTHER_POOL_ID)["warnings"]]

    assert (warned(default), warned("Mine: {####}")) == (True, False)
    client.send("PUT", f"/api/pools/{OTHER_POOL_ID}/texts/verification", {"template_text": default})
    assert not warned(default)


def test_a_default_without_a_pool_is_not_certain_either(previewed):
    assert [each["code"] for each in previewed("Your verification code is {####}.")["warnings"]] == ["default-text"]


def test_a_custom_message_function_decides_in_production(previewed, pools):
    arn = "arn:aws:lambda:us-east-1:111122223333:function:texts"
    pools.change(POOL_ID, LambdaConfig={"CustomMessage": arn})

    (warning,) = previewed("Mine: {####}", "verification", POOL_ID)["warnings"]

    assert warning["code"] == "custom-message-not-asked"
    assert arn in warning["text"]


def test_a_domain_bound_text_is_told_to_need_a_custom_message_function(previewed):
    found = previewed("Your code is {####}\n\n@shop.example #{####}")

    assert found["autofill"]["domain_bound"]["verdict"] == "yes"
    assert "CustomMessage function" in found["errors"][0]["text"]


# ---- pools ----


def test_pools_are_listed_with_their_texts_and_what_sends_them(client):
    found = client.json("/api/pools")

    pool, other = found["pools"]
    assert found["writable"] is True
    assert pool["texts"]["verification"] == {
        "template_text": BUSY["SmsVerificationMessage"],
        "template_source": "pool",
        "template_setting": "SmsVerificationMessage",
    }
    assert other["texts"]["verification"]["template_source"] == "default"
    sms = {each["id"]: each for each in pool["sms"]}
    assert sms["SignUp"]["sent"] is True
    assert sms["SmsOtp"]["stopped_by"][0]["setting"] == "Policies.SignInPolicy.AllowedFirstAuthFactors"
    assert "AccountTakeOverNotification" not in sms


def test_a_text_goes_into_the_pool_and_comes_back(client):
    answer = client.send("PUT", f"/api/pools/{POOL_ID}/texts/authentication", {"template_text": "New {####}"})

    assert answer.json["texts"]["authentication"]["template_text"] == "New {####}"
    assert client.json("/api/pools")["pools"][0]["texts"]["authentication"]["template_text"] == "New {####}"


def test_cognitos_refusal_is_told(client):
    answer = client.send("PUT", f"/api/pools/{POOL_ID}/texts/authentication", {"template_text": "refuse"})

    assert (answer.status, answer.json["error"]) == (409, "1 validation error detected (InvalidParameterException)")


def test_an_sms_is_sent_by_a_real_flow(client, pools):
    answer = client.send("POST", f"/api/pools/{POOL_ID}/messages", {"sms": "SignUp"})

    assert (answer.status, answer.json["user_name"]) == (202, "preview-1")
    assert pools.sent == [(POOL_ID, "SignUp")]


def test_nothing_is_written_over_a_deployed_stack(store, pools):
    with InboxServer(create_app(store, pools=pools), 0) as server:
        client = Client(server.port)

        listed = client.json("/api/pools")
        put = client.send("PUT", f"/api/pools/{POOL_ID}/texts/invitation", {"template_text": "{username} {####}"})
        sent = client.send("POST", f"/api/pools/{POOL_ID}/messages", {"sms": "SignUp"})

    assert listed["writable"] is False
    assert (put.status, sent.status) == (403, 403)
    assert "never changes a pool" in put.json["error"]
    assert pools.sent == []
    assert pools.pools()[0].get("AdminCreateUserConfig") == BUSY["AdminCreateUserConfig"]


def test_an_inbox_without_pools_previews_texts_all_the_same(store):
    with InboxServer(create_app(store), 0) as server:
        client = Client(server.port)

        assert client.json("/api/pools") == {"pools": [], "writable": False}
        assert client.send("POST", "/api/preview", {"template": "verification", "template_text": "x"}).status == 200


# ---- bad input ----


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        (b"", "The body"),
        (b"{", "The body"),
        (b"[]", "The body"),
        (b"[" * 50_000, "The body"),
        (b'"\xff"', "The body"),
        (b'{"template": 5, "template_text": ""}', "template"),
        (b'{"template": ["verification"], "template_text": ""}', "template"),
        (b'{"template": "verification"}', "template_text"),
        (b'{"template": "verification", "template_text": null}', "template_text"),
        (b'{"template": "verification", "template_text": "x", "user_pool_id": 5}', "user_pool_id"),
        (b'{"template": "verification", "template_text": "x", "more": 1}', "more"),
        (b'{"template": "verification", "template_text": "' + b"x" * 1001 + b'"}', "template_text"),
    ],
)
def test_a_body_that_is_not_understood_says_what(client, body, parameter):
    answer = client.request("POST", "/api/preview", {"Content-Type": "application/json"}, body)

    assert answer.status == 400
    assert answer.json["parameter"] == parameter


def test_half_a_character_is_shown_as_one_that_is_missing(client):
    body = b'{"template": "verification", "template_text": "\\ud83d {####}"}'

    answer = client.request("POST", "/api/preview", {"Content-Type": "application/json"}, body)

    assert answer.json["text"] == "\ufffd 493027"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_a_form_of_another_site_cannot_write(client, pools, content_type):
    answer = client.request(
        "POST", f"/api/pools/{POOL_ID}/messages", {"Content-Type": content_type}, b'{"sms": "SignUp"}'
    )

    assert answer.status == 415
    assert pools.sent == []


def test_another_sites_page_cannot_write(client, pools):
    headers = {"Content-Type": "application/json", "Origin": "https://evil.example"}

    answer = client.request("POST", f"/api/pools/{POOL_ID}/messages", headers, b'{"sms": "SignUp"}')

    assert answer.status == 403
    assert pools.sent == []
