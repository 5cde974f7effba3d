"""`sms-redirect gallery`: files, output and exit codes."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber
from click.testing import CliRunner
from moto import mock_aws

from gallery_pools import POOL_ID, ROLE
from sms_redirect.cli import main

REGION = "us-east-1"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")


@pytest.fixture
def moto(credentials):
    with mock_aws():
        yield


@pytest.fixture
def template():
    """Writes a template with one pool, whose properties are passed."""

    def write(**properties):
        pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"SmsConfiguration": ROLE} | properties}
        parameters = {"Text": {"Type": "String", "Default": "Default {####}"}}
        Path("template.json").write_text(json.dumps({"Parameters": parameters, "Resources": {"Pool": pool}}))
        return ["--template", "template.json"]

    return write


@pytest.fixture
def stubbed(monkeypatch):
    """Cognito's answers, in order."""
    client = boto3.session.Session("test", "test", region_name=REGION).client("cognito-idp")

    class Session:
        region_name = REGION

        def client(self, service, **_options):
            assert service == "cognito-idp"
            return client

    monkeypatch.setattr(boto3, "Session", lambda **_: Session())
    with Stubber(client) as stubber:
        yield stubber


def gallery(*arguments):
    return CliRunner().invoke(main, ["gallery", *arguments])


def texts(result):
    return {each["id"]: each["text"] for each in json.loads(result.stdout)["messages"]}


# ---- output ----


def test_the_page_goes_to_a_file_whose_name_is_printed(template):
    result = gallery(*template())

    assert result.exit_code == 0
    assert result.stdout == "gallery.html\n"
    assert Path("gallery.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert "of 9 SMS are sent" in result.stderr


def test_the_page_can_go_to_the_standard_output(template):
    result = gallery(*template(), "--output", "-")

    assert result.stdout.startswith("<!doctype html>")
    assert not Path("gallery.html").exists()


def test_json_goes_to_the_standard_output_and_no_page_is_written(template):
    result = gallery(*template(), "--json")

    assert json.loads(result.stdout)["schema"] == "sms-redirect-gallery/1"
    assert not Path("gallery.html").exists()


def test_json_and_a_page_can_be_had_at_once(template):
    result = gallery(*template(), "--json", "--output", "page.html")

    assert json.loads(result.stdout)["messages"]
    assert Path("page.html").exists()


def test_a_file_that_cannot_be_written_is_said(template):
    result = gallery(*template(), "--output", "no/such/folder.html")

    assert result.exit_code == 1
    assert "no/such/folder.html cannot be written: No such file or directory" in result.stderr


def test_half_a_character_does_not_stop_the_page(template):
    result = gallery(*template(SmsVerificationMessage="\ud83d {####}"))

    assert result.exit_code == 0
    assert "? 493027" in Path("gallery.html").read_text(encoding="utf-8")


# ---- check ----


def test_check_passes_where_there_is_no_warning(template):
    assert gallery(*template(), "--check").exit_code == 0


def test_check_fails_on_a_warning_that_is_told_once_with_all_that_it_is_about(template):
    result = gallery(*template(SmsVerificationMessage="Zoë: {####}"), "--check")

    assert result.exit_code == 1
    assert Path("gallery.html").exists()
    (line,) = [line for line in result.stderr.splitlines() if "not-gsm-7" in line]
    assert "Sign-up, Code sent again" in line


def test_without_check_a_warning_is_only_told(template):
    result = gallery(*template(SmsVerificationMessage="Zoë: {####}"))

    assert result.exit_code == 0
    assert "not-gsm-7" in result.stderr


def test_a_warning_can_be_allowed(template):
    pool = template(SmsVerificationMessage="Zoë: {####}")

    assert gallery(*pool, "--check", "--allow", "not-gsm-7").exit_code == 0
    assert gallery(*pool, "--check", "--allow", "several-parts").exit_code == 1


@pytest.mark.parametrize("text", ["no placeholder", "{####}" + "x" * 140, "“{####}”"])
def test_check_guards_every_text(template, text):
    assert gallery(*template(SmsAuthenticationMessage=text), "--check").exit_code == 1


# ---- templates ----


def test_an_override_fills_a_parameter(template):
    pool = template(SmsVerificationMessage={"Ref": "Text"})

    assert texts(gallery(*pool, "--json"))["SignUp"] == "Default 493027"
    assert texts(gallery(*pool, "--json", "--parameter-overrides", "Text=a=b {####}"))["SignUp"] == "a=b 493027"


def test_a_template_needs_no_aws(template, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "there-is-none")

    assert gallery(*template()).exit_code == 0


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"Resources": {}}', "no AWS::Cognito::UserPool"),
        ("{", "not valid JSON"),
    ],
    ids=["no pool", "no template"],
)
def test_a_template_without_a_pool_fails(written, said):
    Path("template.json").write_text(written)

    result = gallery("--template", "template.json")

    assert result.exit_code == 1
    assert said in result.stderr
    assert not Path("gallery.html").exists()


