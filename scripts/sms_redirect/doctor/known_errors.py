"""Error texts of Cognito, KMS, CloudFormation, SNS and Lambda around SMS, and what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownError:
    """`pattern` is searched in the text, in any case."""

    pattern: str
    means: str
    next_step: str


def explanation(text: str) -> KnownError | None:
    """The first that fits: the list goes from the particular to the general."""
    return next((each for each in KNOWN if re.search(each.pattern, text, re.IGNORECASE)), None)


KNOWN = (
    # ---- Cognito: codes and users ----
    KnownError(
        r"CodeMismatchException|Invalid verification code provided",
        "The code is wrong, or a newer one replaced it: each new code ends the one before.",
        "Use the latest SMS. In the inbox it is the first of its number and flow.",
    ),
    KnownError(
        r"ExpiredCodeException|Invalid code provided, please request a code again",
        "The code has expired or was used already. Sign-up and attribute codes last 24 hours, recovery codes one hour.",
        "Ask for a new one: ResendConfirmationCode, ForgotPassword or GetUserAttributeVerificationCode.",
    ),
    KnownError(
        r"Invalid code or auth state for the user|Invalid session for the user",
        "The MFA code is wrong, or its session was answered before or has expired (AuthSessionValidity, 3 minutes).",
        "Start the sign-in again: that is also how an MFA code is sent again.",
    ),
    KnownError(
        r"LimitExceededException|Attempt limit exceeded",
        "Too many attempts: Cognito counts codes asked for and codes entered, per user and hour.",
        "Wait up to an hour, or use another user. The sandbox's control API can turn the limits off.",
    ),
    KnownError(
        r"TooManyRequestsException|Rate exceeded|ThrottlingException|Throttling\b",
        "AWS throttled the call: too many requests a second in this account.",
        "Retry with growing pauses; test suites should not create pools in parallel.",
    ),
    KnownError(
        r"no registered/verified email or phone_number",
        "The user has neither a verified phone number nor a verified email address that AccountRecoverySetting allows, "
        "or the phone is the second factor.",
        "Verify the number (phone_number_verified=true with AdminUpdateUserAttributes) and see `sms-redirect doctor "
        "--flow ForgotPassword --user NAME`.",
    ),
    KnownError(
        r"User password cannot be reset in the current state",
        "The user still has a temporary password.",
        "Send the invitation again: AdminCreateUser with MessageAction=RESEND.",
    ),
    KnownError(
        r"User is already confirmed|Current status is CONFIRMED",
        "The user has confirmed before, so no sign-up code is sent any more.",
        "Sign in, or reset the password with ForgotPassword.",
    ),
    KnownError(
        r"UsernameExistsException|User already exists",
        "The name, or an alias such as the number, belongs to a user already. SignUp sends no SMS then.",
        "Use another name or number, or delete the user.",
    ),
    KnownError(
        r"UserNotConfirmedException|User is not confirmed",
        "The user signed up but has not entered the code.",
        "ConfirmSignUp with the code, or ResendConfirmationCode.",
    ),
    KnownError(
        r"PasswordResetRequiredException|Password reset required",
        "An administrator reset the password.",
        "ConfirmForgotPassword with the code of the SMS.",
    ),
    KnownError(
        r"Username/client id combination not found|UserNotFoundException|User does not exist",
        "This pool has no such user, or the app uses a client of another pool.",
        "Compare the app's client id with the stack's output UserPoolClientId.",
    ),
    KnownError(
        r"AliasExistsException|An account with the given (phone_number|email) already exists",
        "Another user has this number or address as a verified alias.",
        "Use another number, or confirm with ForceAliasCreation to move it.",
    ),
    KnownError(
        r"Auto verification not turned on|Cannot resend codes\. Auto verification",
        "AutoVerifiedAttributes does not contain phone_number, so the pool sends no sign-up codes.",
        "Add phone_number to AutoVerifiedAttributes.",
    ),
    KnownError(
        r"Invalid phone number format",
        "The number is not E.164: a plus sign, the country code, and digits only.",
        "Write it like +12065550123, without spaces.",
    ),
    KnownError(
        r"User does not have (a valid )?(registered )?phone number|SMS MFA .* phone",
        "The user has no phone number, so SMS cannot be a factor.",
        "Set phone_number first.",
    ),
    KnownError(
        r"SECRET_HASH|Unable to verify secret hash",
        "The app client has a secret: each call needs SECRET_HASH, made from user name, client id and secret.",
        "Use a client without a secret in browsers, or compute the hash.",
    ),
    KnownError(
        r"flow not enabled for this client|Auth flow not enabled",
        "The app client does not allow this sign-in flow.",
        "Add it to the client's ExplicitAuthFlows, for example ALLOW_USER_PASSWORD_AUTH.",
    ),
    KnownError(
        r"SignUp is not permitted",
        "Only administrators create users in this pool (AllowAdminCreateUserOnly).",
        "Use AdminCreateUser, or allow sign-up.",
    ),
    # ---- Cognito: pool settings ----
    KnownError(
        r"InvalidSmsRoleTrustRelationship|Role does not have a trust relationship",
        "The pool's SMS role does not trust Cognito, or IAM has not spread the role yet.",
        "Trust cognito-idp.amazonaws.com with the pool's external id; if the role is new, retry after a minute.",
    ),
    KnownError(
        r"InvalidSmsRoleAccessPolicy|permission to publish with SNS",
        "The pool's SMS role may not publish SMS, or IAM has not spread its policy yet.",
        "Allow sns:Publish to phone numbers; if the policy is new, retry after a minute.",
    ),
    KnownError(
        r"KMSKeyId? parameter is required|KMSKeyID.*required",
        "A custom sender needs LambdaConfig.KMSKeyID.",
        "Set the key's ARN (not an alias) beside CustomSMSSender.",
    ),
    KnownError(
        r"Only PASSWORD and WEB_AUTHN .* if MFA is enabled",
        "A pool that requires MFA cannot offer one-time passwords as first factor.",
        "Make MFA optional, or take SMS_OTP and EMAIL_OTP off AllowedFirstAuthFactors.",
    ),
    KnownError(
        r"Please use TemporaryPasswordValidityDays",
        "UnusedAccountValidityDays and TemporaryPasswordValidityDays exclude each other.",
        "Leave UnusedAccountValidityDays out.",
    ),
    KnownError(
        r"ConcurrentModificationException",
        "Two calls changed the pool at once.",
        "Retry; do not deploy two stacks to one pool at the same time.",
    ),
    # ---- KMS and the Encryption SDK ----
    KnownError(
        r"kms:CreateGrant",
        "Whoever sets a custom sender's key on a pool needs kms:CreateGrant on that key.",
        "Allow kms:CreateGrant on the key for the role that deploys, also for Terraform and CDK.",
    ),
    KnownError(
        r"Unable to decrypt any data key|IncorrectKeyException|DecryptKeyError",
        "The code was encrypted with another key than the sender decrypts with, or KMS denied the call.",
        "Compare the pool's LambdaConfig.KMSKeyID with the stack's output KmsKeyArn, and see the sender's log.",
    ),
    KnownError(
        r"Algorithm ID was 888|commitment policy|ActionNotAllowedError",
        "Cognito encrypts without key commitment, and the Encryption SDK's default policy refuses that.",
        "Decrypt with the commitment policy REQUIRE_ENCRYPT_ALLOW_DECRYPT.",
    ),
    KnownError(
        r"KMSInvalidStateException|is pending deletion",
        "The KMS key is pending deletion or otherwise unusable.",
        "aws kms cancel-key-deletion, then aws kms enable-key.",
    ),
    KnownError(
        r"DisabledException|KMSDisabled|is disabled",
        "The KMS key is disabled.",
        "aws kms enable-key --key-id KEY_ARN",
    ),
    KnownError(
        r"KMSAccessDenied|kms:GenerateDataKey|kms:Decrypt",
        "The role may not use the key.",
        "Deploy the stack again. If the key is your own, its policy must allow access through IAM policies.",
    ),
    # ---- SNS ----
    KnownError(
        r"Invalid token|Token is invalid|SubscriptionConfirmation.*expired",
        "The confirmation link is older than two days, or a newer email replaced it.",
        "Run `sms-redirect subscribe ADDRESS` for a new email.",
    ),
    KnownError(
        r"PendingConfirmation|pending confirmation",
        "The address has not confirmed: SNS discards messages for it.",
        "Open the confirmation email, or run `sms-redirect subscribe ADDRESS` for a new one.",
    ),
    KnownError(
        r"No origination entities|OptedOut|SMS sandbox|monthly spend",
        "Real SMS are held back by the account's SMS settings. Redirected SMS do not need them.",
        "If the redirect is on, the pool's trigger is not ours: `sms-redirect doctor` says so.",
    ),
    # ---- CloudFormation ----
    KnownError(
        r"ROLLBACK_COMPLETE state and can ?not be updated",
        "The stack's first deployment failed. A stack in this state can only be deleted.",
        "sam delete --stack-name NAME, then deploy again.",
    ),
    KnownError(
        r"No changes to deploy|No updates are to be performed",
        "CloudFormation calls a custom resource only if one of its properties changed.",
        "`sms-redirect attach --stack-name NAME`, or deploy with another value of AttachAgain.",
    ),
    KnownError(
        r"DELETE_FAILED",
        "A resource could not be deleted; for the attachment, the pool was not restored.",
        "The event names the command that finishes the job, such as `sms-redirect detach --user-pool-id ID`. Then "
        "aws cloudformation delete-stack --stack-name NAME --retain-resources Attachment",
    ),
    KnownError(
        r"Requires capabilities|InsufficientCapabilities",
        "The stack makes IAM roles, which needs a capability.",
        "sam deploy --capabilities CAPABILITY_IAM (samconfig.toml has it).",
    ),
    KnownError(
        r"DeletionProtection|deletion protection",
        "The pool is protected from deletion.",
        "Turn DeletionProtection off first.",
    ),
    # ---- Lambda ----
    KnownError(
        r"Unable to import module|Runtime\.ImportModuleError|invalid ELF header",
        "The package lacks a module for the function's processor.",
        "Build again with `sam build` and deploy .aws-sam/build/template.yaml.",
    ),
    KnownError(
        r"not authorized to perform: ([\w:-]+)|AccessDenied",
        "The caller lacks the permission that the text names. Within two minutes of a deployment, IAM may not have "
        "spread it yet.",
        "Retry after two minutes; if it stays, allow the action for the role in the text.",
    ),
    KnownError(
        r"UnrecognizedClientException|InvalidClientTokenId|security token .* (invalid|expired)|ExpiredToken",
        "The credentials are not valid, or belong to another sandbox run.",
        "Log in again, or export the environment that the sandbox printed.",
    ),
)
