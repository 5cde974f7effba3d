"""The code in the sandbox's events is what Cognito makes (aws-sdk-rust#1250), not what the SDK makes by default."""

import base64
import io

from aws_encryption_sdk.identifiers import Algorithm, SerializationVersion
from aws_encryption_sdk.internal.formatting.deserialize import deserialize_header

from sms_redirect.encryption import Encryption


def test_a_code_is_encrypted_as_cognito_does(sandbox, stack):
    code = Encryption().encrypt("123456", stack["KmsKeyArn"], stack["UserPoolId"])

    message = base64.b64decode(code)
    header, _ = deserialize_header(io.BytesIO(message))
    (data_key,) = header.encrypted_data_keys
    assert header.version == SerializationVersion.V1
    assert header.algorithm == Algorithm.AES_256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384
    assert header.algorithm.algorithm_id == 0x0378
    assert set(header.encryption_context) == {"userpool-id", "aws-crypto-public-key"}
    assert header.encryption_context["userpool-id"] == stack["UserPoolId"]
    assert data_key.key_provider.provider_id == "aws-kms"
    assert data_key.key_provider.key_info.decode() == stack["KmsKeyArn"]
