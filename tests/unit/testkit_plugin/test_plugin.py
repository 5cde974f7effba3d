"""What the pytest plugin does around tests, with an inbox that needs no AWS."""

import subprocess
import sys

import pytest

from sms_redirect.errors import NotAllowed
from sms_redirect.testkit import sandbox

pytest_plugins = ["pytester"]


def loaded_modules(code):
    """The names of all modules after the code ran in a new interpreter."""
    command = [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"]
    return set(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())


# ---- the inbox ----


def test_a_test_sees_no_sms_of_the_test_before(run_on_stack):
    result = run_on_stack("""
        from sms_documents import sms

        def test_first(sms_inbox):
            sms_inbox.arrived.append(sms(1))
            assert sms_inbox.messages() == [sms(1)]

        def test_second(sms_inbox):
            assert sms_inbox.messages() == []
    """)

    result.assert_outcomes(passed=2)


def test_all_tests_share_one_inbox_which_is_closed_at_the_end(run_on_stack, inboxes):
    result = run_on_stack("""
        def test_first(sms_inbox):
            assert sms_inbox.is_open

        def test_second(sms_inbox):
            assert sms_inbox.is_open
    """)

    result.assert_outcomes(passed=2)
    assert [inbox.is_open for inbox in inboxes.made] == [False]


def test_the_inbox_is_closed_when_the_run_is_interrupted(run_on_stack, inboxes):
    source = """
        def test_interrupted(sms_inbox):
            raise KeyboardInterrupt
    """
    result = run_on_stack(source, no_reraise_ctrlc=True)

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert [inbox.is_open for inbox in inboxes.made] == [False]


def test_the_inbox_reads_the_topic_of_the_stack_where_the_stack_is(run_on_stack, inboxes):
    run_on_stack("def test_any(sms_inbox): pass", "--sms-endpoint-url", "http://127.0.0.1:4566")

    (inbox,) = inboxes.made
    assert inbox.arguments["topic_arn"] == "arn:aws:sns:eu-west-1:111122223333:qa-Topic-1"
    assert inbox.arguments["endpoint_url"] == "http://127.0.0.1:4566"


@pytest.mark.parametrize("option", [("--sms-endpoint-url", "http://127.0.0.1:4566"), ("--sms-region", "eu-west-1")])
def test_a_region_or_endpoint_without_a_stack_is_a_usage_error(pytester, option):
    result = pytester.runpytest(*option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{option[0]} would have no effect*--sms-stack-name sms-redirect*"])


def test_an_inbox_that_cannot_be_opened_is_an_error_without_traceback(run_on_stack, inboxes, monkeypatch):
    refusal = NotAllowed("Making a queue is not allowed.", {"Version": "2012-10-17", "Statement": []})
    monkeypatch.setattr(inboxes, "refusal", refusal)

    result = run_on_stack("def test_any(sms_inbox): pass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["Making a queue is not allowed.*", '*"Version": "2012-10-17"*'])
    assert "Traceback" not in result.stdout.str()


# ---- what killed runs left ----


def test_the_run_sweeps_once_after_removing_its_own_queue(run_on_stack, inboxes):
    run_on_stack("def test_any(sms_inbox): pass").assert_outcomes(passed=1)

    assert [sorted(arguments) for arguments in inboxes.swept] == [["endpoint_url", "session"]]


def test_only_the_first_of_many_processes_sweeps(run_on_stack, inboxes, monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw1")

    run_on_stack("def test_any(sms_inbox): pass").assert_outcomes(passed=1)

    assert inboxes.swept == []


def test_a_sweep_without_permission_fails_no_test(run_on_stack, inboxes, monkeypatch):
    def refuse(**_):
        inboxes.swept.append({})
        raise NotAllowed("Listing queues is not allowed.", {})

    monkeypatch.setattr(inboxes, "sweep", refuse)

    run_on_stack("def test_any(sms_inbox): pass").assert_outcomes(passed=1)
    assert inboxes.swept == [{}]


# ---- the report ----


def test_a_failed_test_reports_the_sms_that_arrived_without_their_codes(run_on_stack):
    result = run_on_stack("""
        from sms_documents import sms

        def test_fails(sms_inbox):
            sms_inbox.arrived.append(sms(424241 + 1, phone_number="+12065550123"))
            assert False, "on purpose"
    """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*- SMS that arrived -*", "*SignUp SMS to +12065550123, user alice*"])
    assert "424242" not in result.stdout.str()


def test_a_failed_test_reports_that_no_sms_arrived(run_on_stack):
    result = run_on_stack("""
        def test_fails(sms_inbox):
            assert False
    """)

    result.stdout.fnmatch_lines(["*- SMS that arrived -*", "none"])


def test_a_fixture_that_fails_after_the_inbox_reports_too(run_on_stack):
    result = run_on_stack("""
        import pytest

        @pytest.fixture
        def user(sms_inbox):
            raise RuntimeError("no user")

        def test_user(user):
            pass
    """)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*- SMS that arrived -*", "none"])


@pytest.mark.parametrize("test", ["def test_passes(sms_inbox): pass", "def test_without(): assert False"])
def test_other_tests_have_no_section(run_on_stack, test):
    assert "SMS that arrived" not in run_on_stack(test, "-rA").stdout.str()


# ---- which stack ----


def test_the_ini_file_names_the_stack_its_region_and_its_endpoint(run, pytester, monkeypatch):
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    pytester.makeini("""
        [pytest]
        sms_stack_name = qa
        sms_region = eu-west-1
        sms_endpoint_url = http://127.0.0.1:4566
    """)

    result = run("""
        def test_stack(sms_stack):
            assert sms_stack.stack_name == "qa"
            assert sms_stack.session.region_name == "eu-west-1"
            assert sms_stack.endpoint_url == "http://127.0.0.1:4566"
            assert (sms_stack.user_pool_id, sms_stack.user_pool_client_id) == ("eu-west-1_AbCdEf123", "4t1sf0client")
    """)

    result.assert_outcomes(passed=1)


def test_options_override_the_ini_file(run_on_stack, pytester):
    pytester.makeini("[pytest]\nsms_stack_name = another\n")

    run_on_stack("def test_stack(sms_stack): assert sms_stack.stack_name == 'qa'").assert_outcomes(passed=1)


def test_a_stack_on_an_existing_pool_has_no_client(run_on_stack, stacks):
    del stacks["qa"]["UserPoolClientId"]

    run_on_stack("def test_stack(sms_stack): assert sms_stack.user_pool_client_id is None").assert_outcomes(passed=1)


def test_clients_talk_to_the_endpoint_and_the_region_of_the_stack(run_on_stack):
    result = run_on_stack(
        """
        def test_client(sms_stack):
            client = sms_stack.client("sns")
            assert client.meta.endpoint_url == "http://127.0.0.1:4566"
            assert client.meta.region_name == "eu-west-1"
        """,
        "--sms-endpoint-url",
        "http://127.0.0.1:4566",
    )

    result.assert_outcomes(passed=1)


def test_a_missing_stack_is_an_error_without_traceback(run):
    result = run("def test_stack(sms_inbox): pass", "--sms-stack-name", "nowhere")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["There is no stack 'nowhere' in eu-west-1."])
    assert "Traceback" not in result.stdout.str()
    assert "another exception occurred" not in result.stdout.str()


@pytest.mark.parametrize("output", ["TopicArn", "UserPoolId"])
def test_a_stack_without_the_outputs_is_refused(run_on_stack, stacks, output):
    del stacks["qa"][output]

    result = run_on_stack("def test_stack(sms_stack): pass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"The stack 'qa' has no output {output}*"])


def test_a_sandbox_that_is_not_installed_says_what_to_do(run, monkeypatch):
    monkeypatch.setattr(sandbox, "NEEDED", ("sys", "no_such_package"))

    result = run("def test_sandbox(sms_inbox): pass")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*not installed (no_such_package)*pip install '/path/to/checkout?sandbox?'*"])


# ---- phone numbers ----


def test_each_test_has_a_phone_number_of_its_own(run):
    result = run("""
        import pytest

        seen = set()

        @pytest.mark.parametrize("turn", range(20))
        def test_number(phone_number, turn):
            assert phone_number not in seen
            seen.add(phone_number)
    """)

    result.assert_outcomes(passed=20)


def test_a_test_and_its_fixtures_have_the_same_phone_number(run):
    result = run("""
        import pytest

        @pytest.fixture
        def user(phone_number):
            return phone_number

        def test_number(user, phone_number):
            assert user == phone_number
    """)

    result.assert_outcomes(passed=1)


# ---- what it costs ----


def test_the_plugin_imports_nothing_large():
    """It is loaded by every test run of an environment that has sms-redirect, whether it is used or not."""
    loaded = loaded_modules("import sms_redirect.pytest_plugin")

    assert not {"boto3", "botocore", "click", "starlette", "ministack", "sms_redirect.testkit.sms_inbox"} & loaded


def test_the_test_kit_needs_no_command_line_and_no_web_framework():
    loaded = loaded_modules("from sms_redirect import SmsInbox, Sms, SmsTimeout; import sms_redirect.testkit.target")

    assert "boto3" in loaded
    assert not {"click", "starlette", "jinja2", "uvicorn", "ministack", "phonenumbers", "rich"} & loaded


def test_a_traceback_ends_at_the_line_of_the_test(run_on_stack):
    result = run_on_stack("""
        from sms_redirect.testkit.filter import Filter

        def test_it():
            Filter("nonsense", None, None, None)  # the line of the test
    """)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*the line of the test", "E  *BadInput: *"])
    result.stdout.no_fnmatch_line("*sms_redirect/testkit/filter.py*")
