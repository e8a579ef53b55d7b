"""The table of contents: every endpoint, one line each."""

from __future__ import annotations

from gatepost.api import assets, health
from gatepost.api.openapi import described
from gatepost.api.routing import Route
from gatepost.authentication.app_check import check_app_id_secret
from gatepost.authentication.code_checking import pre_check_code
from gatepost.authentication.email_identity import bind_email
from gatepost.authentication.profile import get_profile
from gatepost.authentication.public_keys import system
from gatepost.authentication.sending import send_email
from gatepost.authentication.sign_in import sign_in
from gatepost.oidc.discovery import openid_configuration
from gatepost.oidc.jwks import jwks
from gatepost.vocabulary.refusals import (
    ClientUnauthenticated,
    CodeExpired,
    CodeIncorrect,
    EmailAlreadyBound,
    EmailInvalid,
    EmailTaken,
    EmailUnverified,
    LdapNotConfigured,
    NotSignedIn,
    NotSupported,
    SentTooRecently,
    TooManyRequests,
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
    LdapNotConfigured,
    NotSupported,
)
SEND_REFUSALS = (
    EmailInvalid,
    NotSupported,
    EmailAlreadyBound,
    SentTooRecently,
    TooManyRequests,
    NotSignedIn,
)
PRE_CHECK_REFUSALS = (EmailInvalid, TooManyRequests, NotSupported)
BIND_REFUSALS = (
    EmailInvalid,
    CodeIncorrect,
    CodeExpired,
    EmailAlreadyBound,
    EmailTaken,
    TooManyRequests,
)

# fmt: off
ENDPOINTS = [
    Route("POST", "/api/v3/signin", sign_in, "Sign in", SIGNIN_REFUSALS),
    Route("POST", "/api/v3/send-email", send_email, "E-mail", SEND_REFUSALS),
    Route("POST", "/api/v3/pre-check-code", pre_check_code, "E-mail", PRE_CHECK_REFUSALS),
    Route("POST", "/api/v3/bind-email", bind_email, "E-mail", BIND_REFUSALS),
    Route("GET", "/api/v3/get-profile", get_profile, "Profile"),
    Route("GET", "/api/v3/system", system, "Server", bare=True),
    Route("POST", "/api/v3/check-app-id-secret", check_app_id_secret, "Server"),

    Route("GET", "/oidc/.well-known/openid-configuration", openid_configuration, "OpenID Connect", bare=True),  # noqa: E501
    Route("GET", "/oidc/.well-known/jwks.json", jwks, "OpenID Connect", bare=True),

    Route("GET", "/healthz", health.healthz, "Server", bare=True),
    Route("GET", "/readyz", health.readyz, "Server"),
    Route("GET", "/assets/person.svg", assets.person),
]
# fmt: on

ROUTES = [*ENDPOINTS, Route("GET", "/openapi.json", described(ENDPOINTS))]
