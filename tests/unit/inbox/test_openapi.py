"""The API does what its description says, and the description says all that the API does."""

from __future__ import annotations

import html
import json
import re
import shlex

import jsonschema
import pytest
from openapi_spec_validator import validate
from starlette.routing import Mount, Route

from gallery_pools import POOL_ID
from inbox_client import Client, Events
from sms_documents import failed, sms
from sms_redirect.doctor.findings import Status
from sms_redirect.doctor.subject import OCCASIONS
from sms_redirect.errors import CannotReachAws
from sms_redirect.inbox import docs_page
from sms_redirect.inbox.diagnosis import MOST_MINUTES, USUAL_MINUTES
from sms_redirect.inbox.parameters import DEFAULT_LIMIT, DEFAULT_WAIT, GROUPS, MAX_LIMIT
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app, openapi
from sms_redirect.messages.anatomy import KINDS
from sms_redirect.messages.store import LIMIT, SmsStore

PAGES = {"/", "/docs", "/preview"}
CONTROLS = ("clock", "limits", "sender", "user-pools")
EXAMPLES = [  # each operation and each of its answers
    ("GET", "/api/messages", "/api/messages", 200),
    ("GET", "/api/messages", "/api/messages?limit=x", 400),
    ("DELETE", "/api/messages", "/api/messages", 200),
    ("DELETE", "/api/messages", "/api/messages?flow=SignUp&failed=true", 200),
    ("DELETE", "/api/messages", "/api/messages?flow=", 400),
    ("DELETE", "/api/messages/{id}", f"/api/messages/{1:032x}", 200),
    ("DELETE", "/api/messages/{id}", "/api/messages/none", 404),
    ("DELETE", "/api/messages/{id}", "/api/messages/none?x=1", 400),
    ("GET", "/api/messages/export", "/api/messages/export", 200),
    ("GET", "/api/messages/export", "/api/messages/export?format=x", 400),
    ("GET", "/api/messages/{id}/eml", "/api/messages/none/eml", 404),
    ("GET", "/api/messages/{id}/eml", "/api/messages/none/eml?x=1", 400),
    ("GET", "/api/messages/next", "/api/messages/next?wait=0", 200),
    ("GET", "/api/messages/next", "/api/messages/next?flow=none&wait=0", 204),
    ("GET", "/api/messages/next", "/api/messages/next?wait=x", 400),
    ("GET", "/api/messages/{id}", f"/api/messages/{1:032x}", 200),
    ("GET", "/api/messages/{id}", f"/api/messages/{2:032x}", 200),
    ("GET", "/api/messages/{id}", f"/api/messages/{3:032x}", 200),
    ("GET", "/api/messages/{id}", "/api/messages/none", 404),
    ("GET", "/api/messages/{id}", "/api/messages/none?x=1", 400),
    ("GET", "/api/messages/{id}/html", "/api/messages/none/html", 404),
    ("GET", "/api/messages/{id}/html", "/api/messages/none/html?x=1", 400),
    ("GET", "/api/groups", "/api/groups", 200),
    ("GET", "/api/groups", "/api/groups?x=1", 400),
    ("GET", "/api/subscriptions", "/api/subscriptions", 200),
    ("GET", "/api/subscriptions", "/api/subscriptions?x=1", 400),
    ("GET", "/api/events", "/api/events?x=1", 400),
    ("GET", "/api/openapi.json", "/api/openapi.json", 200),
    ("GET", "/api/diagnosis", "/api/diagnosis", 200),
    ("GET", "/api/diagnosis", "/api/diagnosis?flow=x", 400),
    ("GET", "/api/connection", "/api/connection", 200),
    ("GET", "/api/connection", "/api/connection?x=1", 400),
    ("GET", "/api/pools", "/api/pools", 200),
    ("GET", "/api/pools", "/api/pools?x=1", 400),
    ("GET", "/api/controls", "/api/controls", 200),
    ("GET", "/api/controls", "/api/controls?x=1", 400),
    ("GET", "/api/pools/{id}/users", f"/api/pools/{POOL_ID}/users", 200),
    ("GET", "/api/pools/{id}/users", f"/api/pools/{POOL_ID}/users?x=1", 400),
    ("GET", "/api/pools/{id}/users", "/api/pools/none/users", 404),
    ("DELETE", "/api/pools/{id}/users", f"/api/pools/{POOL_ID}/users?user_name=alice", 200),
    ("DELETE", "/api/pools/{id}/users", f"/api/pools/{POOL_ID}/users", 400),
    ("DELETE", "/api/pools/{id}/users", f"/api/pools/{POOL_ID}/users?user_name=nobody", 404),
    *(("POST", f"/api/controls/{each}", f"/api/controls/{each}", 415) for each in CONTROLS),
    ("POST", "/api/preview", "/api/preview", 415),
    ("PUT", "/api/pools/{id}/texts/{template}", "/api/pools/x/texts/invitation", 415),
    ("POST", "/api/pools/{id}/messages", "/api/pools/x/messages", 415),
]

