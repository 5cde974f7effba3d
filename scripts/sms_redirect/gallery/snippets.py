"""A text as people put it into a pool: for CloudFormation, the AWS CLI and Terraform. Pure."""

from __future__ import annotations

import json
import shlex
from typing import Any

from sms_redirect.pool_rules import model
from sms_sender.flows import Kind
from sms_sender.templates import SETTINGS

SOME_POOL = "us-east-1_EXAMPLE"
_WARNING = "# UpdateUserPool resets every setting that a call leaves out, so the pool's others go back with the text."
# As the attachment function sends settings back (docs/cognito-facts.md, "UpdateUserPool"): MfaConfiguration stays if it
# is left out, empty members and tags of AWS's own are refused, and so are two kinds of days for one password.
_JQ = """{{UserPoolId: .Id}} + del({read_only})
  | .UserPoolTags = ((.UserPoolTags // {{}}) | with_entries(select(.key | startswith("aws:") | not)))
  | if .Policies.PasswordPolicy.TemporaryPasswordValidityDays then
      del(.AdminCreateUserConfig.UnusedAccountValidityDays) else . end
  | with_entries(select(.value != {{}})){texts}"""
_LAST_OF_PLANE_0 = "\uffff"  # JSON would write the others as two halves, which YAML does not put together
_TERRAFORM: dict[Kind, tuple[str, ...]] = {
    "verification": ("verification_message_template", "sms_message"),
    "authentication": ("sms_authentication_message",),
    "invitation": ("admin_create_user_config", "invite_message_template", "sms_message"),
}


def of(kind: Kind, text: str, pool_id: str | None) -> dict[str, str]:
    """By the name of the tool."""
    return {
        "cloudformation": _cloudformation(kind, text),
        "cli": _cli(kind, text, pool_id or SOME_POOL),
        "terraform": _terraform(kind, text),
    }


def _cloudformation(kind: Kind, text: str) -> str:
    """Properties of an AWS::Cognito::UserPool in YAML, of which a JSON string is a part."""
    *outer, last = SETTINGS[kind][0]
    lines = [f"{'  ' * depth}{name}:" for depth, name in enumerate(outer)]
    return "\n".join([*lines, f"{'  ' * len(outer)}{last}: {_json(text)}"]) + "\n"


def _cli(kind: Kind, text: str, pool_id: str) -> str:
    """With jq. Of two settings for one text the pool keeps both, if it has both."""
    first, *others = (f".{'.'.join(path)}" for path in SETTINGS[kind])
    texts = f"\n  | {first} = $text"
    texts += "".join(f"\n  | if {each} then {each} = $text else . end" for each in others)
    read_only = ", ".join(f".{name}" for name in sorted({*model.read_only_members(), "MfaConfiguration"}))
    program = shlex.quote(_JQ.format(read_only=read_only, texts=texts))
    return (
        f"{_WARNING}\n"
        f"aws cognito-idp describe-user-pool --user-pool-id {shlex.quote(pool_id)} --query UserPool --output json |\n"
        f"  jq --argjson text {shlex.quote(_json(text))} {program} > pool.json &&\n"
        "aws cognito-idp update-user-pool --cli-input-json file://pool.json\n"
    )


def _terraform(kind: Kind, text: str) -> str:
    """Arguments of an aws_cognito_user_pool, in whose strings `${` and `%{` begin a template."""
    *outer, last = _TERRAFORM[kind]
    quoted = _json(text).replace("${", "$${").replace("%{", "%%{")
    lines = [f"{'  ' * depth}{name} {{" for depth, name in enumerate(outer)]
    lines.append(f"{'  ' * len(outer)}{last} = {quoted}")
    lines += ["  " * depth + "}" for depth in reversed(range(len(outer)))]
    return "\n".join(lines) + "\n"


def _json(value: Any) -> str:
    """Characters as they are, except those that are not seen. JSON's escapes of them mean the same in YAML and HCL."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() or each > _LAST_OF_PLANE_0 else f"\\u{ord(each):04x}" for each in text)
