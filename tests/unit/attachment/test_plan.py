"""What is planned for which pool; and when nothing is planned, because the pool must not be touched."""

from dataclasses import replace

import botocore.session
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fake_stack import STACK_ARN, STACK_KEY, function_arn
from pool_attachment.errors import RefusedError
from pool_attachment.key import Key
from pool_attachment.plan import Sent, attach, detach, take_back
from pool_attachment.request import Attachment, Request, RequestType
from pool_attachment.settings import BOTOCORE_VERSION, SettingsModel
from pool_attachment.tags import ATTACHING, BROUGHT_KEY, PREVIOUS_SENDER, SENDER, STACK
from random_pools import POOL_ARN, POOL_ID, POOL_KEY

MODEL = SettingsModel.of(botocore.session.get_session().get_service_model("cognito-idp"))
OURS, THEIRS, EMAIL = (function_arn(name) for name in ("redirect", "theirs", "email"))
KEY = Key(STACK_KEY)
OWN_KEY = Key(POOL_KEY)
OTHER_STACK = STACK_ARN.replace("/redirect/", "/other/")
LATER_STACK = STACK_ARN.replace("/redirect/", "/stage/")  # in the order of names, ours is between the two
OTHER_STACKS = pytest.mark.parametrize("other", [OTHER_STACK, LATER_STACK])


def trigger(arn):
    return {"LambdaVersion": "V1_0", "LambdaArn": arn}


def pool(*, tags=None, users=1, more=None, **config):
    raw = {"Id": POOL_ID, "Arn": POOL_ARN, "EstimatedNumberOfUsers": users, "LambdaConfig": config, **(more or {})}
    return MODEL.read({**raw, "UserPoolTags": tags or {}})


def request(key=STACK_KEY, max_users=1000, *, old_sender=None, allow_production=False):
    attachment = Attachment(POOL_ID, OURS, key, key == STACK_KEY, STACK_ARN, max_users, allow_production)
    return Request(RequestType.CREATE, attachment, frozenset({OURS}), frozenset(filter(None, [old_sender])))


def carrying(*, previous=None, brought=STACK_KEY, key=STACK_KEY, sender=OURS, attached=OURS, email=None):
    """A pool that carries our redirect, as `attach` left it with `attached`; its trigger is `sender` now."""
    tags = {STACK: STACK_ARN, SENDER: attached, PREVIOUS_SENDER: previous and f"V1_0 {previous}", BROUGHT_KEY: brought}
    config = {
        "CustomSMSSender": sender and trigger(sender),
        "KMSKeyID": key,
        "CustomEmailSender": email and trigger(email),
    }
    return pool(tags={k: v for k, v in tags.items() if v}, **{k: v for k, v in config.items() if v})


