"""The table of contents: every endpoint, one line each."""

from __future__ import annotations

from gatepost.api import assets, health
from gatepost.api.openapi import described
from gatepost.api.routing import Route
from gatepost.authentication.account_closing import delete_account, verify_delete_account_request
from gatepost.authentication.app_check import check_app_id_secret
from gatepost.authentication.code_checking import pre_check_code
from gatepost.authentication.email_change import update_email, verify_update_email_request
from gatepost.authentication.email_identity import bind_email, unbind_email
from gatepost.authentication.history import get_my_logged_in_apps, get_my_login_history
from gatepost.authentication.password import (
    reset_password,
    update_password,
    verify_reset_password_request,
)
from gatepost.authentication.profile import get_profile
from gatepost.authentication.profile_update import update_profile
from gatepost.authentication.public_keys import system
from gatepost.authentication.security_info import get_security_info
from gatepost.authentication.sending import send_email
from gatepost.authentication.sign_in import sign_in
from gatepost.authentication.sign_up import sign_up
from gatepost.oidc.discovery import oauth_authorization_server, openid_configuration
from gatepost.oidc.introspection import introspection
from gatepost.oidc.jwks import jwks
from gatepost.oidc.revocation import revocation
from gatepost.oidc.token import token
from gatepost.oidc.user_info import user_info, user_info_by_post
from gatepost.vocabulary.refusals import (
    ChangesPaused,
    ClientUnauthenticated,
    CodeExpired,
    CodeIncorrect,
    EmailAlreadyBound,
    EmailInvalid,
    EmailTaken,
    EmailUnverified,
    LastSignInMethod,
    LdapNotConfigured,
    NoEmailBound,
    NotSignedIn,
    NotSupported,
    OldEmailMismatch,
    OldEmailRequired,
    OldPasswordRequired,
    OldPasswordWrong,
    PasswordReused,
    PasswordTooWeak,
    ReauthenticationRequired,
    RegistrationClosed,
    SameEmail,
    SentTooRecently,
    SessionEnded,
    TokenInvalid,
    TooManyRequests,
    UserExists,
    UsernameTaken,
    UserNotFound,
    UserSuspended,
    WrongCredentials,
)

SIGNIN_REFUSALS = (
    ClientUnauthenticated,
    WrongCredentials,
    EmailInvalid,
    CodeIncorrect,
    CodeExpired,
    TooManyRequests,
    UserSuspended,
    EmailUnverified,
    UserNotFound,
    RegistrationClosed,
    LdapNotConfigured,
    NotSupported,
)
CODE_REFUSALS = (CodeIncorrect, CodeExpired, TooManyRequests)
CHANGE_REFUSALS = (ChangesPaused, ReauthenticationRequired)
SIGNUP_REFUSALS = (
    RegistrationClosed,
    EmailInvalid,
    *CODE_REFUSALS,
    PasswordTooWeak,
    UserExists,
    UsernameTaken,
    NotSupported,
)
SEND_REFUSALS = (
    EmailInvalid,
    NotSupported,
    EmailAlreadyBound,
    SentTooRecently,
    TooManyRequests,
    NotSignedIn,
    NoEmailBound,
    OldEmailMismatch,
)
PRE_CHECK_REFUSALS = (EmailInvalid, TooManyRequests, NotSupported)
BIND_REFUSALS = (
    EmailInvalid,
    *CODE_REFUSALS,
    EmailAlreadyBound,
    EmailTaken,
    *CHANGE_REFUSALS,
)
UNBIND_REFUSALS = (*CODE_REFUSALS, NoEmailBound, LastSignInMethod, *CHANGE_REFUSALS)
VERIFY_UPDATE_REFUSALS = (
    EmailInvalid,
    *CODE_REFUSALS,
    NoEmailBound,
    SameEmail,
    OldEmailRequired,
    OldEmailMismatch,
    EmailTaken,
    *CHANGE_REFUSALS,
)
UPDATE_REFUSALS = (TokenInvalid, EmailTaken, *CHANGE_REFUSALS)
VERIFY_RESET_REFUSALS = (
    EmailInvalid,
    *CODE_REFUSALS,
    UserNotFound,
    UserSuspended,
    ChangesPaused,
    NotSupported,
)
RESET_REFUSALS = (TokenInvalid, PasswordTooWeak, TooManyRequests)
VERIFY_DELETE_REFUSALS = (
    EmailInvalid,
    *CODE_REFUSALS,
    WrongCredentials,
    NoEmailBound,
    OldEmailMismatch,
    NotSupported,
    TokenInvalid,
    *CHANGE_REFUSALS,
)
DELETE_REFUSALS = (TokenInvalid, *CHANGE_REFUSALS)
UPDATE_PASSWORD_REFUSALS = (
    OldPasswordRequired,
    OldPasswordWrong,
    PasswordReused,
    PasswordTooWeak,
    ReauthenticationRequired,
    TooManyRequests,
)
UPDATE_PROFILE_REFUSALS = (
    UsernameTaken,
    UserExists,
    LastSignInMethod,
    ReauthenticationRequired,
)
TOKEN_REFUSALS = (ClientUnauthenticated, TokenInvalid, NotSupported)
LOOK_REFUSALS = (ClientUnauthenticated,)
USER_INFO_REFUSALS = (NotSignedIn, SessionEnded, UserSuspended)

