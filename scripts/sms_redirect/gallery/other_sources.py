"""Recognises sources that make a template but are not one, and says which file to give instead: pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_TERRAFORM = (
    "{path} is Terraform, which makes no CloudFormation template. Apply it to a test account and name the pool: "
    "--user-pool-id ID."
)
_SERVERLESS = (
    "{path} is a Serverless Framework service. Run `serverless package` and give the template that it makes: "
    "--template .serverless/cloudformation-template-update-stack.json."
)
# serverless.com/framework/docs, "Variables". Neither ${AWS::Region} nor a name of Fn::Sub looks like one.
SERVERLESS_VARIABLE = re.compile(
    r"\$\{\s*(?:(?:self|opt|env|sls|param|ssm|cf|s3|git|aws)(?:\([^(){}]*\))?:(?!:)|(?:file|strToBool)\()[^{}]*\}"
)
SERVERLESS_PART = (
    "The file is a part of a Serverless Framework service, read as CloudFormation would read it, without the "
    "service's variables. Run `serverless package` and give the template that it makes: "
    "--template .serverless/cloudformation-template-update-stack.json."
)
_CDK = (
    "{path} is source code, not a template. With the AWS CDK, run `cdk synth` and give the template that it makes: "
    "--template cdk.out/STACK.template.json."
)
_CDK_CONFIGURATION = (
    "{path} configures the AWS CDK. Run `cdk synth` and give the template that it makes: "
    "--template cdk.out/STACK.template.json."
)
_PULUMI = (
    "{path} is a Pulumi project, which makes no CloudFormation template. Deploy it to a test account and name the "
    "pool: --user-pool-id ID."
)
_SAM_CONFIGURATION = "{path} holds the SAM CLI's settings. Give it as --parameters-file, beside --template."
_SAVED_GALLERY = "{path} is a saved gallery. Compare with it: --compare {path}."

_SOURCE_CODE = frozenset({".ts", ".js", ".mjs", ".cjs", ".tsx", ".py", ".java", ".kt", ".cs", ".go", ".fs"})
_HCL = re.compile(r'^\s*(resource|module|provider|variable|data)\s+"|^\s*(terraform|locals)\s*\{', re.MULTILINE)


def hint(path: Path, text: str) -> str | None:
    """What to give instead of a file whose name or text shows what it is."""
    name, suffix = path.name.lower(), path.suffix.lower()
    if suffix in {".tf", ".tfvars", ".hcl"} or name.endswith(".tf.json") or (not suffix and _HCL.search(text[:20_000])):
        return _TERRAFORM.format(path=path)
    if suffix in _SOURCE_CODE:
        serverless = name.startswith("serverless.")
        return (_SERVERLESS if serverless else _CDK).format(path=path)
    if name == "samconfig.toml":
        return _SAM_CONFIGURATION.format(path=path)
    return None


def hint_in(path: Path, content: Any) -> str | None:
    """What to give instead of a document whose members show what it is."""
    if not isinstance(content, Mapping) or isinstance(content.get("Resources"), Mapping):
        return None
    name, members = path.name.lower(), content.keys()
    recognised = {
        _SERVERLESS: {"service", "provider"} <= members,
        _TERRAFORM: bool({"terraform_version", "resource", "terraform"} & members),
        _CDK_CONFIGURATION: name == "cdk.json" or "artifacts" in members,
        _PULUMI: name in {"pulumi.yaml", "pulumi.yml"},
        _SAVED_GALLERY: str(content.get("schema")).startswith("sms-redirect-gallery/"),
    }
    return next((text.format(path=path) for text, is_one in recognised.items() if is_one), None)


def hint_for_folder(path: Path) -> str:
    """Which of the files in a folder to give."""
    names = ("*.template.json", "template.y*ml", "template.json", "cloudformation-template-update-stack.json")
    found = sorted({str(each) for pattern in names for each in path.glob(pattern)})
    return f"{path} is a folder. Give a template" + (f": {', '.join(found[:10])}." if found else " in it.")
