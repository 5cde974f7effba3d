"""What nobody outside AWS knows for certain, each asked in a way that a redirected pool can answer.

A question answers JSON that is the same whenever the behaviour is: no values of the run, no times. Every row of
docs/fidelity.md that is "unknown" and every entry of "Unknown" in docs/cognito-facts.md is settled by one, or is listed
in NOT_TO_BE_SETTLED with the reason.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from real_account.owner import Owner
from real_account.recordings import redacted
from real_account.redirected import Redirected, other, outcome
from sms_redirect.attachment.by_hand import ByHand, Wanted
from sms_redirect.attachment.deployed import Deployed
from sms_redirect.aws import Aws
from sms_redirect.errors import SmsTimeout

FACTS = "docs/cognito-facts.md, Unknown: "
FIDELITY = "docs/fidelity.md: "

# Row of docs/fidelity.md, by its test, or entry of docs/cognito-facts.md -> why the suite does not ask.
NOT_TO_BE_SETTLED = {
    FACTS
    + "the exact punctuation of the default texts": "A custom sender gets no text and the API returns no default: "
    "it takes a real phone and a pool without a custom sender. What the API says is asked in `texts-never-set`.",
    FACTS + "whether SNS takes two addresses as one endpoint": "If it does, both get an email, and neither is ours.",
    FACTS
    + "whether an update of a topic by CloudFormation leaves tags alone that are not in the template": "The suite "
    "deploys each stack once. After an update of your own, `aws sns list-tags-for-resource` tells.",
    FIDELITY
    + "test_a_new_subscription_is_pending_and_gets_a_mail_with_a_link": "The link is in an email only, so it takes a "
    "mailbox that somebody reads.",
}


@dataclass
class World:
    """`new` is a pool of the stack's own, `attached` one of the owner's."""

    account: Any
    owner: Owner
    new: Redirected
    attached: Redirected

    def names(self):
        """What is redacted by name in every answer."""
        pools = {pool.pool_id: "<pool>" for pool in (self.new, self.attached)}
        clients = {pool.client_id: "<app client>" for pool in (self.new, self.attached)}
        return pools | clients | {self.account.id: "<account>", self.account.name: "<run>"}


@dataclass(frozen=True)
class Question:
    """`settles`: rows of docs/fidelity.md by their test, entries of docs/cognito-facts.md by their words."""

    name: str
    asked: str
    settles: tuple[str, ...]
    probe: Callable[[World], Any] = field(repr=False)

    def answer(self, world):
        return redacted(self.probe(world), world.names())


QUESTIONS: list[Question] = []


def question(name, asked, *settles):
    def registered(probe):
        QUESTIONS.append(Question(name, asked, settles, probe))
        return probe

    return registered


# ---- settings of a pool ----


@question(
    "unchanged-aws-tags",
    "Does UpdateUserPool refuse the aws:* tags of a pool that CloudFormation made, if they are sent unchanged?",
    FACTS + "UpdateUserPool refuses unchanged `aws:*` tags",
)
def unchanged_aws_tags(world):
    cognito, settings = world.new.cognito, world.new.settings()
    tags = sorted(tag for tag in settings.get("UserPoolTags", {}) if tag.startswith("aws:"))
    return {"tags": tags, "update": outcome(cognito.update_user_pool, UserPoolId=world.new.pool_id, **settings)}


@question(
    "texts-never-set",
    "What do DescribeUserPool and GetUserPoolMfaConfig return for SMS texts that were never set?",
    FIDELITY + "test_unset_texts_are_cognitos_defaults",
)
def texts_never_set(world):
    cognito, role = world.new.cognito, {"SnsCallerArn": world.owner.sms_role, "ExternalId": "theirs"}
    pool = world.account.when_spread(
        cognito.create_user_pool,
        PoolName=f"{world.account.name}-no-texts",
        AutoVerifiedAttributes=["phone_number"],
        SmsConfiguration=role,
        MfaConfiguration="OPTIONAL",
    )["UserPool"]
    try:
        found = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
        mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool["Id"])
    finally:
        cognito.delete_user_pool(UserPoolId=pool["Id"])
    return {
        "SmsVerificationMessage": found.get("SmsVerificationMessage"),
        "VerificationMessageTemplate": found.get("VerificationMessageTemplate", {}).get("SmsMessage"),
        "SmsAuthenticationMessage": found.get("SmsAuthenticationMessage"),
        "InviteMessageTemplate": found.get("AdminCreateUserConfig", {})
        .get("InviteMessageTemplate", {})
        .get("SMSMessage"),
        "SmsMfaConfiguration": mfa.get("SmsMfaConfiguration", {}).get("SmsAuthenticationMessage"),
    }


@question(
    "changed-text-is-current",
    "Is a changed text in every DescribeUserPool that follows, and in the next SMS?",
    FIDELITY + "test_two_changes_within_a_second_reach_ten_instances_at_once",
)
def changed_text_is_current(world):
    pool, stale = world.new, 0
    before = pool.settings()
    texts = [f"{{####}} is code {letter}" for letter in "ABCDE"]
    try:
        for text in texts:
            pool.update(SmsVerificationMessage=text, VerificationMessageTemplate={"SmsMessage": text})
            stale += pool.settings().get("SmsVerificationMessage") != text
        person = pool.person()
        person.sign_up()
        sms = person.sms("SignUp")
    finally:
        names = ("SmsVerificationMessage", "VerificationMessageTemplate")
        pool.update(**{name: before[name] for name in names if name in before})
    return {"descriptions that were old": stale, "the SMS is new": sms.text.replace(sms.code, "{####}") == texts[-1]}


@question(
    "second-factor-rules-out-one-time-passwords",
    "Can a pool have SMS_OTP as a first factor and MFA ON?",
    FIDELITY + "test_a_required_second_factor_rules_out_one_time_passwords",
)
def second_factor_rules_out_one_time_passwords(world):
    name = f"{world.account.name}-both"
    role = {"SnsCallerArn": world.owner.sms_role, "ExternalId": "theirs"}
    answer = outcome(
        world.new.cognito.create_user_pool,
        PoolName=name,
        AutoVerifiedAttributes=["phone_number"],
        SmsConfiguration=role,
        MfaConfiguration="ON",
        Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}},
    )
    for each in world.new.cognito.list_user_pools(MaxResults=60)["UserPools"]:
        if each["Name"] == name:
            world.new.cognito.delete_user_pool(UserPoolId=each["Id"])
    return answer


# ---- triggers, key, subscription ----


@question(
    "custom-message-beside-a-custom-sender",
    "Which CustomMessage sources run for a SignUp in a pool that has a custom SMS sender?",
    FACTS + "whether CustomMessage runs beside a custom sender",
)
def custom_message_beside_a_custom_sender(world):
    person = world.attached.person().confirmed()
    world.attached.person().confirmed()  # a sandbox may log a line only with the function's next call
    control = "PostConfirmation_ConfirmSignUp"  # ran later: once it is in the log, all that ran before is, too
    deadline = time.monotonic() + world.account.patience
    while control not in (seen := world.owner.observed(person.name)):
        assert time.monotonic() < deadline, "The function's log is not there: nothing can be told."
        time.sleep(0.5)
    return sorted(each for each in seen if each.startswith("CustomMessage"))


@question(
    "grant-on-the-key",
    "Which grants does the stack's key have while a pool is attached, and which after it was detached?",
    FACTS + "whether Cognito's grant on the key is retired on detach",
)
def grant_on_the_key(world):
    pool, session = world.attached, world.account.session
    aws = Aws(session, session.endpoint_url)
    here = ByHand(aws, pool.pool_id, world.account.clock)
    attached = _grants(world)
    here.detach(here.preview_detach(here.settings())[1])
    world.account.settle()
    detached = _grants(world)
    deployed = Deployed.read(aws, pool.stack_name)
    here.attach(here.preview_attach(here.settings(), Wanted(pool.stack_name), deployed)[1])
    return {"attached": attached, "detached": detached}


def _grants(world):
    grants = world.account.client("kms").list_grants(KeyId=world.attached.outputs["KmsKeyArn"])["Grants"]
    return [
        {
            "operations": sorted(grant["Operations"]),
            "grantee": _principal(grant.get("GranteePrincipal")),
            "retiring": _principal(grant.get("RetiringPrincipal")),
            "constraints": {name: sorted(value) for name, value in grant.get("Constraints", {}).items()},
        }
        for grant in grants
    ]


def _principal(value):
    """A service's name, or that it is somebody of an account."""
    return None if value is None else value if value.endswith(".amazonaws.com") else "<an account's>"


