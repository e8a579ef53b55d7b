"""What requests and answers look like: shown in the description, and tried by its tests."""

from __future__ import annotations

from typing import Any

from gatepost import __version__
from gatepost.authentication.app_check import AppChecked, CheckAppIdSecret
from gatepost.authentication.code_checking import CodeChecked, PreCheckCode
from gatepost.authentication.email_identity import BindEmail
from gatepost.authentication.profile import UserDto
from gatepost.authentication.public_keys import System
from gatepost.authentication.sending import SendEmail
from gatepost.authentication.sign_in import SignInByCredentials
from gatepost.authentication.tokens import LoginTokens

APP = "64f0c0ffee5eed0123456789"
ANN = "64f0ba5eba11ab1e98765432"
SECRET = "9f86d081884c7d659a2feaa0c55ad015"
EMAIL = "ann@example.com"

REQUESTS: dict[Any, dict[str, dict[str, Any]]] = {
    SignInByCredentials: {
        "With a user name and a password": {
            "connection": "PASSWORD",
            "passwordPayload": {"account": "ann", "password": "correct horse battery staple"},
            "options": {"scope": "openid profile email"},
            "client_secret": SECRET,
        },
        "With an e-mail address and a password": {
            "connection": "PASSWORD",
            "passwordPayload": {"email": EMAIL, "password": "correct horse battery staple"},
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
    CheckAppIdSecret: {
        "An app": {"appId": APP, "appSecret": SECRET},
    },
}
"""Bodies by their type, each under a word on what it is."""

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

ANSWERS: dict[Any, dict[str, Any]] = {
    LoginTokens: {
        "access_token": "eyJhbGciOiJSUzI1NiIs…",
        "id_token": "eyJhbGciOiJSUzI1NiIs…",
        "token_type": "Bearer",
        "expire_in": 1_209_600,
        "expires_in": 1_209_600,
        "scope": "openid profile email",
    },
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
