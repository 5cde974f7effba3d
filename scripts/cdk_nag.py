"""Checks template.yaml with cdk-nag: `python scripts/cdk_nag.py`. Every finding is gone, or explained here.

An explanation that no finding needs any more fails the check as well.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

import environment

FINDING = re.compile(
    r"^(?:ERROR|WARNING) .+ \((?:AwsSolutions|Serverless)\)\n"
    r"\s+Stack/Template/(?P<resource>\w+) .*\n\s+Acknowledge with '\w+::(?P<rule>[\w-]+)",
    re.MULTILINE,
)

IS_THE_LAST_STOP = "It is the failure destination itself: what lies in it is alarmed and kept for 14 days."
RUNTIME = "Python 3.13 is supported until 2029; the newest runtime waits until every dependency has wheels for it."
DESTINATION = "Lost events go to the OnFailure queue, which also tells why. A dead-letter queue would be a second copy."
CLOUDFORMATION = "CloudFormation invokes it, waits for its response and fails the stack without one."
TRACING = "One function, no chain to trace. X-Ray would add permissions and a service that keeps metadata of each SMS."
EXPLAINED = {
    ("FailureQueue", "AwsSolutions-SQS3"): IS_THE_LAST_STOP,
    ("FailureQueue", "Serverless-SQSRedrivePolicy"): IS_THE_LAST_STOP,
    ("SenderFunction", "AwsSolutions-L1"): RUNTIME,
    ("AttachmentFunction", "AwsSolutions-L1"): RUNTIME,
    ("SenderFunction", "Serverless-LambdaLatestVersion"): RUNTIME,
    ("AttachmentFunction", "Serverless-LambdaLatestVersion"): RUNTIME,
    ("SenderFunction", "Serverless-LambdaDLQ"): DESTINATION,
    ("AttachmentFunction", "Serverless-LambdaDLQ"): CLOUDFORMATION,
    ("AttachmentFunctionEventInvokeConfig", "Serverless-LambdaAsyncFailureDestination"): CLOUDFORMATION,
    ("WatchRule", "Serverless-EventBusDLQ"): "A check that was missed is made up for by the next one, minutes later.",
    ("SenderFunction", "Serverless-LambdaTracing"): TRACING,
    ("AttachmentFunction", "Serverless-LambdaTracing"): TRACING,
    ("UserPool", "AwsSolutions-COG2"): "The parameter Mfa decides, and cdk-nag cannot evaluate parameters.",
    ("UserPool", "AwsSolutions-COG8"): "The Plus tier costs per user, and the users of a test pool are made up.",
    ("AttachmentPoolPolicy", "AwsSolutions-IAM5"): (
        "iam:PassRole for the pool's own SMS role, which nobody should have to look up, and to Cognito only; and "
        "Cognito's service-linked role, whose name IAM chooses."
    ),
}  # fmt: skip


def translated() -> dict[str, Any]:
    """The template after the SAM transform."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    template = yaml_parse((environment.ROOT / "template.yaml").read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if "CodeUri" in resource.get("Properties", {}):
            resource["Properties"]["CodeUri"] = "s3://bucket/key"
    document: dict[str, Any] = Translator({}, Parser()).translate(template, {})
    return document


def findings(output: str) -> set[tuple[str, str]]:
    """(resource, rule) of everything that the two packs report."""
    return {(found["resource"], found["rule"]) for found in FINDING.finditer(output)}


def main() -> None:
    if not shutil.which("npm"):
        sys.exit("npm is missing. cdk-nag needs Node.js: https://nodejs.org/")
    environment.install_node_libraries()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.json"
        path.write_text(json.dumps(translated()), encoding="utf-8")
        command = ["node", str(Path(__file__).with_suffix(".js")), str(path)]
        modules = {"NODE_PATH": str(environment.TOOLS / "node" / "node_modules")}
        run = subprocess.run(command, env=os.environ | modules, capture_output=True, text=True, check=False, cwd=folder)
    found = findings(run.stdout + run.stderr)
    if not found:
        sys.exit(f"cdk-nag did not report as expected:\n{run.stdout}\n{run.stderr}")
    unexplained, unneeded = sorted(found - set(EXPLAINED)), sorted(set(EXPLAINED) - found)
    problems = [f"{resource}: {rule} is neither fixed nor explained" for resource, rule in unexplained]
    problems += [f"{resource}: {rule} is explained, but not found" for resource, rule in unneeded]
    if problems:
        sys.exit("\n".join(problems))
    print(f"cdk-nag: AwsSolutions and Serverless, {len(found)} findings, all explained")


if __name__ == "__main__":
    main()