# fmt: off
ENDPOINTS = [
    Route("POST", "/api/v3/signin", sign_in, "Sign in", SIGNIN_REFUSALS, event="login"),
    Route("POST", "/api/v3/signup", sign_up, "Sign in", SIGNUP_REFUSALS, event="register"),
    Route("POST", "/api/v3/send-email", send_email, "E-mail", SEND_REFUSALS, event="sendEmail"),
    Route("POST", "/api/v3/pre-check-code", pre_check_code, "E-mail", PRE_CHECK_REFUSALS, event="preCheckCode"),  # noqa: E501
    Route("POST", "/api/v3/bind-email", bind_email, "E-mail", BIND_REFUSALS, event="bindEmail"),
    Route("POST", "/api/v3/unbind-email", unbind_email, "E-mail", UNBIND_REFUSALS, event="unbindEmail"),  # noqa: E501
    Route("POST", "/api/v3/verify-update-email-request", verify_update_email_request, "E-mail", VERIFY_UPDATE_REFUSALS, event="verifyUpdateEmailRequest"),  # noqa: E501
    Route("POST", "/api/v3/update-email", update_email, "E-mail", UPDATE_REFUSALS, event="updateUserEmail"),  # noqa: E501

    Route("POST", "/api/v3/update-password", update_password, "Password", UPDATE_PASSWORD_REFUSALS, event="updateUserPassword"),  # noqa: E501
    Route("POST", "/api/v3/verify-reset-password-request", verify_reset_password_request, "Password", VERIFY_RESET_REFUSALS, event="verifyResetPasswordRequest"),  # noqa: E501
    Route("POST", "/api/v3/reset-password", reset_password, "Password", RESET_REFUSALS, event="updateUserPassword"),  # noqa: E501

    Route("GET", "/api/v3/get-profile", get_profile, "Profile"),
    Route("POST", "/api/v3/update-profile", update_profile, "Profile", UPDATE_PROFILE_REFUSALS, event="updateUserPrefile"),  # noqa: E501
    Route("GET", "/api/v3/get-security-info", get_security_info, "Profile"),
    Route("GET", "/api/v3/get-my-login-history", get_my_login_history, "Profile"),
    Route("GET", "/api/v3/get-my-logged-in-apps", get_my_logged_in_apps, "Profile"),
    Route("POST", "/api/v3/verify-delete-account-request", verify_delete_account_request, "Profile", VERIFY_DELETE_REFUSALS, event="verifyDeleteAccountRequest"),  # noqa: E501
    Route("POST", "/api/v3/delete-account", delete_account, "Profile", DELETE_REFUSALS, event="deleteAccount"),  # noqa: E501

    Route("GET", "/api/v3/system", system, "Server", bare=True),
    Route("POST", "/api/v3/check-app-id-secret", check_app_id_secret, "Server"),

    Route("GET", "/oidc/.well-known/openid-configuration", openid_configuration, "OpenID Connect", bare=True),  # noqa: E501
    Route("GET", "/.well-known/oauth-authorization-server/oidc", oauth_authorization_server, "OpenID Connect", bare=True),  # noqa: E501
    Route("GET", "/oidc/.well-known/jwks.json", jwks, "OpenID Connect", bare=True),
    Route("POST", "/oidc/token", token, "OpenID Connect", TOKEN_REFUSALS, event="refreshUserTokenBySelf", bare=True, oauth=True),  # noqa: E501
    Route("POST", "/oidc/token/introspection", introspection, "OpenID Connect", LOOK_REFUSALS, bare=True, oauth=True),  # noqa: E501
    Route("POST", "/oidc/token/revocation", revocation, "OpenID Connect", LOOK_REFUSALS, event="logout", bare=True, oauth=True),  # noqa: E501
    Route("GET", "/oidc/me", user_info, "OpenID Connect", USER_INFO_REFUSALS, bare=True, oauth=True),  # noqa: E501
    Route("POST", "/oidc/me", user_info_by_post, "OpenID Connect", USER_INFO_REFUSALS, bare=True, oauth=True),  # noqa: E501

    Route("GET", "/healthz", health.healthz, "Server", bare=True),
    Route("GET", "/readyz", health.readyz, "Server"),
    Route("GET", "/assets/person.svg", assets.person),
]
# fmt: on

ROUTES = [*ENDPOINTS, Route("GET", "/openapi.json", described(ENDPOINTS))]
