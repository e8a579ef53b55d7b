"""What requests and answers look like: shown in the description, and tried by its tests."""

from __future__ import annotations

from typing import Any

from gatepost.authentication.account_closing import (
    DeleteAccount,
    VerifyDeleteAccountRequest,
)
from gatepost.authentication.app_check import CheckAppIdSecret
from gatepost.authentication.code_checking import PreCheckCode
from gatepost.authentication.email_change import (
    UpdateEmail,
    VerifyUpdateEmailRequest,
)
from gatepost.authentication.email_identity import BindEmail, UnbindEmail
from gatepost.authentication.password import (
    ResetPassword,
    UpdatePassword,
    VerifyResetPasswordRequest,
)
from gatepost.authentication.profile_update import UpdateProfile
from gatepost.authentication.sending import SendEmail
from gatepost.authentication.sign_in import SignInByCredentials
from gatepost.authentication.sign_up import SignUp
from gatepost.oidc.introspection import TokenToLookAt
from gatepost.oidc.token import TokenRequest
from gatepost.oidc.user_info import InForm

APP = "64f0c0ffee5eed0123456789"
ANN = "64f0ba5eba11ab1e98765432"
SECRET = "9f86d081884c7d659a2feaa0c55ad015"
EMAIL = "ann@example.com"
NEW_EMAIL = "ann.lee@example.com"
PASSWORD = "correct horse battery staple"
ACCESS_TOKEN = "eyJhbGciOiJSUzI1NiIs…"
STEP_TOKEN = "q3Zb0V1mT8nYc5Rk2LxW7dPfHsJgAeU4oIi6vNwBzXc"

REQUESTS: dict[Any, dict[str, dict[str, Any]]] = {
    SignInByCredentials: {
        "With a user name and a password": {
            "connection": "PASSWORD",
            "passwordPayload": {"account": "ann", "password": PASSWORD},
            "options": {"scope": "openid profile email"},
            "client_secret": SECRET,
        },
        "With an e-mail address and a password": {
            "connection": "PASSWORD",
            "passwordPayload": {"email": EMAIL, "password": PASSWORD},
            "client_secret": SECRET,
        },
        "With a code of CHANNEL_LOGIN": {
            "connection": "PASSCODE",
            "passCodePayload": {"email": EMAIL, "passCode": "123456"},
            "client_secret": SECRET,
        },
    },
    SendEmail: {
        "A code to bind an address with": {"email": EMAIL, "channel": "CHANNEL_BIND_EMAIL"},
        "A code to sign in with": {"email": EMAIL, "channel": "CHANNEL_LOGIN"},
    },
    SignUp: {
        "With a user name and a password": {
            "connection": "PASSWORD",
            "passwordPayload": {"username": "bea", "password": PASSWORD},
            "profile": {"nickname": "Bea"},
        },
        "With a code of CHANNEL_REGISTER": {
            "connection": "PASSCODE",
            "passCodePayload": {"email": NEW_EMAIL, "passCode": "123456"},
        },
    },
    PreCheckCode: {
        "A code from a mail": {
            "codeType": "EMAIL",
            "emailCodePayload": {
                "email": EMAIL,
                "passCode": "123456",
                "channel": "CHANNEL_BIND_EMAIL",
            },
        },
    },
    BindEmail: {"An address and its code": {"email": EMAIL, "passCode": "123456"}},
    UnbindEmail: {"A code of CHANNEL_UNBIND_EMAIL": {"passCode": "123456"}},
    VerifyUpdateEmailRequest: {
        "Codes of CHANNEL_UPDATE_EMAIL": {
            "verifyMethod": "EMAIL_PASSCODE",
            "emailPassCodePayload": {
                "newEmail": NEW_EMAIL,
                "newEmailPassCode": "123456",
                "oldEmail": EMAIL,
                "oldEmailPassCode": "654321",
            },
        },
    },
    UpdateEmail: {"The token of the step before": {"updateEmailToken": STEP_TOKEN}},
    UpdatePassword: {
        "A new password for the present one": {
            "newPassword": "a wholly different one",
            "oldPassword": PASSWORD,
        },
    },
    VerifyResetPasswordRequest: {
        "A code of CHANNEL_RESET_PASSWORD": {
            "verifyMethod": "EMAIL_PASSCODE",
            "emailPassCodePayload": {"email": EMAIL, "passCode": "123456"},
        },
    },
    ResetPassword: {
        "The token of the step before": {
            "passwordResetToken": STEP_TOKEN,
            "password": "a wholly different one",
        },
    },
    UpdateProfile: {
        "Some of the fields": {"nickname": "Annie", "customData": {"theme": "dark"}},
    },
    VerifyDeleteAccountRequest: {
        "A code of CHANNEL_DELETE_ACCOUNT": {
            "verifyMethod": "EMAIL_PASSCODE",
            "emailPassCodePayload": {"email": EMAIL, "passCode": "123456"},
        },
        "The password, where there is no address": {
            "verifyMethod": "PASSWORD",
            "passwordPayload": {"password": PASSWORD},
        },
    },
    DeleteAccount: {"The token of the step before": {"deleteAccountToken": STEP_TOKEN}},
    TokenRequest: {
        "An authorization code": {
            "grant_type": "authorization_code",
            "code": STEP_TOKEN,
            "redirect_uri": "https://shop.example.com/back",
            "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            "client_id": APP,
            "client_secret": SECRET,
        },
        "A refresh token": {
            "grant_type": "refresh_token",
            "refresh_token": STEP_TOKEN,
            "client_id": APP,
            "client_secret": SECRET,
        },
    },
    TokenToLookAt: {
        "An access or refresh token": {
            "token": STEP_TOKEN,
            "client_id": APP,
            "client_secret": SECRET,
        },
    },
    InForm: {"An access token": {"access_token": ACCESS_TOKEN}},
    CheckAppIdSecret: {
        "An app": {"appId": APP, "appSecret": SECRET},
    },
}
"""Bodies by their type, each under a word on what it is."""