@question(
    "subscription-of-a-stack",
    "Which state has a stack's email subscription when CloudFormation calls it created?",
    FIDELITY + "test_a_stacks_subscription_is_pending_until_its_link_is_followed",
)
def subscription_of_a_stack(world):
    stack = world.account.client("cloudformation").describe_stacks(StackName=world.new.stack_name)["Stacks"][0]
    topic = world.new.outputs["TopicArn"]
    subscriptions = world.account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    emails = [each["SubscriptionArn"] for each in subscriptions if each["Protocol"] == "email"]
    pending = ["pending" if arn == "PendingConfirmation" else "confirmed" for arn in emails]
    return {"stack": stack["StackStatus"], "email subscriptions": pending}


@question(
    "no-invoke-permission",
    "What does SignUp answer if Cognito may not invoke the custom sender?",
    FACTS + "what a missing invoke permission does to the API call",
    FIDELITY + "test_without_the_invoke_permission_nothing_is_invoked_and_the_inbox_says_why",
)
def no_invoke_permission(world):
    functions, name = world.account.client("lambda"), world.new.outputs["SenderFunctionName"]
    statement = _statement(functions, name)
    functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    world.account.settle()
    try:
        return _what_a_sign_up_does(world.new)
    finally:
        functions.add_permission(
            FunctionName=name,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="cognito-idp.amazonaws.com",
            SourceAccount=world.account.id,
            SourceArn=world.new.cognito.describe_user_pool(UserPoolId=world.new.pool_id)["UserPool"]["Arn"],
        )
        world.account.settle()
        _until_sms_arrive(world.new)


