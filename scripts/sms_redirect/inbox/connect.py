"""How a client reaches the sandbox behind this inbox: its ids, and a command for each client that sends a first SMS.

Sign-up needs no signature, so no command holds a key.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sms_redirect.inbox.parameters import Parameters
from sms_redirect.loopback import LOOPBACK_NAMES
from sms_redirect.loopback.hosts import name_in

if TYPE_CHECKING:
    from starlette.requests import Request

USER = {"Username": "alice", "Password": "Passw0rd!"}
ATTRIBUTES = [{"Name": "phone_number", "Value": "+12065550100"}]


@dataclass(frozen=True, slots=True)
class Connection:
    """A sandbox and its stack's pool; None: it has no stack."""

    endpoint_url: str
    region: str
    user_pool_id: str | None = None
    user_pool_client_id: str | None = None

    def called(self, host: str) -> Self:
        """As a client reaches it that calls this machine by the name in a Host header: a phone or a container."""
        if name_in(host) in ("", *LOOPBACK_NAMES):
            return self
        return replace(self, endpoint_url=f"http://{name_in(host)}:{urlsplit(self.endpoint_url).port}")

    def document(self) -> dict[str, Any]:
        return {
            "endpoint_url": self.endpoint_url,
            "region": self.region,
            "user_pool_id": self.user_pool_id,
            "user_pool_client_id": self.user_pool_client_id,
            "snippets": self.snippets(),
        }

    def snippets(self) -> list[dict[str, str]]:
        """Commands that sign a user up, for each client; none without a pool."""
        if self.user_pool_id is None or self.user_pool_client_id is None:
            return []
        makers = {
            "AWS CLI": _aws_cli,
            "Amplify": _amplify,
            "AWS SDK for JavaScript": _javascript_sdk,
            "boto3": _boto3,
            "curl": _curl,
        }
        return [{"client": name, "text": make(self, self.user_pool_id)} for name, make in makers.items()]

    @property
    def sign_up(self) -> dict[str, Any]:
        """The request's body."""
        return {"ClientId": self.user_pool_client_id, **USER, "UserAttributes": ATTRIBUTES}


class ConnectApi:
    """Holds the connection, which is known once the stack is deployed."""

    def __init__(self) -> None:
        self.connection: Connection | None = None

    async def show(self, request: Request) -> Response:
        Parameters.parse(request.query_params.multi_items(), ())
        seen = self.connection.called(request.headers.get("host", "")) if self.connection else None
        return JSONResponse({"connection": seen.document() if seen else None})

    def routes(self) -> list[Route]:
        return [Route("/api/connection", self.show, methods=["GET"])]


def _aws_cli(to: Connection, _pool_id: str) -> str:
    return (
        f"aws cognito-idp sign-up --endpoint-url {shlex.quote(to.endpoint_url)} --region {to.region} \\\n"
        f"  --client-id {to.user_pool_client_id} --username alice --password 'Passw0rd!' \\\n"
        "  --user-attributes Name=phone_number,Value=+12065550100"
    )


def _curl(to: Connection, _pool_id: str) -> str:
    return (
        f"curl {shlex.quote(to.endpoint_url)} \\\n"
        "  -H 'Content-Type: application/x-amz-json-1.1' \\\n"
        "  -H 'X-Amz-Target: AWSCognitoIdentityProviderService.SignUp' \\\n"
        f"  -d '{json.dumps(to.sign_up)}'"
    )


def _boto3(to: Connection, _pool_id: str) -> str:
    return f"""import boto3

cognito = boto3.client("cognito-idp", endpoint_url="{to.endpoint_url}", region_name="{to.region}")
cognito.sign_up(
    ClientId="{to.user_pool_client_id}",
    Username="alice",
    Password="Passw0rd!",
    UserAttributes=[{{"Name": "phone_number", "Value": "+12065550100"}}],
)
"""


def _javascript_sdk(to: Connection, _pool_id: str) -> str:
    package = "@aws-sdk/client-cognito-identity-provider"
    return f"""import {{ CognitoIdentityProviderClient, SignUpCommand }} from "{package}";

const cognito = new CognitoIdentityProviderClient({{ endpoint: "{to.endpoint_url}", region: "{to.region}" }});
await cognito.send(
  new SignUpCommand({{
    ClientId: "{to.user_pool_client_id}",
    Username: "alice",
    Password: "Passw0rd!",
    UserAttributes: [{{ Name: "phone_number", Value: "+12065550100" }}],
  }}),
);
"""


def _amplify(to: Connection, pool_id: str) -> str:
    return f"""import {{ Amplify }} from "aws-amplify";
import {{ signUp }} from "aws-amplify/auth";

Amplify.configure({{
  Auth: {{
    Cognito: {{
      userPoolId: "{pool_id}",
      userPoolClientId: "{to.user_pool_client_id}",
      userPoolEndpoint: "{to.endpoint_url}",
    }},
  }},
}});
await signUp({{
  username: "alice",
  password: "Passw0rd!",
  options: {{ userAttributes: {{ phone_number: "+12065550100" }} }},
}});
"""
