"""What `sam build` makes of functions/attachment: small, and still whole."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import botocore
import pytest

ROOT = Path(__file__).parents[3]
FUNCTION = ROOT / "functions/attachment"
INSTALLED = Path(botocore.__file__).parents[1]
BUNDLED = ["boto3", "botocore", "jmespath", "dateutil", "s3transfer", "six.py", "urllib3"]

# Stands in for uv, which would download: it copies what is installed here, in the versions that the next test compares.
FAKE_UV = """#!{python}
import shutil, sys
target = sys.argv[sys.argv.index("--target") + 1]
for name in {bundled}:
    source = "{installed}/" + name
    copy = shutil.copytree if not name.endswith(".py") else shutil.copy
    copy(source, target + "/" + name)
"""

MAKE_CLIENTS = """
import sys
sys.path.insert(0, sys.argv[1])
from pool_attachment.pool import Aws
aws = Aws.connect()
import botocore
assert botocore.__file__.startswith(sys.argv[1])
from pool_attachment.watch_channel import Channel
Channel.connect("topic", "queue").sns.get_paginator("list_subscriptions_by_topic")
print(aws.cognito.meta.endpoint_url, aws.kms.meta.endpoint_url, aws.cognito.meta.service_model.api_version)
"""


def test_the_bundled_botocore_is_the_tested_one():
    assert f"botocore=={botocore.__version__} " in (FUNCTION / "requirements.txt").read_text()


def make(folder, path):
    artifacts = folder / "artifacts"
    artifacts.mkdir()
    copy = folder / "source"
    shutil.copytree(FUNCTION, copy, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {"PATH": path, "ARTIFACTS_DIR": str(artifacts)}
    command = ["make", "--silent", "build-AttachmentFunction"]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    return artifacts, done


@pytest.mark.skipif(not shutil.which("make"), reason="sam build needs make, too")
def test_the_pruned_bundle_still_makes_all_clients(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    uv = tools / "uv"
    uv.write_text(FAKE_UV.format(python=sys.executable, bundled=BUNDLED, installed=INSTALLED))
    uv.chmod(0o755)

    artifacts, done = make(tmp_path, f"{tools}:{os.defpath}")

    assert done.returncode == 0, done.stderr
    assert sorted(each.name for each in (artifacts / "botocore/data").iterdir() if each.is_dir()) == [
        "cognito-idp",
        "kms",
        "sns",
        "sqs",
    ]
    region = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-west-1"}
    command = [sys.executable, "-S", "-I", "-c", MAKE_CLIENTS, str(artifacts)]
    made = subprocess.run(command, env=region, capture_output=True, text=True, check=True)
    assert made.stdout.split() == [
        "https://cognito-idp.eu-west-1.amazonaws.com",
        "https://kms.eu-west-1.amazonaws.com",
        "2016-04-18",
    ]


@pytest.mark.skipif(not shutil.which("make"), reason="sam build needs make, too")
def test_a_missing_uv_is_said_in_words(tmp_path):
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("make", "sh"):
        (tools / name).symlink_to(shutil.which(name))

    _, done = make(tmp_path, str(tools))

    assert done.returncode != 0
    assert "uv is missing" in done.stderr