@question(
    "key-that-cannot-be-used",
    "What does SignUp answer if the key of the custom sender is disabled?",
    FIDELITY + "test_a_key_that_is_disabled_is_named",
)
def key_that_cannot_be_used(world):
    kms, key = world.account.client("kms"), world.new.outputs["KmsKeyArn"]
    kms.disable_key(KeyId=key)
    world.account.settle()
    try:
        return _what_a_sign_up_does(world.new)
    finally:
        kms.enable_key(KeyId=key)
        world.account.settle()
        _until_sms_arrive(world.new)


def _statement(functions, name):
    return json.loads(functions.get_policy(FunctionName=name)["Policy"])["Statement"][0]


def _what_a_sign_up_does(pool):
    person = pool.person()
    try:
        response = person.sign_up()
    except ClientError as error:
        refused = error.response["Error"]
        return {"refused": refused["Code"], "message": refused["Message"], "an SMS arrives": person.gets_sms("SignUp")}
    medium = response.get("CodeDeliveryDetails", {}).get("DeliveryMedium")
    return {"accepted": True, "medium": medium, "an SMS arrives": person.gets_sms("SignUp")}


def _until_sms_arrive(pool, tries=5):
    """The pool works again: what comes after must not be measured in its recovery."""
    for _ in range(tries):
        with suppress(ClientError, SmsTimeout):
            person = pool.person()
            person.sign_up()
            person.sms("SignUp", timeout=pool.account.patience / tries)
            return
    raise AssertionError("The pool did not recover.")


# ---- sign-up and passwords ----


@question(
    "validation-error-and-password",
    "Does a validation error repeat the password that it is about?",
    FIDELITY + "test_no_validation_error_repeats_a_password",
)
def validation_error_and_password(world):
    # Not signed, and not checked by botocore: a password that is too long must reach the service.
    config = Config(signature_version=UNSIGNED, parameter_validation=False)
    session = world.account.session
    cognito = session.client("cognito-idp", config=config)
    answer = outcome(cognito.sign_up, ClientId=world.new.client_id, Username="x", Password="secret " * 60)
    return answer | {"repeats it": "secret" in answer["message"], "message": answer["message"].replace("secret ", "")}


@question(
    "refused-password-and-code",
    "Is a code of ForgotPassword still valid after a password that the policy refuses?",
    FIDELITY + "test_a_refused_password_leaves_the_code_valid",
)
def refused_password_and_code(world):
    person, cognito = world.new.person().confirmed(), world.new.cognito
    cognito.forgot_password(**person.as_user)
    answer = {**person.as_user, "ConfirmationCode": person.sms("ForgotPassword").code}
    refused = outcome(cognito.confirm_forgot_password, **answer, Password="sh0rT!")
    return {"first": refused, "then": outcome(cognito.confirm_forgot_password, **answer, Password=person.password)}