POOL = f"/api/pools/{POOL_ID}"
MANY = {"mode": "x" * 70_000}
DRAFT = {"template": "verification", "template_text": "Code {####}"}
WITH_BODIES = [  # the same for operations that take a body
    ("POST", "/api/preview", "/api/preview", {**DRAFT, "user_pool_id": POOL_ID}, 200),
    ("POST", "/api/preview", "/api/preview", {"template": "invitation", "template_text": "Zoë’s [€]\n"}, 200),
    ("POST", "/api/preview", "/api/preview", {"template": "x"}, 400),
    ("POST", "/api/preview", "/api/preview", {**DRAFT, "user_pool_id": "none"}, 404),
    ("POST", "/api/preview", "/api/preview", {"template_text": "x" * 70_000}, 413),
    (
        "PUT",
        "/api/pools/{id}/texts/{template}",
        f"{POOL}/texts/invitation",
        {"template_text": "{username} {####}"},
        200,
    ),
    ("PUT", "/api/pools/{id}/texts/{template}", f"{POOL}/texts/none", {"template_text": "{####}"}, 400),
    ("PUT", "/api/pools/{id}/texts/{template}", "/api/pools/x/texts/invitation", {"template_text": "{####}"}, 404),
    ("PUT", "/api/pools/{id}/texts/{template}", f"{POOL}/texts/invitation", {"template_text": "refuse"}, 409),
    ("PUT", "/api/pools/{id}/texts/{template}", f"{POOL}/texts/invitation", {"template_text": "x" * 70_000}, 413),
    ("POST", "/api/pools/{id}/messages", f"{POOL}/messages", {"sms": "SignUp"}, 202),
    ("POST", "/api/pools/{id}/messages", f"{POOL}/messages", {"sms": "Nothing"}, 400),
    ("POST", "/api/pools/{id}/messages", "/api/pools/x/messages", {"sms": "SignUp"}, 404),
    ("POST", "/api/pools/{id}/messages", f"{POOL}/messages", {"sms": "SmsOtp"}, 409),
    ("POST", "/api/pools/{id}/messages", f"{POOL}/messages", {"sms": "x" * 70_000}, 413),
    ("POST", "/api/controls/clock", "/api/controls/clock", {"advance_seconds": 3600}, 200),
    ("POST", "/api/controls/clock", "/api/controls/clock", {"advance_seconds": -1}, 400),
    ("POST", "/api/controls/limits", "/api/controls/limits", {"enabled": False}, 200),
    ("POST", "/api/controls/limits", "/api/controls/limits", {"enabled": "no"}, 400),
    ("POST", "/api/controls/sender", "/api/controls/sender", {"mode": "fail", "times": 3}, 200),
    ("POST", "/api/controls/sender", "/api/controls/sender", {"mode": "explode", "times": 3}, 400),
    ("POST", "/api/controls/user-pools", "/api/controls/user-pools", {"mode": "none"}, 200),
    ("POST", "/api/controls/user-pools", "/api/controls/user-pools", {"mode": "concurrent"}, 400),
    *(("POST", f"/api/controls/{each}", f"/api/controls/{each}", MANY, 413) for each in CONTROLS),
]
TAKE_BODIES = sorted({(method, path) for method, path, *_ in WITH_BODIES})


def resolved(part):
    if "$ref" in part:
        for key in part["$ref"].split("/"):
            part = openapi() if key == "#" else part[key]
    return part


def operation(method, path):
    return openapi()["paths"][path][method.lower()]