class TestAttach:
    def test_brings_the_key_where_there_is_none_and_records_that(self):
        plan = attach(pool(), request(), KEY, MODEL)

        assert plan.request["LambdaConfig"] == {"CustomSMSSender": trigger(OURS), "KMSKeyID": STACK_KEY}
        assert plan.request["UserPoolTags"] == {STACK: STACK_ARN, SENDER: OURS, BROUGHT_KEY: STACK_KEY}

    def test_works_under_the_pools_own_key_and_leaves_it_the_pools(self):
        plan = attach(pool(CustomEmailSender=trigger(EMAIL), KMSKeyID=POOL_KEY), request(POOL_KEY), OWN_KEY, MODEL)

        assert plan.request["LambdaConfig"]["KMSKeyID"] == POOL_KEY
        assert BROUGHT_KEY not in plan.request["UserPoolTags"]

    def test_records_the_previous_sender(self):
        plan = attach(pool(CustomSMSSender=trigger(THEIRS), KMSKeyID=POOL_KEY), request(POOL_KEY), OWN_KEY, MODEL)

        assert plan.request["UserPoolTags"][PREVIOUS_SENDER] == f"V1_0 {THEIRS}"
        assert THEIRS in plan.remarks[0]

    def test_again_changes_nothing(self):
        assert attach(carrying(), request(), KEY, MODEL).request is None

    def test_again_with_another_function_keeps_what_was_recorded(self):
        older = function_arn("older")
        settings = carrying(sender=older, attached=older, previous=THEIRS)

        plan = attach(settings, request(old_sender=older), KEY, MODEL)

        assert plan.request["LambdaConfig"]["CustomSMSSender"] == trigger(OURS)
        assert plan.request["UserPoolTags"][PREVIOUS_SENDER] == f"V1_0 {THEIRS}"

    def test_an_owners_sender_that_an_event_calls_our_former_one_is_recorded_all_the_same(self):
        settings = pool(CustomSMSSender=trigger(THEIRS), KMSKeyID=POOL_KEY)

        plan = attach(settings, request(POOL_KEY, old_sender=THEIRS), OWN_KEY, MODEL)

        assert plan.request["UserPoolTags"][PREVIOUS_SENDER] == f"V1_0 {THEIRS}"

    def test_again_after_the_owner_changed_the_trigger_records_the_owners(self):
        plan = attach(carrying(sender=THEIRS), request(), KEY, MODEL)

        assert plan.request["UserPoolTags"][PREVIOUS_SENDER] == f"V1_0 {THEIRS}"

    def test_no_longer_takes_the_key_for_its_own_once_the_owners_sender_works_under_it(self):
        """Taking it off with the redirect would leave that sender without a key."""
        plan = attach(carrying(sender=THEIRS), request(), KEY, MODEL)

        assert BROUGHT_KEY not in plan.request["UserPoolTags"]

    def test_replaces_a_key_that_it_brought_itself(self):
        plan = attach(carrying(), request(POOL_KEY), OWN_KEY, MODEL)

        assert plan.request["LambdaConfig"]["KMSKeyID"] == POOL_KEY
        assert plan.request["UserPoolTags"][BROUGHT_KEY] == POOL_KEY

    def test_records_the_stacks_key_again_when_its_tag_is_gone(self):
        plan = attach(carrying(brought=None), request(), KEY, MODEL)

        assert plan.request["UserPoolTags"][BROUGHT_KEY] == STACK_KEY

    def test_sends_an_alias_back_as_it_is(self):
        alias = "arn:aws:kms:eu-west-1:123456789012:alias/pool"
        settings = pool(CustomEmailSender=trigger(EMAIL), KMSKeyID=alias)

        plan = attach(settings, request(POOL_KEY), replace(OWN_KEY, aliases=frozenset({alias})), MODEL)

        assert plan.request["LambdaConfig"]["KMSKeyID"] == alias

    def test_says_first_who_is_about_to_attach(self):
        plan = attach(pool(tags={"team": "a"}), request(), KEY, MODEL)

        assert plan.claim == {ATTACHING: STACK_ARN}
        assert ATTACHING not in plan.request["UserPoolTags"]

    @pytest.mark.parametrize("settings", [pool(tags={ATTACHING: STACK_ARN}), carrying(sender=THEIRS)])
    def test_says_so_once(self, settings):
        plan = attach(settings, request(), KEY, MODEL)

        assert plan.claim == {}
        assert ATTACHING not in plan.request["UserPoolTags"]

    def test_takes_off_tags_that_an_update_left(self):
        settings = carrying()
        settings = pool(tags={**settings.tags, ATTACHING: STACK_ARN, PREVIOUS_SENDER: ""}, **settings.lambda_config)

        plan = attach(settings, request(), KEY, MODEL)

        assert (plan.request, plan.untag) == (None, (ATTACHING, PREVIOUS_SENDER))

    def test_heals_tags_that_name_another_stack_under_our_own_trigger(self):
        settings = pool(tags={STACK: "nonsense"}, CustomSMSSender=trigger(OURS), KMSKeyID=STACK_KEY)

        assert attach(settings, request(), KEY, MODEL).request["UserPoolTags"][STACK] == STACK_ARN


def now_as(plan, settings):
    """The pool after what was planned."""
    config, tags = dict(settings.lambda_config), dict(settings.tags)
    if plan.request:
        config, tags = plan.request["LambdaConfig"], plan.request["UserPoolTags"]
    return pool(tags={key: value for key, value in tags.items() if key not in plan.untag}, **config)