@question(
    "administrators-reset",
    "Which trigger source, client id and response does AdminResetUserPassword have?",
    FIDELITY + "test_an_administrators_reset_sends_a_code_and_no_details",
)
def administrators_reset(world):
    person = world.new.person().confirmed()
    since = {sms.id for sms in world.new.inbox.messages(phone_number=person.number)}
    response = world.new.cognito.admin_reset_user_password(**person.as_admin)
    sms = _any_sms(person, since)
    return {
        "response": sorted(set(response) - {"ResponseMetadata"}),
        "trigger source": sms.flow,
        "client id": "an app's" if sms.client_id == world.new.client_id else sms.client_id,
        "sign-in": outcome(person.sign_in),
    }


def _any_sms(person, known):
    """The first SMS to that person, whatever its flow is."""
    deadline = time.monotonic() + person.pool.account.patience
    while time.monotonic() < deadline:
        for sms in person.pool.inbox.messages(phone_number=person.number):
            if sms.id not in known:
                person.pool.secrets.add("code", sms.code)
                return sms
        time.sleep(0.05)
    raise SmsTimeout(f"No SMS for {person.name}")


# ---- attributes ----


def _changing(number):
    return {"UserAttributes": [{"Name": "phone_number", "Value": number}]}


def _with_a_pending_number(pool):
    """(person, access token, the pending number, the code that went out for it, what the event's number was)."""
    person, pending = pool.person().confirmed(), pool.person().number
    token = person.token()
    known = {sms.id for number in (person.number, pending) for sms in pool.inbox.messages(phone_number=number)}
    pool.cognito.update_user_attributes(AccessToken=token, **_changing(pending))
    sms = _sms_of(person, known)
    pool.secrets.add("code", sms.code)
    return person, token, pending, sms


def _sms_of(person, known):
    """The first new SMS for that user, to whichever number."""
    deadline = time.monotonic() + person.pool.account.patience
    while time.monotonic() < deadline:
        for sms in person.pool.inbox.messages(user_name=person.name):
            if sms.id not in known and sms.flow != "SignUp":
                return sms
        time.sleep(0.05)
    raise SmsTimeout(f"No SMS for {person.name}")


def _which(number, person, pending):
    return {person.number: "old", pending: "new"}.get(number, "another")


@question(
    "number-in-the-event",
    "Which number has the event of UpdateUserAttributes if the pool verifies before it updates?",
    FACTS + "which number an UpdateUserAttribute event has if verification comes before the update",
    FIDELITY + "test_where_verification_comes_first_the_old_number_stays_until_the_new_one_is_proven",
)
def number_in_the_event(world):
    person, token, pending, sms = _with_a_pending_number(world.attached)
    meanwhile = person.phone()
    request = {"AccessToken": token, "AttributeName": "phone_number", "Code": sms.code}
    verified = outcome(world.attached.cognito.verify_user_attribute, **request)
    return {
        "flow": sms.flow,
        "event": _which(sms.phone_number, person, pending),
        "user meanwhile": [_which(meanwhile[0], person, pending), meanwhile[1]],
        "VerifyUserAttribute": verified,
        "user afterwards": [_which(person.phone()[0], person, pending), person.phone()[1]],
    }


@question(
    "code-with-a-number-pending",
    "Where does GetUserAttributeVerificationCode send while a new number is pending?",
    FIDELITY + "test_a_code_for_the_old_number_does_not_prove_the_pending_one",
)
def code_with_a_number_pending(world):
    pool = world.attached
    person, token, pending, first = _with_a_pending_number(pool)
    request = {"AccessToken": token, "AttributeName": "phone_number"}
    known = {sms.id for sms in pool.inbox.messages(user_name=person.name)} | {first.id}
    answer = outcome(pool.cognito.get_user_attribute_verification_code, **request)
    if answer != "accepted":
        return {"GetUserAttributeVerificationCode": answer}
    sms = _sms_of(person, known)
    pool.secrets.add("code", sms.code)
    verified = outcome(pool.cognito.verify_user_attribute, **request, Code=sms.code)
    number, state = person.phone()
    return {
        "event": _which(sms.phone_number, person, pending),
        "VerifyUserAttribute": verified,
        "user afterwards": [_which(number, person, pending), state],
    }


