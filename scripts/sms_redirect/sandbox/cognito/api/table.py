"""Every operation of the user pools API, and what the sandbox makes of it.

A test holds this table against the installed botocore's model, and docs/fidelity.md against this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sms_redirect.sandbox.cognito.api.operations import Done, NotSimulated, Row, Simplified
from sms_redirect.sandbox.cognito.flows import (
    attributes,
    clients,
    devices,
    domains,
    groups,
    invitations,
    mfa,
    passwords,
    pools,
    resource_servers,
    sign_up,
    users,
)
from sms_redirect.sandbox.cognito.flows.sign_in import initiate, refresh, respond

OLD_OPTIONS = "switches SMS MFA on and off as SetUserMFAPreference does; AWS no longer supports it"
SESSIONS = "session tracking is left out; GlobalSignOut and RevokeToken end sign-ins"
MIGRATED = "no passkeys, no step-up (`TARGET_ACR_VALUES`), no welcome message to a migrated user"
CHALLENGES = "no passkeys; no second factor after a custom flow (unknown on AWS)"
FEDERATION = "sign-in through other identity providers is left out"
IMPORT = "import jobs are left out"
RISK = "threat protection and its history are left out"
WEB_AUTHN = "WebAuthn ceremonies need a browser's authenticator"
THEMES = "the looks of managed login are left out"
REPLICAS = "a sandbox has one region's state"
BACKUPS = "restore points are left out"
CLIENT_METADATA_DOCUMENTS = "client ID metadata documents are left out"
LOGS = "log delivery is left out"
QUOTAS = "quotas cannot be bought here"

SIGN_UP: Mapping[str, Row] = {
    "SignUp": Done(sign_up.sign_up),
    "ResendConfirmationCode": Done(sign_up.resend_confirmation_code),
    "ConfirmSignUp": Done(sign_up.confirm_sign_up),
    "AdminConfirmSignUp": Done(sign_up.admin_confirm_sign_up),
    "AdminCreateUser": Done(invitations.admin_create_user),
}
PASSWORDS: Mapping[str, Row] = {
    "ForgotPassword": Done(passwords.forgot_password),
    "ConfirmForgotPassword": Done(passwords.confirm_forgot_password),
    "ChangePassword": Done(passwords.change_password),
    "AdminResetUserPassword": Done(passwords.admin_reset_user_password),
    "AdminSetUserPassword": Done(passwords.admin_set_user_password),
}
ATTRIBUTES: Mapping[str, Row] = {
    "UpdateUserAttributes": Done(attributes.update_user_attributes),
    "AdminUpdateUserAttributes": Done(attributes.admin_update_user_attributes),
    "DeleteUserAttributes": Done(attributes.delete_user_attributes),
    "AdminDeleteUserAttributes": Done(attributes.admin_delete_user_attributes),
    "GetUserAttributeVerificationCode": Done(attributes.get_user_attribute_verification_code),
    "VerifyUserAttribute": Done(attributes.verify_user_attribute),
}
SIGN_IN: Mapping[str, Row] = {
    "InitiateAuth": Simplified(initiate.initiate_auth, MIGRATED),
    "AdminInitiateAuth": Simplified(initiate.admin_initiate_auth, MIGRATED),
    "RespondToAuthChallenge": Simplified(respond.respond_to_auth_challenge, CHALLENGES),
    "AdminRespondToAuthChallenge": Simplified(respond.admin_respond_to_auth_challenge, CHALLENGES),
    "GetTokensFromRefreshToken": Done(refresh.get_tokens_from_refresh_token),
    "RevokeToken": Done(refresh.revoke_token),
    "GlobalSignOut": Done(refresh.global_sign_out),
    "AdminUserGlobalSignOut": Done(refresh.admin_user_global_sign_out),
    "GetUserAuthFactors": Done(mfa.get_user_auth_factors),
    "AdminGetUserAuthFactors": Done(mfa.admin_get_user_auth_factors),
    "ListUserSessions": NotSimulated(SESSIONS),
    "AdminListUserSessions": NotSimulated(SESSIONS),
    "RevokeUserSession": NotSimulated(SESSIONS),
    "AdminRevokeUserSession": NotSimulated(SESSIONS),
    "GetClientToken": NotSimulated("the token endpoint gives apps the same token, for client_credentials"),
    "GetDerivedToken": NotSimulated("token exchange is left out"),
}
FACTORS: Mapping[str, Row] = {
    "AssociateSoftwareToken": Done(mfa.associate_software_token),
    "VerifySoftwareToken": Done(mfa.verify_software_token),
    "SetUserMFAPreference": Done(mfa.set_user_mfa_preference),
    "AdminSetUserMFAPreference": Done(mfa.admin_set_user_mfa_preference),
    "AdminDeleteSoftwareToken": Simplified(
        mfa.admin_delete_software_token, "succeeds for a user without one too (unknown on AWS)"
    ),
    "SetUserSettings": Simplified(mfa.set_user_settings, OLD_OPTIONS),
    "AdminSetUserSettings": Simplified(mfa.admin_set_user_settings, OLD_OPTIONS),
    "StartWebAuthnRegistration": NotSimulated(WEB_AUTHN),
    "CompleteWebAuthnRegistration": NotSimulated(WEB_AUTHN),
    "ListWebAuthnCredentials": NotSimulated(WEB_AUTHN),
    "DeleteWebAuthnCredential": NotSimulated(WEB_AUTHN),
}
DEVICES: Mapping[str, Row] = {
    "ConfirmDevice": Done(devices.confirm_device),
    "ForgetDevice": Done(devices.forget_device),
    "GetDevice": Done(devices.get_device),
    "ListDevices": Done(devices.list_devices),
    "UpdateDeviceStatus": Done(devices.update_device_status),
    "AdminForgetDevice": Done(devices.admin_forget_device),
    "AdminGetDevice": Done(devices.admin_get_device),
    "AdminListDevices": Done(devices.admin_list_devices),
    "AdminUpdateDeviceStatus": Done(devices.admin_update_device_status),
}
USERS: Mapping[str, Row] = {
    "GetUser": Done(users.get_user),
    "DeleteUser": Done(users.delete_user),
    "AdminGetUser": Done(users.admin_get_user),
    "AdminDeleteUser": Done(users.admin_delete_user),
    "AdminDisableUser": Done(users.admin_disable_user),
    "AdminEnableUser": Done(users.admin_enable_user),
    "ListUsers": Done(users.list_users),
}
GROUPS: Mapping[str, Row] = {
    "CreateGroup": Done(groups.create_group),
    "GetGroup": Done(groups.get_group),
    "UpdateGroup": Done(groups.update_group),
    "DeleteGroup": Done(groups.delete_group),
    "ListGroups": Done(groups.list_groups),
    "ListUsersInGroup": Done(groups.list_users_in_group),
    "AdminAddUserToGroup": Done(groups.admin_add_user_to_group),
    "AdminRemoveUserFromGroup": Done(groups.admin_remove_user_from_group),
    "AdminListGroupsForUser": Done(groups.admin_list_groups_for_user),
}
POOLS: Mapping[str, Row] = {
    "CreateUserPool": Done(pools.create_user_pool),
    "UpdateUserPool": Simplified(pools.update_user_pool, "stricter than AWS: resets every setting that is left out"),
    "DescribeUserPool": Done(pools.describe_user_pool),
    "DeleteUserPool": Done(pools.delete_user_pool),
    "ListUserPools": Done(pools.list_user_pools),
    "AddCustomAttributes": Done(pools.add_custom_attributes),
    "SetUserPoolMfaConfig": Done(pools.set_user_pool_mfa_config),
    "GetUserPoolMfaConfig": Done(pools.get_user_pool_mfa_config),
    "ListUserPoolReplicas": Simplified(pools.list_user_pool_replicas, "no pool has any"),
    "TagResource": Done(pools.tag_resource),
    "UntagResource": Done(pools.untag_resource),
    "ListTagsForResource": Done(pools.list_tags_for_resource),
}
CLIENTS: Mapping[str, Row] = {
    "CreateUserPoolClient": Done(clients.create_user_pool_client),
    "UpdateUserPoolClient": Done(clients.update_user_pool_client),
    "DescribeUserPoolClient": Done(clients.describe_user_pool_client),
    "DeleteUserPoolClient": Done(clients.delete_user_pool_client),
    "ListUserPoolClients": Done(clients.list_user_pool_clients),
    "AddUserPoolClientSecret": Done(clients.add_user_pool_client_secret),
    "DeleteUserPoolClientSecret": Done(clients.delete_user_pool_client_secret),
    "ListUserPoolClientSecrets": Done(clients.list_user_pool_client_secrets),
}
DOMAINS: Mapping[str, Row] = {
    "CreateUserPoolDomain": Done(domains.create_user_pool_domain),
    "DescribeUserPoolDomain": Done(domains.describe_user_pool_domain),
    "UpdateUserPoolDomain": Done(domains.update_user_pool_domain),
    "DeleteUserPoolDomain": Done(domains.delete_user_pool_domain),
    "CreateResourceServer": Done(resource_servers.create_resource_server),
    "DescribeResourceServer": Done(resource_servers.describe_resource_server),
    "UpdateResourceServer": Done(resource_servers.update_resource_server),
    "DeleteResourceServer": Done(resource_servers.delete_resource_server),
    "ListResourceServers": Done(resource_servers.list_resource_servers),
    "GetSigningCertificate": NotSimulated(FEDERATION),
    **{
        name: NotSimulated(SESSIONS)
        for name in (
            "GetUserPoolSessionConfiguration",
            "SetUserPoolSessionConfiguration",
            "GetUserPoolClientSessionConfiguration",
            "SetUserPoolClientSessionConfiguration",
        )
    },
}


def _left_out(why: str, *operations: str) -> dict[str, Row]:
    return {operation: NotSimulated(why) for operation in operations}


LEFT_OUT: Mapping[str, Row] = {
    **_left_out(
        FEDERATION,
        "CreateIdentityProvider",
        "DescribeIdentityProvider",
        "UpdateIdentityProvider",
        "DeleteIdentityProvider",
        "ListIdentityProviders",
        "GetIdentityProviderByIdentifier",
        "AdminLinkProviderForUser",
        "AdminDisableProviderForUser",
    ),
    **_left_out(
        IMPORT,
        "CreateUserImportJob",
        "DescribeUserImportJob",
        "ListUserImportJobs",
        "StartUserImportJob",
        "StopUserImportJob",
        "GetCSVHeader",
    ),
    **_left_out(
        RISK,
        "SetRiskConfiguration",
        "DescribeRiskConfiguration",
        "AdminListUserAuthEvents",
        "AdminUpdateAuthEventFeedback",
        "UpdateAuthEventFeedback",
    ),
    **_left_out(
        THEMES,
        "SetUICustomization",
        "GetUICustomization",
        "CreateManagedLoginBranding",
        "DescribeManagedLoginBranding",
        "DescribeManagedLoginBrandingByClient",
        "UpdateManagedLoginBranding",
        "DeleteManagedLoginBranding",
        "CreateTerms",
        "DescribeTerms",
        "DescribeTermsByClient",
        "UpdateTerms",
        "DeleteTerms",
        "ListTerms",
    ),
    **_left_out(REPLICAS, "CreateUserPoolReplica", "DeleteUserPoolReplica", "UpdateUserPoolReplica"),
    **_left_out(
        BACKUPS,
        "InitiatePointInTimeRecovery",
        "StartPointInTimeRecovery",
        "CancelPointInTimeRecovery",
        "DescribePointInTimeRecovery",
        "ListPointInTimeRecoveries",
    ),
    **_left_out(
        CLIENT_METADATA_DOCUMENTS,
        "CreateCIMDPolicy",
        "DescribeCIMDPolicy",
        "UpdateCIMDPolicy",
        "DeleteCIMDPolicy",
        "ListCIMDPolicies",
        "ListClientMetadataURLs",
        "UpdateClientMetadataURLState",
    ),
    **_left_out(LOGS, "SetLogDeliveryConfiguration", "GetLogDeliveryConfiguration"),
    **_left_out(QUOTAS, "GetProvisionedLimit", "UpdateProvisionedLimit"),
}

CHAPTERS: Mapping[str, Mapping[str, Row]] = MappingProxyType(
    {
        "Sign-up and invitations": SIGN_UP,
        "Passwords": PASSWORDS,
        "Attributes": ATTRIBUTES,
        "Signing in and tokens": SIGN_IN,
        "Second factors": FACTORS,
        "Devices": DEVICES,
        "Users": USERS,
        "Groups": GROUPS,
        "Pools": POOLS,
        "App clients": CLIENTS,
        "Domains, resource servers, sessions": DOMAINS,
        "Left out": LEFT_OUT,
    }
)
OPERATIONS: Mapping[str, Row] = MappingProxyType(
    {name: row for chapter in CHAPTERS.values() for name, row in chapter.items()}
)


def row_of(operation: str) -> Row:
    """What is made of an operation. One that a newer botocore knows and this table does not is not simulated."""
    return OPERATIONS.get(operation, NotSimulated("it is newer than this version of the sandbox"))