a_pool = st.builds(
    lambda tags, sender, email, key: pool(
        tags={name: value for name, value in tags.items() if value is not None},
        **({"CustomSMSSender": trigger(sender)} if sender else {}),
        **({"CustomEmailSender": trigger(EMAIL)} if email else {}),
        **({"KMSKeyID": key} if key or sender or email else {}),
    ),
    tags=st.fixed_dictionaries(
        {
            STACK: st.sampled_from([None, STACK_ARN, OTHER_STACK, "nonsense"]),
            SENDER: st.sampled_from([None, OURS, THEIRS, "nonsense"]),
            PREVIOUS_SENDER: st.sampled_from([None, f"V1_0 {THEIRS}", "nonsense"]),
            BROUGHT_KEY: st.sampled_from([None, STACK_KEY, POOL_KEY, "nonsense =GG"]),
            ATTACHING: st.sampled_from([None, STACK_ARN, OTHER_STACK]),
        }
    ),
    sender=st.sampled_from([None, OURS, THEIRS]),
    email=st.booleans(),
    key=st.sampled_from([STACK_KEY, POOL_KEY]),
)


class TestOnce:
    """A plan that was carried out leaves nothing to do, however odd the pool was."""

    @given(a_pool, st.sampled_from([(STACK_KEY, KEY), (POOL_KEY, OWN_KEY)]))
    def test_attach(self, settings, passed):
        arn, key = passed
        try:
            plan = attach(settings, request(arn), key, MODEL)
        except RefusedError:
            assume(False)
        again = attach(now_as(plan, settings), request(arn), key, MODEL)

        assert (again.claim, again.request, again.untag) == ({}, None, ())

    @given(a_pool)
    def test_detach(self, settings):
        after = now_as(detach(settings, request(), MODEL), settings)

        again = detach(after, request(), MODEL)

        assert (again.request, again.untag) == (None, ())
        assert after.sms_sender_arn != OURS