def test_a_function_that_only_a_deployment_knows_cannot_be_asked(template):
    pool = template(LambdaConfig={"CustomMessage": {"Fn::GetAtt": ["Texts", "Arn"]}})

    result = gallery(*pool, "--custom-message", "--region", REGION)

    assert result.exit_code == 1
    assert "--custom-message NAME" in result.stderr


def test_a_pool_without_the_function_says_so(template):
    result = gallery(*template(), "--custom-message", "--region", REGION)

    assert result.exit_code == 1
    assert "no CustomMessage function" in result.stderr


# ---- pools ----


@pytest.mark.usefixtures("moto")
def test_a_pool_is_read_by_its_id_in_the_region_of_its_id():
    cognito = boto3.client("cognito-idp", "eu-west-1")
    pool_id = cognito.create_user_pool(PoolName="shop", VerificationMessageTemplate={"SmsMessage": "Shop {####}"})[
        "UserPool"
    ]["Id"]

    result = gallery("--user-pool-id", pool_id, "--json")

    assert json.loads(result.stdout)["pool"] == {
        "id": pool_id,
        "name": "shop",
        "region": "eu-west-1",
        "origin": f"user pool {pool_id}",
    }
    assert texts(result)["SignUp"] == "Shop 493027"


@pytest.mark.usefixtures("moto")
def test_a_pool_that_is_not_there_fails():
    result = gallery("--user-pool-id", POOL_ID)

    assert result.exit_code == 1
    assert "no such user pool" in result.stderr
    assert POOL_ID in result.stderr


@pytest.mark.usefixtures("moto")
def test_a_stack_that_is_not_there_fails():
    result = gallery("--stack-name", "none", "--region", REGION)

    assert result.exit_code == 1
    assert "no stack 'none'" in result.stderr


@pytest.mark.usefixtures("moto")
def test_a_stack_without_a_pool_fails():
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}})
    boto3.client("cloudformation", REGION).create_stack(StackName="other", TemplateBody=body)

    result = gallery("--stack-name", "other", "--region", REGION)

    assert result.exit_code == 1
    assert "no output UserPoolId" in result.stderr


@pytest.mark.parametrize("denied", ["describe_user_pool", "get_user_pool_mfa_config"])
def test_a_missing_permission_is_named_with_a_policy_that_gives_it(stubbed, denied):
    if denied == "get_user_pool_mfa_config":
        stubbed.add_response("describe_user_pool", {"UserPool": {}})
    stubbed.add_client_error(denied, "AccessDeniedException", "User is not authorized")

    result = gallery("--user-pool-id", POOL_ID)

    assert result.exit_code == 1
    named = {"describe_user_pool": "DescribeUserPool", "get_user_pool_mfa_config": "GetUserPoolMfaConfig"}[denied]
    assert f"{named} of {POOL_ID} in {REGION} is not allowed" in result.stderr
    assert '"cognito-idp:DescribeUserPool"' in result.stderr