@question(
    "code-of-another-number",
    "Does a code that went to the old number verify the new one?",
    FIDELITY + "test_a_code_proves_the_number_that_it_was_sent_to_and_no_other",
)
def code_of_another_number(world):
    pool = world.new
    person, changed = pool.person().confirmed(), pool.person().number
    request = {"AccessToken": person.token(), "AttributeName": "phone_number"}
    pool.cognito.get_user_attribute_verification_code(**request)
    code = person.sms("VerifyUserAttribute").code
    pool.cognito.admin_update_user_attributes(**person.as_admin, **_changing(changed))
    pool.sms(changed, "UpdateUserAttribute")
    verified = outcome(pool.cognito.verify_user_attribute, **request, Code=code)
    number, state = person.phone()
    return {"VerifyUserAttribute": verified, "user afterwards": [_which(number, person, changed), state]}


@question(
    "administrator-vouches",
    "Is a pending number still pending after an administrator has set another one as verified?",
    FIDELITY + "test_an_administrator_who_vouches_ends_what_was_pending",
)
def administrator_vouches(world):
    pool = world.attached
    person, token, pending, sms = _with_a_pending_number(pool)
    third = pool.person().number
    vouching = [*_changing(third)["UserAttributes"], {"Name": "phone_number_verified", "Value": "true"}]
    pool.cognito.admin_update_user_attributes(**person.as_admin, UserAttributes=vouching)
    request = {"AccessToken": token, "AttributeName": "phone_number", "Code": sms.code}
    verified = outcome(pool.cognito.verify_user_attribute, **request)
    number, state = person.phone()
    return {
        "VerifyUserAttribute": verified,
        "user afterwards": ["vouched for" if number == third else _which(number, person, pending), state],
    }


# ---- sign-in ----

MOST_GUESSES = 12


@question(
    "guessing-a-code",
    "How many wrong codes does a session of SMS_MFA take, and what is then answered to the right one?",
    FIDELITY + "test_guessing_ends_the_session",
)
def guessing_a_code(world):
    person = world.new.person().confirmed().prefers_sms()
    challenge = person.sign_in()
    code = person.sms("Authentication").code
    wrong = [outcome(person.respond, challenge=challenge, SMS_MFA_CODE=other(code))]
    while len(wrong) < MOST_GUESSES and wrong[-1] == wrong[0]:
        wrong.append(outcome(person.respond, challenge=challenge, SMS_MFA_CODE=other(code)))
    alike = sum(each == wrong[0] for each in wrong)
    return {
        "a wrong code": wrong[0],
        "so often": alike,
        "then": wrong[-1] if alike < len(wrong) else "the same",
        "the right code": outcome(person.respond, challenge=challenge, SMS_MFA_CODE=code),
    }


@question(
    "session-of-a-namesake",
    "Can a session be answered after its user was deleted and another one signed up by that name?",
    FIDELITY + "test_a_session_is_not_for_a_namesake",
)
def session_of_a_namesake(world):
    person = world.new.person().confirmed().prefers_sms()
    challenge = person.sign_in()
    code = person.sms("Authentication").code
    world.new.cognito.admin_delete_user(**person.as_admin)
    person.confirmed()
    return outcome(person.respond, challenge=challenge, SMS_MFA_CODE=code)


@question(
    "second-factor-after-a-custom-flow",
    "Does CUSTOM_AUTH ask for the second factor of a user who prefers SMS?",
    "docs/fidelity.md, Operations: RespondToAuthChallenge",
    "docs/fidelity.md, Operations: AdminRespondToAuthChallenge",
)
def second_factor_after_a_custom_flow(world):
    person = world.attached.person().confirmed().prefers_sms()
    challenge = person.sign_in(flow="CUSTOM_AUTH")
    response = person.respond(challenge, ANSWER="anything")
    return {"first": challenge["ChallengeName"], "then": response.get("ChallengeName") or "signed in"}


@question(
    "no-app-to-delete",
    "What does AdminDeleteSoftwareToken answer for a user who has no authenticator app?",
    "docs/fidelity.md, Operations: AdminDeleteSoftwareToken",
)
def no_app_to_delete(world):
    person = world.new.person().confirmed()
    if not hasattr(world.new.cognito, "admin_delete_software_token"):
        return "this botocore does not know it"
    return outcome(world.new.cognito.admin_delete_software_token, **person.as_admin)