class TestRefusals:
    def refusal(self, settings, wanted=None, key=KEY):
        with pytest.raises(RefusedError) as refused:
            attach(settings, wanted or request(), key, MODEL)
        return str(refused.value)

    @OTHER_STACKS
    def test_another_stacks_redirect_is_named(self, other):
        assert other in self.refusal(pool(tags={STACK: other}, CustomSMSSender=trigger(THEIRS), KMSKeyID=POOL_KEY))

    @OTHER_STACKS
    def test_another_stack_that_is_about_to_attach_is_named(self, other):
        reason = self.refusal(pool(tags={ATTACHING: other}))

        assert other in reason
        assert f"sms-redirect detach --user-pool-id {POOL_ID}" in reason

    @pytest.mark.parametrize("sender", ["CustomEmailSender", "CustomSMSSender"])
    def test_the_key_to_pass_is_named_when_the_pool_has_its_own(self, sender):
        reason = self.refusal(pool(KMSKeyID=POOL_KEY, **{sender: trigger(THEIRS)}))

        assert f"KmsKeyArn={POOL_KEY}" in reason
        assert sender in reason

    def test_a_leftover_key_without_sender_is_not_swapped_either(self):
        assert f"KmsKeyArn={POOL_KEY}" in self.refusal(pool(KMSKeyID=POOL_KEY))

    def test_for_an_alias_it_says_how_to_find_the_arn_that_the_parameter_takes(self):
        alias = "arn:aws:kms:eu-west-1:123456789012:alias/pool"

        reason = self.refusal(pool(KMSKeyID=alias))

        assert f"KmsKeyArn={alias}" not in reason
        assert f"aws kms describe-key --key-id {alias} --query KeyMetadata.Arn" in reason

    def test_of_a_bare_key_id_it_names_the_arn(self):
        assert f"KmsKeyArn={POOL_KEY}" in self.refusal(pool(KMSKeyID=POOL_KEY.rpartition("/")[2]))

    def test_a_key_that_we_brought_stays_when_the_owners_email_sender_came_to_use_it(self):
        assert f"KmsKeyArn={STACK_KEY}" in self.refusal(carrying(email=EMAIL), request(POOL_KEY), OWN_KEY)

    def test_a_pool_with_too_many_users_is_not_for_tests(self):
        reason = self.refusal(pool(users=1001))

        assert "1001" in reason
        assert "MaxPoolUsers=1000" in reason

    def test_a_pool_that_grew_while_attached_can_still_be_updated(self):
        settings = replace(carrying(sender=THEIRS), raw={"Id": POOL_ID, "EstimatedNumberOfUsers": 5000})

        assert attach(settings, request(), KEY, MODEL).request

    @pytest.mark.parametrize(
        ("tag", "value"),
        [
            *(("Environment", "prod"), ("env", "Production"), ("STAGE", "LIVE"), ("tier", " prod ")),
        ],
    )
    def test_a_pool_that_is_tagged_as_production_is_refused(self, tag, value):
        reason = self.refusal(pool(tags={tag: value, "team": "x"}))

        assert f"{tag}={value}" in reason
        assert "AllowProduction=yes" in reason
        assert "team" not in reason
        assert attach(pool(tags={tag: value}), request(allow_production=True), KEY, MODEL).request

    @pytest.mark.parametrize(
        "tags",
        [{"environment": "preprod"}, {"env": "non-production"}, {"stage": ""}, {"team": "live"}],
    )
    def test_other_tags_say_nothing_of_production(self, tags):
        assert attach(pool(tags=tags), request(), KEY, MODEL).request

    def test_a_pool_that_was_tagged_while_attached_can_still_be_updated_and_detached(self):
        attached = carrying(sender=THEIRS)
        tagged = pool(tags={**attached.tags, "env": "prod"}, **attached.lambda_config)

        assert attach(tagged, request(), KEY, MODEL).request
        assert detach(tagged, request(), MODEL).untag

    @pytest.mark.parametrize(
        ("key", "word"),
        [
            (Key(STACK_KEY.replace("eu-west-1", "us-east-1")), "region"),
            (Key(STACK_KEY.replace("eu-west-1", "ap-south-1")), "region"),
            (Key(STACK_KEY, state="Disabled"), "Disabled"),
            (Key(STACK_KEY, state="PendingDeletion"), "PendingDeletion"),
            (Key(STACK_KEY, spec="RSA_2048"), "symmetric"),
            (Key(STACK_KEY, spec="HMAC_256", usage="GENERATE_VERIFY_MAC"), "symmetric"),
        ],
    )
    def test_a_key_that_cognito_cannot_use_is_refused(self, key, word):
        assert word in self.refusal(pool(), key=key)

    def test_settings_that_boto3_does_not_know_are_named_with_the_boto3_that_does_not_know_them(self):
        reason = self.refusal(pool(FutureTrigger=OURS, more={"FutureSetting": True}))

        assert "FutureSetting" in reason
        assert "LambdaConfig.FutureTrigger" in reason
        assert BOTOCORE_VERSION in reason

    def test_tags_fit_up_to_cognitos_limit(self):
        """With the three that an attach adds."""
        settings = pool(tags={f"tag-{number}": "" for number in range(47)})

        assert len(attach(settings, request(), KEY, MODEL).request["UserPoolTags"]) == 50

    def test_tags_need_room(self):
        assert "50" in self.refusal(pool(tags={f"tag-{number}": "" for number in range(48)}))

    def test_a_previous_sender_that_no_tag_can_hold_is_refused(self):
        long = function_arn("x" * 300)

        assert PREVIOUS_SENDER in self.refusal(pool(CustomSMSSender=trigger(long), KMSKeyID=STACK_KEY))

    def test_what_botocore_would_not_send_is_refused_before_anything_is_sent(self):
        assert "Policies" in self.refusal(pool(more={"Policies": {"PasswordPolicy": {"MinimumLength": "eight"}}}))


