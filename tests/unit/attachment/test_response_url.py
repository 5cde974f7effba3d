"""A response goes to CloudFormation and to nobody else."""

import pytest

from fake_stack import STACK_ARN
from pool_attachment.errors import UnreadableRequestError
from pool_attachment.response_url import check_response_url

CHINA = STACK_ARN.replace("arn:aws:", "arn:aws-cn:")
SANDBOX = "http://127.0.0.1:4566"
PATH = "/arn%3Aaws%3Acloudformation/stack?AWSAccessKeyId=AKIA&Signature=topsecret%2B"


@pytest.mark.parametrize(
    ("stack_arn", "host"),
    [
        (STACK_ARN, "cloudformation-custom-resource-response-useast1.s3.amazonaws.com"),
        (STACK_ARN, "cloudformation-custom-resource-response-euwest1.s3.eu-west-1.amazonaws.com"),
        (STACK_ARN, "cloudformation-custom-resource-response-euwest1.s3-eu-west-1.amazonaws.com"),
        (STACK_ARN, "bucket.s3.dualstack.eu-west-1.amazonaws.com"),
        (STACK_ARN, "s3.eu-west-1.amazonaws.com:443"),
        (STACK_ARN, "s3-external-1.amazonaws.com"),
        (STACK_ARN, "cloudformation.eu-west-1.amazonaws.com"),
        (STACK_ARN.replace("arn:aws:", "arn:aws-us-gov:"), "bucket.s3-fips.us-gov-west-1.amazonaws.com"),
        (CHINA, "bucket.s3.cn-north-1.amazonaws.com.cn"),
        (STACK_ARN.replace("arn:aws:", "arn:aws-eusc:"), "bucket.s3.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_cloudformations_urls_are_taken(stack_arn, host):
    url = f"https://{host}{PATH}"

    assert check_response_url(url, stack_arn, None) == url


@pytest.mark.parametrize(
    "url",
    [
        f"http://bucket.s3.amazonaws.com{PATH}",
        f"https://evil.example{PATH}",
        f"https://bucket.s3.amazonaws.com.evil.example{PATH}",
        f"https://evil.example/bucket.s3.amazonaws.com{PATH}",
        f"https://bucket.s3.amazonaws.com@evil.example{PATH}",
        f"https://@bucket.s3.amazonaws.com{PATH}",
        f"https://bucket.s3.amazonaws.com:0{PATH}",
        f"https://user:password@bucket.s3.amazonaws.com{PATH}",
        f"https://evil.example\\@bucket.s3.amazonaws.com{PATH}",
        f"https://bucket.s3.amazonaws.com:8443{PATH}",
        f"https://s3.execute-api.eu-west-1.amazonaws.com{PATH}",
        f"https://abcdef.execute-api.eu-west-1.amazonaws.com{PATH}",
        f"https://nots3.amazonaws.com{PATH}",
        f"https://bucket.s3.cn-north-1.amazonaws.com.cn{PATH}",
        f"https://evil.example#bucket.s3.amazonaws.com{PATH}",
        f"https://bucket.s3.amazonaws.com{PATH} HTTP/1.1",
        f"https://bucket.s3.amazonaws.com:x{PATH}",
        f"https://[bucket.s3.amazonaws.com{PATH}",
        f"{SANDBOX}{PATH}",
        "https://",
        "",
        None,
        7,
    ],
)
def test_nothing_else_is_taken_and_the_error_does_not_repeat_it(url):
    with pytest.raises(UnreadableRequestError) as refused:
        check_response_url(url, STACK_ARN, None)

    assert "topsecret" not in str(refused.value)
    assert "evil" not in str(refused.value)


def test_a_url_of_another_partition_is_not_taken():
    with pytest.raises(UnreadableRequestError):
        check_response_url(f"https://bucket.s3.amazonaws.com{PATH}", CHINA, None)


def test_a_partition_that_nobody_knows_has_no_urls():
    with pytest.raises(UnreadableRequestError):
        check_response_url(f"https://bucket.s3.amazonaws.com{PATH}", "arn:aws-new:cloudformation:a:1:stack/b/c", None)


def test_in_a_sandbox_its_own_address_is_taken():
    url = f"{SANDBOX}/_ministack/cfn-response/token"

    assert check_response_url(url, STACK_ARN, SANDBOX) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:4567/x", "http://127.0.0.1:4565/x", "http://10.0.0.1:4566/x", "http://localhost:4566/x",
        "https://127.0.0.1:4566/x", "ftp://127.0.0.1:4566/x",
    ],
)  # fmt: skip
def test_in_a_sandbox_no_other_address_is_taken(url):
    with pytest.raises(UnreadableRequestError):
        check_response_url(url, STACK_ARN, SANDBOX)


@pytest.mark.parametrize("endpoint_url", ["", "nonsense", "http://[", "//"])
def test_an_endpoint_that_is_not_a_url_opens_nothing(endpoint_url):
    with pytest.raises(UnreadableRequestError):
        check_response_url("http://127.0.0.1:4566/x", STACK_ARN, endpoint_url)