def matches(schema, value):
    whole = {**schema, "components": openapi()["components"]}
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(value)


@pytest.fixture
def filled(store):
    store.add(sms(1, text="Zoë’s {code}: 000001", client_metadata={"a": "b"}, encoding="UCS-2"))
    store.add(failed(2, phone_number=None, user_name=None, client_id=None, user_sub=None))
    store.add(sms(3, warnings=[{"code": "c", "text": "t"}]))
    return store


def test_the_description_is_valid_openapi():
    validate(openapi())


def test_every_route_is_described_and_every_description_is_a_route():
    routes = create_app(SmsStore()).routes
    served = {
        (method, route.path)
        for route in routes
        if isinstance(route, Route) and route.path not in PAGES
        for method in route.methods - {"HEAD"}
    }

    described = {(method.upper(), path) for path, methods in openapi()["paths"].items() for method in methods}
    assert served == described
    assert [route.path for route in routes if isinstance(route, Mount)] == ["/static"]


@pytest.mark.parametrize(("method", "path", "target", "status"), EXAMPLES)
def test_each_response_is_as_described(client, filled, method, path, target, status):
    answer = client.request(method, target)

    assert answer.status == status
    response = resolved(operation(method, path)["responses"][str(status)])
    if status == 204:
        assert "content" not in response
    else:
        matches(response["content"]["application/json"]["schema"], answer.json)


@pytest.mark.parametrize(("method", "path", "target", "body", "status"), WITH_BODIES)
def test_each_response_to_a_body_is_as_described(client, method, path, target, body, status):
    answer = client.send(method, target, body)

    assert answer.status == status, answer.body
    matches(
        resolved(operation(method, path)["responses"][str(status)])["content"]["application/json"]["schema"],
        answer.json,
    )
    if status in {200, 202}:
        matches(operation(method, path)["requestBody"]["content"]["application/json"]["schema"], body)