class TestDetach:
    def test_takes_trigger_key_and_tags_off(self):
        plan = detach(carrying(), request(), MODEL)

        assert plan.request["LambdaConfig"] == {}
        assert plan.request["UserPoolTags"] == {}

    @pytest.mark.parametrize(
        ("tags", "remarks"),
        [({}, ()), ({STACK: OTHER_STACK, SENDER: THEIRS}, (f"It carries the redirect of {OTHER_STACK}.",))],
    )
    def test_leaves_a_pool_that_is_not_attached_alone_and_says_whose_redirect_it_carries(self, tags, remarks):
        plan = detach(pool(tags=tags), request(), MODEL)

        assert (plan.request, plan.untag, plan.remarks) == (None, (), remarks)
        assert "not attached" in plan.done

    def test_a_sender_that_comes_back_is_not_left_without_a_key(self):
        plan = detach(carrying(previous=THEIRS), request(), MODEL)

        assert plan.request["LambdaConfig"] == {"CustomSMSSender": trigger(THEIRS), "KMSKeyID": STACK_KEY}
        assert "Set another key" in " ".join(plan.remarks)

    def test_puts_the_previous_sender_back_under_the_pools_own_key(self):
        plan = detach(carrying(previous=THEIRS, brought=None, key=POOL_KEY), request(POOL_KEY), MODEL)

        assert plan.request["LambdaConfig"] == {"CustomSMSSender": trigger(THEIRS), "KMSKeyID": POOL_KEY}

    def test_leaves_the_key_for_an_email_sender_that_came_to_use_it_and_says_so(self):
        plan = detach(carrying(email=EMAIL), request(), MODEL)

        assert plan.request["LambdaConfig"]["KMSKeyID"] == STACK_KEY
        assert "CustomEmailSender" in plan.remarks[0]

    def test_leaves_a_trigger_that_the_owner_changed_with_its_key_and_says_so(self):
        plan = detach(carrying(sender=THEIRS), request(), MODEL)

        assert plan.request is None
        assert set(plan.untag) == {STACK, SENDER, BROUGHT_KEY}
        assert THEIRS in plan.remarks[0]
        assert STACK_KEY in plan.remarks[1]

    def test_takes_the_key_off_when_the_owner_took_the_trigger_off(self):
        plan = detach(carrying(sender=None), request(), MODEL)

        assert plan.request["LambdaConfig"] == {}

    def test_knows_its_trigger_by_function_when_the_tags_are_gone_and_says_what_is_lost(self):
        settings = pool(CustomSMSSender=trigger(OURS), KMSKeyID=STACK_KEY)

        plan = detach(settings, request(), MODEL)

        assert plan.request["LambdaConfig"] == {}
        assert "tags were edited" in plan.remarks[0]

    def test_does_not_touch_a_key_of_the_users_when_the_tags_are_gone(self):
        settings = pool(CustomSMSSender=trigger(OURS), KMSKeyID=POOL_KEY)

        assert detach(settings, request(POOL_KEY), MODEL).request["LambdaConfig"] == {"KMSKeyID": POOL_KEY}

    def test_knows_an_older_function_by_its_tag(self):
        older = function_arn("older")
        settings = pool(tags={STACK: STACK_ARN, SENDER: older}, CustomSMSSender=trigger(older), KMSKeyID=POOL_KEY)

        assert "CustomSMSSender" not in detach(settings, request(POOL_KEY), MODEL).request["LambdaConfig"]

    @pytest.mark.parametrize(
        "settings",
        [pool(), pool(CustomSMSSender=trigger(THEIRS), KMSKeyID=POOL_KEY), pool(tags={STACK: OTHER_STACK})],
        ids=["nothing", "the owner's", "another stack's"],
    )
    def test_leaves_a_pool_alone_that_it_never_attached_to(self, settings):
        plan = detach(settings, request(), MODEL)

        assert plan.request is None
        assert plan.untag == ()

    def test_names_ten_unknown_settings_at_most(self):
        settings = replace(carrying(), unknown=tuple(f"Future{number:02}" for number in range(1, 12)))

        with pytest.raises(RefusedError, match=r"\(Future01, .*, Future09, Future10\): UpdateUserPool would reset"):
            detach(settings, request(), MODEL)

    def test_refuses_to_lose_unknown_settings(self):
        settings = replace(carrying(), unknown=("FutureSetting",))

        with pytest.raises(RefusedError, match="by hand"):
            detach(settings, request(), MODEL)

    def test_needs_no_update_once_the_trigger_was_taken_off_by_hand_as_that_refusal_says(self):
        settings = replace(carrying(sender=None), unknown=("FutureSetting",))

        plan = detach(settings, request(), MODEL)

        assert plan.request is None
        assert plan.untag
        assert STACK_KEY in plan.remarks[1]

    @pytest.mark.parametrize("settings", [pool(CustomSMSSender=trigger(THEIRS), KMSKeyID=POOL_KEY), carrying()])
    def test_refuses_a_former_sender_that_the_pool_does_not_know(self, settings):
        with pytest.raises(RefusedError, match="function:theirs"):
            detach(settings, request(POOL_KEY, old_sender=THEIRS), MODEL)

    def test_takes_a_former_sender_off_that_the_pool_knows(self):
        older = function_arn("older")

        plan = detach(carrying(sender=older, attached=older), request(old_sender=older), MODEL)

        assert plan.request["LambdaConfig"] == {}

    @OTHER_STACKS
    def test_refuses_another_stacks_sender_even_if_the_pool_knows_it(self, other):
        settings = pool(tags={STACK: other, SENDER: THEIRS}, CustomSMSSender=trigger(THEIRS), KMSKeyID=POOL_KEY)

        with pytest.raises(RefusedError, match="function:theirs"):
            detach(settings, request(POOL_KEY, old_sender=THEIRS), MODEL)

    def test_takes_its_claim_off(self):
        assert detach(pool(tags={ATTACHING: STACK_ARN}), request(), MODEL).untag == (ATTACHING,)

    @OTHER_STACKS
    def test_leaves_another_stacks_claim(self, other):
        assert detach(pool(tags={ATTACHING: other}), request(), MODEL).untag == ()

    def test_treats_a_nonsense_previous_sender_as_unknown(self):
        settings = pool(
            tags={STACK: STACK_ARN, SENDER: OURS, PREVIOUS_SENDER: "my note"},
            CustomSMSSender=trigger(OURS),
            KMSKeyID=POOL_KEY,
        )

        plan = detach(settings, request(POOL_KEY), MODEL)

        assert "CustomSMSSender" not in plan.request["LambdaConfig"]
        assert "tags were edited" in plan.remarks[0]