@pytest.mark.parametrize(
    ("mfa", "sent"),
    [
        ({"SmsMfaConfiguration": {}}, True),
        ({"SoftwareTokenMfaConfiguration": {"Enabled": True}}, False),
        ({"SmsMfaConfiguration": {}, "SoftwareTokenMfaConfiguration": {"Enabled": True}}, True),
    ],
)
def test_whether_sms_is_a_second_factor_is_asked_for(stubbed, mfa, sent):
    stubbed.add_response("describe_user_pool", {"UserPool": {"MfaConfiguration": "ON", "SmsConfiguration": ROLE}})
    stubbed.add_response("get_user_pool_mfa_config", {"MfaConfiguration": "ON"} | mfa)

    result = gallery("--user-pool-id", POOL_ID, "--json")

    found = {each["id"]: each for each in json.loads(result.stdout)["messages"]}
    assert found["SmsMfa"]["sent"] is sent


@pytest.mark.usefixtures("credentials")
def test_an_endpoint_that_does_not_respond_is_reported():
    result = gallery("--user-pool-id", POOL_ID, "--endpoint-url", "http://127.0.0.1:1")

    assert result.exit_code == 1
    assert "127.0.0.1:1" in result.stderr


def test_a_text_in_another_encoding_than_the_terminals_is_written(template):
    """A terminal that knows ASCII only gets the page as UTF-8."""
    arguments = [*template(SmsVerificationMessage="Zoë {####}"), "--output", "-"]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}

    finished = subprocess.run(
        [sys.executable, "-c", "from sms_redirect.cli import main; main()", "gallery", *arguments],
        capture_output=True,
        env=environment,
        check=True,
    )

    assert "Zoë 493027" in finished.stdout.decode()


# ---- what it needs ----

UNWANTED = ["aws_encryption_sdk", "uvicorn", "ministack", "phonenumbers", "sms_redirect.sandbox", "starlette", "yaml"]


def test_the_gallery_does_without_the_sandboxs_and_the_inboxs_packages(template):
    program = (
        "import sys\nfrom sms_redirect.cli import main\n"
        f"main({['gallery', *template()]!r}, standalone_mode=False)\n"
        f"print([name for name in {UNWANTED!r} if name in sys.modules])"
    )

    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)

    assert finished.stdout.splitlines() == ["gallery.html", "[]"]


def test_a_yaml_template_without_pyyaml_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "yaml", None)
    Path("template.yaml").write_text("Resources: {}")

    result = gallery("--template", "template.yaml")

    assert result.exit_code == 1
    assert "pip install pyyaml" in result.stderr


def test_a_page_without_jinja_says_what_to_install_and_json_does_without(template, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "sms_redirect.gallery.page", raising=False)

    page, document = gallery(*template()), gallery(*template(), "--json")

    assert page.exit_code == 1
    assert "install sms-redirect[inbox]" in page.stderr
    assert document.exit_code == 0


# ---- formats, locales, comparisons ----


def test_the_other_formats_go_to_the_standard_output_and_write_no_page(template):
    pool = template(SmsVerificationMessage="Nothing")

    markdown, github = gallery(*pool, "--format", "markdown"), gallery(*pool, "--format", "github")

    assert markdown.stdout.startswith("<!-- sms-redirect-gallery -->")
    assert github.stdout.startswith("::error file=template.json,line=1,")
    assert not Path("gallery.html").exists()
    assert gallery(*pool, "--format", "github", "--output", "page.html").stdout == github.stdout
    assert Path("page.html").exists()


def test_a_template_that_cannot_be_read_is_annotated_too():
    Path("template.yaml").write_text("a: [\n")

    result = gallery("--template", "template.yaml", "--format", "github")

    assert result.exit_code == 1
    assert result.stdout.startswith("::error file=template.yaml,line=2,")


@pytest.mark.parametrize(
    ("settings", "options", "file"),
    [
        ({"SmsVerificationMessage": ["x"]}, (), "template.json"),
        ({}, ("--parameter-overrides", "Nothing=x"), "template.json"),
        ({}, ("--logical-id", "Other"), "template.json"),
        ({}, ("--parameters-file", "parameters.json"), "parameters.json"),
    ],
)
def test_whatever_leaves_no_gallery_is_annotated_in_its_file(template, settings, options, file):
    Path("parameters.json").write_text("5")

    result = gallery(*template(**settings), *options, "--format", "github")

    assert result.stdout.startswith(f"::error file={file},line=1,")