@pytest.mark.parametrize(("method", "path"), TAKE_BODIES)
def test_exactly_the_described_members_of_a_body_are_known(client, method, path):
    target = path.replace("{id}", POOL_ID).replace("{template}", "verification")

    answer = client.send(method, target, {"no_such_member": 1})

    described = operation(method, path)["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert answer.status == 400
    (known,) = re.findall(r"Known: (.*)\.", answer.json["error"])
    assert known == ", ".join(described)


def test_what_writes_is_refused_over_a_deployed_stack_as_described(store, pools):
    with InboxServer(create_app(store, pools=pools), 0) as server:
        for method, path, target, body, status in WITH_BODIES:
            if ("/pools/" in path or "/controls" in path) and status in {200, 202}:
                answer = Client(server.port).send(method, target, body)

                assert answer.status == 403
                matches(openapi()["components"]["schemas"]["Error"], answer.json)
    assert "403" in operation("PUT", "/api/pools/{id}/texts/{template}")["responses"]
    assert "403" in operation("POST", "/api/pools/{id}/messages")["responses"]


def test_an_inbox_without_a_stack_gets_the_described_response():
    with InboxServer(create_app(SmsStore()), 0) as server:
        answer = Client(server.port).get("/api/diagnosis")

    assert answer.status == 404
    matches(
        resolved(operation("GET", "/api/diagnosis")["responses"]["404"])["content"]["application/json"]["schema"],
        answer.json,
    )


def test_described_flows_and_times_of_a_diagnosis_are_the_real_ones():
    parameters = {each["name"]: each["schema"] for each in operation("GET", "/api/diagnosis")["parameters"]}

    assert parameters["flow"]["enum"] == list(OCCASIONS)
    assert (parameters["minutes"]["maximum"], parameters["minutes"]["default"]) == (MOST_MINUTES, USUAL_MINUTES)
    status = openapi()["components"]["schemas"]["Finding"]["properties"]["status"]
    assert status["enum"] == list(Status)


def test_pools_that_cannot_be_read_get_the_described_response(client, pools):
    pools.error = CannotReachAws("DescribeUserPool failed: timed out")

    answer = client.get("/api/pools")

    assert answer.status == 502
    assert answer.json == {"error": "DescribeUserPool failed: timed out"}
    assert "502" in operation("GET", "/api/pools")["responses"]


def test_every_described_response_has_an_example():
    described = {
        (method.upper(), path, int(status))
        for path, methods in openapi()["paths"].items()
        for method, described_operation in methods.items()
        for status in described_operation["responses"]
    }
    examples = {(method, path, status) for method, path, *_, status in (*EXAMPLES, *WITH_BODIES)}
    of_their_own = {
        ("GET", "/api/events", 200),
        ("GET", "/api/messages/{id}/html", 200),
        ("GET", "/api/messages/{id}/eml", 200),
        ("GET", "/api/diagnosis", 404),
        ("GET", "/api/pools", 502),
        ("PUT", "/api/pools/{id}/texts/{template}", 403),
        ("POST", "/api/pools/{id}/messages", 403),
        ("GET", "/api/controls", 403),
        *(("POST", f"/api/controls/{each}", 403) for each in CONTROLS),
        ("GET", "/api/pools/{id}/users", 403),
        ("DELETE", "/api/pools/{id}/users", 403),
    }

    assert described - examples == of_their_own


def test_events_carry_the_described_messages(server, filled):
    with Events(server.port, f"/api/events?since={filled.cursor(0)}") as events:
        received = iter(events)
        for _ in range(3):
            name, _, data = next(received)
            assert name == "message"
            matches(openapi()["components"]["schemas"]["Message"], data)
        assert events.response.headers.get_content_type() == "text/event-stream"


@pytest.mark.parametrize(
    ("method", "path"), sorted({(method, path) for method, path, _, _ in EXAMPLES if path != "/api/openapi.json"})
)
def test_exactly_the_described_parameters_are_known(client, method, path):
    answer = client.request(
        method, path.replace("{id}", "x").replace("{template}", "invitation") + "?no_such_parameter=1"
    )

    described = [resolved(each) for each in operation(method, path).get("parameters", [])]
    in_query = [each["name"] for each in described if each["in"] == "query"]
    (known,) = re.findall(r"Known: (.*)\.", answer.json["error"])
    assert known == (", ".join(in_query) or "none")


def test_described_bounds_are_the_real_ones():
    parameters = {each["name"]: each for each in map(resolved, operation("GET", "/api/messages")["parameters"])}
    wait = next(each for each in operation("GET", "/api/messages/next")["parameters"] if each.get("name") == "wait")

    assert parameters["limit"]["schema"]["maximum"] == MAX_LIMIT
    assert parameters["limit"]["schema"]["default"] == DEFAULT_LIMIT
    assert wait["schema"]["default"] == DEFAULT_WAIT
    assert tuple(parameters["group"]["schema"]["enum"]) == GROUPS
    assert f"{LIMIT:,}" in openapi()["info"]["description"]


def test_described_kinds_of_characters_are_the_real_ones():
    (run,) = [
        openapi()["components"]["schemas"]["WholeMessage"]["properties"]["anatomy"]["properties"]["parts"]["items"]
    ]

    assert tuple(run["items"]["properties"]["kind"]["enum"]) == KINDS


def test_the_page_of_the_api_shows_every_operation(client):
    page = html.unescape(client.get("/docs").body.decode())

    for path, methods in openapi()["paths"].items():
        assert path in page
        for described_operation in methods.values():
            assert described_operation["summary"] in page


def test_the_page_has_a_line_for_curl_and_the_members_of_each_response():
    shown = {each["id"]: each for each in docs_page.operations(openapi())}

    for each in shown.values():
        words = shlex.split(each["curl"])
        assert words[:2] == ["curl", "-s"]
        assert words[-1].startswith("$INBOX/api/")
        if each["body"]:
            assert isinstance(json.loads(words[words.index("-d") + 1]), dict)
        assert "..." not in each["curl"]
    assert shown["deleteUser"]["curl"] == 'curl -s -X DELETE "$INBOX/api/pools/ID/users?user_name=NAME"'
    assert shown["streamEvents"]["curl"] == 'curl -s -N "$INBOX/api/events"'
    members = {each["name"]: each for each in shown["showControls"]["responses"][0]["members"]}
    assert members["clock.ahead_seconds"]["type"] == "number"
    assert members["sender.modes"]["description"]
    assert "messages[].failure.reason" in [each["name"] for each in shown["listMessages"]["responses"][0]["members"]]
