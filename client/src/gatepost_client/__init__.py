"""A typed client of the GenAuth (Authing) V3 API, as Gatepost serves it."""

from __future__ import annotations

from gatepost_client import refusals
from gatepost_client.answers import Answer
from gatepost_client.asynchronous.client import AsyncAuthenticationClient
from gatepost_client.data import (
    AppCheck,
    CodeCheck,
    DeleteAccountGrant,
    Introspection,
    LoggedInApp,
    LoginHistory,
    LoginRecord,
    LoginTokens,
    ResetPasswordGrant,
    SecurityInfo,
    SystemInfo,
    TokenClaims,
    UpdateEmailGrant,
    User,
    UserInfo,
)
from gatepost_client.errors import (
    ConnectionFailed,
    GatepostError,
    TimedOut,
    TokenNotBelieved,
    UnexpectedAnswer,
)
from gatepost_client.refusals import Refusal, RetryLater
from gatepost_client.synchronous.client import AuthenticationClient
from gatepost_client.version import __version__

__all__ = [
    "Answer",
    "AppCheck",
    "AsyncAuthenticationClient",
    "AuthenticationClient",
    "CodeCheck",
    "ConnectionFailed",
    "DeleteAccountGrant",
    "GatepostError",
    "Introspection",
    "LoggedInApp",
    "LoginHistory",
    "LoginRecord",
    "LoginTokens",
    "Refusal",
    "ResetPasswordGrant",
    "RetryLater",
    "SecurityInfo",
    "SystemInfo",
    "TimedOut",
    "TokenClaims",
    "TokenNotBelieved",
    "UnexpectedAnswer",
    "UpdateEmailGrant",
    "User",
    "UserInfo",
    "__version__",
    "refusals",
]