def test_a_text_that_is_not_known_fails_without_the_check_and_hides_nothing(template):
    settings = {"SmsAuthenticationMessage": "{{resolve:ssm:/sms}}", "MfaConfiguration": "REQUIRED"}

    result = gallery(*template(**settings), "--format", "github")

    assert result.exit_code == 1
    assert "title=unresolved-text::" in result.stdout
    assert "title=not-allowed::" in result.stdout


HOSTILE = "x\n  ::add-mask::secret\n::stop-commands::x\r::error::y ##[add-mask]z \x1b[31m"


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"UserPoolName": HOSTILE, HOSTILE: 1, "LambdaConfig": {"CustomMessage": HOSTILE}}, ()),
        ({"UserPoolName": HOSTILE}, ("--locale", HOSTILE, "--locale", "de")),
        ({"SmsVerificationMessage": {HOSTILE: 1}}, ()),
        ({}, ("--logical-id", HOSTILE)),
        ({}, ("--parameter-overrides", f"{HOSTILE}=1")),
        ({}, ("--attribute", f"{HOSTILE}=1")),
    ],
)
@pytest.mark.parametrize("form", ["json", "markdown", "github"])
def test_nothing_told_is_a_command_of_a_pipeline(template, settings, options, form):
    """The runner of GitHub Actions looks for commands in both outputs."""
    result = gallery(*template(**settings), *options, "--format", form)

    ours = [line for line in result.stdout.split("\n") if line.startswith(("::error ", "::warning "))]
    others = [line for line in re.split(r"[\r\n]", result.output) if line not in ours]
    assert bool(ours) == (form == "github")
    assert not [line for line in others if line.lstrip().startswith("::") or "##[" in line or "\x1b" in line]


def test_an_error_is_told_with_its_line_and_fails_the_check(template):
    result = gallery(*template(MfaConfiguration="REQUIRED"), "--check")

    assert result.exit_code == 1
    assert "template.json:1: Error not-allowed: MfaConfiguration is 'REQUIRED'" in result.stderr


def test_every_locale_is_a_gallery_of_its_own(template):
    result = gallery(*template(), "--locale", "de", "--locale", "fr", "--locale", "de", "--json")

    found = json.loads(result.stdout)
    assert found["sample"]["locales"] == ["de", "fr"]
    assert [each["locale"] for each in found["messages"]] == ["de"] * 9 + ["fr"] * 9


def test_the_sample_user_has_what_is_given(template):
    result = gallery(
        *template(), "--attribute", "name=Zoë", "--client-metadata", "a=b", "--client-metadata", '{"c": "d"}', "--json"
    )

    assert json.loads(result.stdout)["sample"] == {
        "attributes": {"name": "Zoë"},
        "client_metadata": {"a": "b", "c": "d"},
        "locales": [],
    }


def test_values_come_from_a_file_and_the_command_line_has_the_last_word(template):
    pool = template(SmsVerificationMessage={"Ref": "Text"})
    Path("values.json").write_text('{"Text": "File {####}"}')
    with_file = [*pool, "--parameters-file", "values.json", "--json"]

    assert texts(gallery(*with_file))["SignUp"] == "File 493027"
    assert texts(gallery(*with_file, "--parameter-overrides", "Text=Line {####}"))["SignUp"] == "Line 493027"


def test_a_samconfig_gives_values_stack_and_region(template):
    pool = template(SmsVerificationMessage={"Fn::Sub": "${AWS::StackName} ${AWS::Region} {####}"})
    Path("samconfig.toml").write_text('[qa.deploy.parameters]\nstack_name = "shop"\nregion = "eu-west-1"\n')

    result = gallery(*pool, "--parameters-file", "samconfig.toml", "--config-env", "qa", "--json")

    assert texts(result)["SignUp"] == "shop eu-west-1 493027"


def saved(*arguments, name="old.json"):
    Path(name).write_text(gallery(*arguments, "--json").stdout)
    return name


