"""What answers look like, as the description shows them."""

from __future__ import annotations

from typing import Any

from gatepost import __version__
from gatepost.api.examples import ACCESS_TOKEN, ANN, APP, EMAIL, STEP_TOKEN
from gatepost.authentication.account_closing import (
    DeleteAccountGranted,
)
from gatepost.authentication.app_check import AppChecked
from gatepost.authentication.code_checking import CodeChecked
from gatepost.authentication.email_change import (
    UpdateEmailGranted,
)
from gatepost.authentication.history import LoggedInApp
from gatepost.authentication.password import (
    Done,
    ResetPasswordGranted,
)
from gatepost.authentication.profile import UserDto
from gatepost.authentication.public_keys import System
from gatepost.authentication.security_info import SecurityInfo
from gatepost.authentication.tokens import LoginTokens
from gatepost.oidc.introspection import Introspection
from gatepost.oidc.token import Tokens

_UNASKED = {"customData", "identities", "departmentIds"}
_OWN = {
    "userId": ANN,
    "createdAt": "2026-01-15T09:30:00.000Z",
    "updatedAt": "2026-01-16T18:02:11.482Z",
    "status": "Activated",
    "workStatus": "Active",
    "email": EMAIL,
    "emailVerified": True,
    "phoneVerified": False,
    "username": "ann",
    "photo": "https://id.example.com/assets/person.svg",
    "loginsCount": 3,
    "lastLogin": "2026-01-16T18:01:40.017Z",
    "lastIp": "203.0.113.7",
    "gender": "U",
    "userSourceType": "register",
    "lastLoginApp": APP,
    "resetPasswordOnNextLogin": False,
    "registerSource": ["basic:username-password"],
    "postIdList": [],
}

ANSWERS: dict[Any, Any] = {
    LoginTokens: {
        "access_token": ACCESS_TOKEN,
        "id_token": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expire_in": 1_209_600,
        "expires_in": 1_209_600,
        "scope": "openid profile email",
        "recentEmailBind": {
            "email": "ann@example.com",
            "boundAt": "2026-01-15T12:00:00.000Z",
            "undoUrl": "https://id.example.com/link/undo-bind?token=" + STEP_TOKEN,
        },
    },
    Tokens: {
        "access_token": ACCESS_TOKEN,
        "id_token": ACCESS_TOKEN,
        "refresh_token": STEP_TOKEN,
        "token_type": "Bearer",
        "expires_in": 1_209_600,
        "scope": "openid profile offline_access",
    },
    Introspection: {
        "active": True,
        "sub": ANN,
        "client_id": APP,
        "exp": 1_769_767_200,
        "iat": 1_768_557_600,
        "iss": "https://id.example.com/oidc",
        "scope": "openid profile email",
        "token_type": "Bearer",
    },
    UpdateEmailGranted: {"updateEmailToken": STEP_TOKEN, "tokenExpiresIn": 60},
    ResetPasswordGranted: {"passwordResetToken": STEP_TOKEN, "tokenExpiresIn": 300},
    DeleteAccountGranted: {"deleteAccountToken": STEP_TOKEN, "tokenExpiresIn": 60},
    Done: {"success": True},
    SecurityInfo: {
        "passwordSecurityLevel": 3,
        "mfaEnrolled": False,
        "passwordSet": True,
        "emailBinded": True,
        "phoneBinded": False,
        "securityScore": 67,
    },
    list[LoggedInApp]: [
        {
            "appId": APP,
            "appName": "Shop",
            "appLoginUrl": "https://id.example.com",
            "appLogo": "",
            "active": True,
        },
    ],
    CodeChecked: {"isValid": True, "message": None},
    AppChecked: {"valid": True, "message": ""},
    System: {
        "rsa": {"publicKey": "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq…"},
        "sm2": {"publicKey": "04a1b2c3…"},
        "version": {"server": __version__, "console": __version__, "login": __version__},
        "publicIps": [],
    },
    UserDto: {
        name: _OWN.get(name) for name in UserDto.__struct_encode_fields__ if name not in _UNASKED
    },
}
"""Answers by their type."""