class TestTakeBack:
    """An attach is undone by what is still as its request made it."""

    def sent(self, before):
        return Sent({}, before, attach(before, request(), KEY, MODEL).request)

    def test_the_pool_of_before_comes_back(self):
        before = pool(tags={"team": "qa"}, CustomSMSSender=trigger(THEIRS), KMSKeyID=STACK_KEY)
        sent = self.sent(before)
        now = pool(tags=sent.request["UserPoolTags"], **sent.request["LambdaConfig"])

        plan = take_back(now, sent, MODEL)

        assert plan.request["LambdaConfig"] == before.lambda_config
        assert plan.request["UserPoolTags"] == {"team": "qa"}

    def test_our_own_tags_of_before_come_back_with_it(self):
        """A redirect that is put on again has tags already."""
        before = carrying(sender=THEIRS, previous=THEIRS)
        sent = self.sent(before)
        now = pool(tags=sent.request["UserPoolTags"], **sent.request["LambdaConfig"])

        assert take_back(now, sent, MODEL).request["UserPoolTags"] == before.tags

    def test_the_tags_of_another_stack_stay_as_they_are(self):
        before = carrying(sender=THEIRS, previous=THEIRS)
        sent = self.sent(before)
        theirs = {STACK: OTHER_STACK, SENDER: THEIRS}
        now = pool(tags=theirs, **sent.request["LambdaConfig"])

        assert take_back(now, sent, MODEL).request["UserPoolTags"] == theirs
