"""Hypothesis strategies for user pools: every member of UpdateUserPool's input shape in the installed botocore."""

from hypothesis import strategies as st

from strict_cognito import ACCOUNT, POOL_SHAPE, REGION, UPDATE_SHAPE, WRITABLE

POOL_ID = f"{REGION}_AbCdEfGhI"
POOL_ARN = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{POOL_ID}"
POOL_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/aaaaaaaa-1111-4aaa-8aaa-aaaaaaaaaaaa"

_words = st.text("abcXYZ019 .-_", min_size=1, max_size=12).map(str.strip).filter(bool)
_function_arns = st.from_regex(
    rf"arn:aws:lambda:{REGION}:{ACCOUNT}:function:[a-zA-Z0-9\-_]{{1,20}}(:[a-zA-Z0-9\-_]{{1,8}})?", fullmatch=True
)
_messages = st.builds("{} {{####}} {}".format, _words, st.sampled_from(["", "é", "€", "{username}"]))
_links = st.builds("{} {{##Click##}}".format, _words)


def values(shape, name=""):
    """Values of a shape, recursively."""
    make = {
        "structure": _structures,
        "list": _lists,
        "map": _maps,
        "boolean": lambda *_: st.booleans(),
        "integer": lambda shape, _: st.integers(shape.metadata["min"], shape.metadata["max"]),
        "string": _strings,
    }
    return make[shape.type_name](shape, name)


def _structures(shape, _name):
    members = {each: values(inner, each) for each, inner in shape.members.items()}
    required = {each: members.pop(each) for each in shape.required_members}
    return st.fixed_dictionaries(required, optional=members)


def _lists(shape, name):
    most = min(shape.metadata.get("max", 3), 3)
    return st.lists(values(shape.member, name), min_size=shape.metadata.get("min", 0), max_size=most, unique_by=repr)


def _maps(shape, name):
    if name == "AcrConfiguration":
        return st.dictionaries(st.sampled_from(["Level1", "Level2", "Level3"]), values(shape.value), max_size=3)
    return tags


def _strings(shape, name):
    pattern = shape.metadata.get("pattern", "")
    special = {
        "KMSKeyID": st.just(POOL_KEY),
        "KmsKeyArn": st.just(POOL_KEY),
        "ReplyToEmailAddress": st.just("owner@example.com"),
        "SMSMessage": _messages,
        "EmailMessageByLink": _links,
    }
    if shape.enum:
        strings = st.sampled_from(shape.enum)
    elif name in special:
        strings = special[name]
    elif "arn:" in pattern:
        strings = _function_arns
    elif "####" in pattern:
        strings = _messages
    elif shape.metadata.get("min") == 0:
        strings = st.one_of(st.just(""), _words)
    else:
        strings = _words.map(lambda word: word.ljust(max(6, shape.metadata.get("min", 1)), "x"))
    return strings


tags = st.dictionaries(
    st.text("abcXYZ09-/:é", min_size=1, max_size=10).filter(lambda key: not key.startswith(("aws:", "sms-redirect:"))),
    st.text("abcXYZ09 +-=._:/@é", max_size=12),
    max_size=4,
)


@st.composite
def pools(draw):
    """A pool as DescribeUserPool shows it: any legal mix of settings, with the read-only members around them."""
    settings = {}
    for name in sorted(WRITABLE):
        if draw(st.booleans(), label=name):
            settings[name] = draw(values(UPDATE_SHAPE.members[name], name))
    _make_legal(settings)
    if draw(st.booleans(), label="made by CloudFormation") and "UserPoolTags" in settings:
        settings["UserPoolTags"]["aws:cloudformation:stack-name"] = "owner"
    read_only = {
        "Id": POOL_ID,
        "Arn": POOL_ARN,
        "Name": "pool",
        "CreationDate": 1_600_000_000.123,
        "EstimatedNumberOfUsers": draw(st.integers(0, 100)),
        "SchemaAttributes": [{"Name": "sub", "AttributeDataType": "String", "Required": True}],
        "UsernameConfiguration": {"CaseSensitive": draw(st.booleans())},
    }
    assert set(read_only) <= set(POOL_SHAPE.members)
    return {**read_only, **settings}


mfa_settings = st.fixed_dictionaries(
    {},
    optional={
        "AppOnly": st.booleans(),  # no SMS as second factor; the strict Cognito's own word
        "SoftwareTokenMfaConfiguration": st.fixed_dictionaries({"Enabled": st.booleans()}),
        "EmailMfaConfiguration": st.fixed_dictionaries({}, optional={"Message": _messages, "Subject": _words}),
        "WebAuthnConfiguration": st.fixed_dictionaries(
            {}, optional={"RelyingPartyId": _words, "UserVerification": st.sampled_from(["required", "preferred"])}
        ),
    },
)


def _make_legal(settings):
    """The rules that AWS would have applied when the pool was made."""
    config = settings.get("LambdaConfig", {})
    if {"CustomSMSSender", "CustomEmailSender"} & set(config):
        config["KMSKeyID"] = POOL_KEY
    if "PreTokenGenerationConfig" in config:
        config["PreTokenGeneration"] = config["PreTokenGenerationConfig"]["LambdaArn"]
    if settings.get("SmsConfiguration") == {}:
        settings["SmsConfiguration"] = {"SnsRegion": REGION}
    if not settings.get("AccountRecoverySetting", {}).get("RecoveryMechanisms"):
        settings.pop("AccountRecoverySetting", None)