@pytest.mark.parametrize("form", ["html", "json", "markdown", "github"])
def test_a_comparison_fails_for_new_errors_only(template, form):
    old = saved(*template(SmsVerificationMessage="Nothing"))

    same = gallery(*template(SmsVerificationMessage="Nothing here"), "--compare", old, "--format", form)
    worse = gallery(*template(SmsAuthenticationMessage="Nothing"), "--compare", old, "--format", form)

    assert same.exit_code == 0, same.stderr
    assert worse.exit_code == 1
    assert "New error no-placeholder: SmsAuthenticationMessage" in worse.stderr


def test_two_templates_are_compared(template):
    old = template(SmsVerificationMessage={"Ref": "Text"})[1]
    Path(old).rename("before.json")
    pool = template(SmsVerificationMessage={"Fn::Sub": "${Text}!"})

    result = gallery(*pool, "--compare", "before.json", "--json", "--parameter-overrides", "Text=Hi {####}")

    (change,) = json.loads(result.stdout)["changes"]
    assert (change["before"]["copy"], change["after"]["copy"]) == ("Hi {####}", "Hi {####}!")


def test_two_saved_galleries_are_compared(template):
    old = saved(*template(SmsVerificationMessage="Old {####}"))
    new = saved(*template(SmsVerificationMessage="New {####}"), name="new.json")

    result = gallery("--template", new, "--compare", old)

    assert result.exit_code == 0
    page = Path("gallery.html").read_text(encoding="utf-8")
    assert "Old {####}" in page
    assert "New {####}" in page


@pytest.mark.usefixtures("moto")
def test_a_template_is_compared_with_a_pool(template):
    cognito = boto3.client("cognito-idp", REGION)
    pool_id = cognito.create_user_pool(PoolName="shop", VerificationMessageTemplate={"SmsMessage": "Now {####}"})[
        "UserPool"
    ]["Id"]

    result = gallery(*template(SmsVerificationMessage="Soon {####}"), "--compare", pool_id, "--json")

    (change,) = [each for each in json.loads(result.stdout)["changes"] if each["messages"][0]["id"] == "SignUp"]
    assert (change["before"]["copy"], change["after"]["copy"]) == ("Now {####}", "Soon {####}")


@pytest.mark.parametrize("old", ["none.json", "us-east-1_none.yaml", "."])
def test_nothing_to_compare_with_is_not_a_new_error(template, old):
    result = gallery(*template(), "--compare", old)

    assert result.exit_code == 2
    assert not Path("gallery.html").exists()


# ---- usage ----


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--check", "--allow", "over-140-characters"], "is an error"),
        (["--check", "--allow", "nonsense"], "no warning 'nonsense'"),
        (["--config-env", "qa"], "belongs to --parameters-file"),
        (["--json", "--format", "github"], "choose one"),
        (["--attribute", "x"], "NAME=VALUE"),
        (["--attribute", "shirt=x"], "no attribute 'shirt'"),
        (["--client-metadata", "=x"], "NAME=VALUE"),
        (["--client-metadata", "{"], "not valid JSON"),
        (["--client-metadata", '{"a": 1}'], "must be strings"),
        (["--format", "markdown", "--output", "-"], "standard output"),
        (["--format", "pdf"], "pdf"),
        (["--parameters-file", "none.json"], "No such file"),
    ],
)
def test_what_an_option_needs_is_said(template, arguments, said):
    result = gallery(*template(), *arguments)

    assert result.exit_code in {1, 2}
    assert said in result.stderr
    assert not Path("gallery.html").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--user-pool-id", POOL_ID, "--stack-name", "x"],
        ["--user-pool-id", POOL_ID, "--template", "template.json"],
        ["--user-pool-id", POOL_ID, "--logical-id", "Pool"],
        ["--user-pool-id", POOL_ID, "--parameter-overrides", "A=b"],
        ["--template", "template.json", "--parameter-overrides", "A"],
        ["--template", "template.json", "--parameter-overrides", "Nope=x"],
        ["--template", "template.json", "--json", "--output", "-"],
        ["--template", "template.json", "--allow", "not-gsm-7"],
        ["--nonsense"],
    ],
    ids=" ".join,
)
def test_a_usage_error_exits_with_2(template, arguments):
    template()

    assert gallery(*arguments).exit_code == 2
