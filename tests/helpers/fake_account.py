"""What the commands that attach and detach see of an account: a strict Cognito, its keys, stacks and functions."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import boto3
from botocore.awsrequest import AWSResponse

from fake_stack import STACK_ARN, STACK_KEY
from random_pools import POOL_ID
from strict_cognito import REGION, RawBody, StrictCognito, quick_session

XML_ERROR = "<ErrorResponse><Error><Code>{}</Code><Message>{}</Message></Error></ErrorResponse>"
STACKS = (
    '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>'
    "<member>{}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"
)


@dataclass
class FakeAccount:
    """`stacks`: by name; each is also found by its ARN. `functions`: the ARNs that exist. `denied`: hosts' first labels
    of services that refuse every call."""

    cognito: StrictCognito = field(default_factory=StrictCognito)
    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    regions: list[str] = field(default_factory=list)

    def session(self, region_name=REGION, profile_name=None) -> boto3.session.Session:
        self.regions.append(region_name)
        session = quick_session(region_name or REGION)
        session.events.register("before-send", lambda request, **_: self.serve(request))
        return session

    def deploy(self, name="redirect", status="CREATE_COMPLETE", pool_id=POOL_ID, **parameters: str) -> None:
        given = {"UserPoolId": pool_id, "KmsKeyArn": "", "MaxPoolUsers": "1000", "CustomMessageFunctionArn": ""}
        self.stacks[name] = {
            "StackName": name,
            "StackId": STACK_ARN.replace("/redirect/", f"/{name}/"),
            "StackStatus": status,
            "CreationTime": "2026-01-01T00:00:00Z",
            "Parameters": {**given, **parameters},
            "Outputs": {"SenderFunctionName": "redirect", "KmsKeyArn": parameters.get("KmsKeyArn") or STACK_KEY},
        }

    def serve(self, request: Any) -> AWSResponse:
        service = urlsplit(request.url).hostname.partition(".")[0]
        if service in self.denied and service == "cloudformation":
            return _response(request, 403, XML_ERROR.format("AccessDenied", "no"))
        if service in self.denied:
            return _json(request, 400, {"__type": "AccessDeniedException", "message": "no"})
        if service == "cloudformation":
            return self._describe_stacks(request)
        if service == "lambda":
            return self._get_function_configuration(request)
        return self.cognito.serve(request)

    def _describe_stacks(self, request: Any) -> AWSResponse:
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        asked = parse_qs(body)["StackName"][0]
        found = [each for each in self.stacks.values() if asked in (each["StackName"], each["StackId"])]
        if not found:
            return _response(request, 400, XML_ERROR.format("ValidationError", f"Stack {asked} does not exist"))
        return _response(request, 200, STACKS.format(_stack(found[0])))

    def _get_function_configuration(self, request: Any) -> AWSResponse:
        arn = unquote(urlsplit(request.url).path.split("/")[3])
        if arn in self.functions:
            return _json(request, 200, {"FunctionArn": arn})
        response = _json(request, 404, {"Message": "Function not found"})
        response.headers["x-amzn-errortype"] = "ResourceNotFoundException"
        return response


def _stack(stack):
    plain = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in stack.items() if isinstance(value, str))
    return (
        plain + _pairs("Parameters", "Parameter", stack["Parameters"]) + _pairs("Outputs", "Output", stack["Outputs"])
    )


def _pairs(name, kind, values):
    members = "".join(
        f"<member><{kind}Key>{key}</{kind}Key><{kind}Value>{escape(value)}</{kind}Value></member>"
        for key, value in values.items()
    )
    return f"<{name}>{members}</{name}>"


def _json(request, status, document):
    return _response(request, status, json.dumps(document))


def _response(request, status, text):
    return AWSResponse(request.url, status, {}, RawBody(text.encode()))
