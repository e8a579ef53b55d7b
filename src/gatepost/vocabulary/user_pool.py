"""A user pool: people, apps and settings that share nothing with any other pool.

Setting names are those of the API's security settings where it has one. Times are seconds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from gatepost.vocabulary.language import Language

WebOrigin = Annotated[str, Meta(pattern=r"^https?://[a-z0-9.\[\]:-]+\Z", max_length=300)]
"""An origin as browsers send it: scheme, host in lower case, port; nothing after it."""

Seconds = Annotated[int, Meta(ge=1, le=10 * 365 * 86_400)]
Count = Annotated[int, Meta(ge=1, le=1_000_000_000)]
Share = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class ChangeEmailStrategy(Struct, frozen=True, forbid_unknown_fields=True):
    """How an account may change its address."""

    verifyOldEmail: bool = True
    noticeToOldEmail: bool = True


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """How often things may happen. Every limit is counted in the database.

    `sendsPerMailbox…` counts the mails asked for without a sign-in to one mailbox, over all
    channels, with everything from `+` on left out of the local part; `sendsToMailboxByUsers…`
    the same for those that signed-in users asked for. A client address is an IPv4 address or
    an IPv6 /64.
    """

    sendsPerMailboxHour: Count = 10
    sendsPerMailboxDay: Count = 30
    sendsPerMailboxHourFromOneClient: Count = 5
    sendsToMailboxByUsersPerHour: Count = 10
    sendsToMailboxByUsersPerDay: Count = 30
    sendsToMailboxByUsersPerHourFromOneClient: Count = 5
    sendsPerUserHour: Count = 20
    sendsPerClientHour: Count = 1_000
    signInsPerClientHour: Count = 3_000
    signUpsPerClientHour: Count = 500
    callsPerTrustedAppHour: Count = 20_000
    passwordFailures: Count = 10
    passwordFailuresWindow: Seconds = 300
    codeFailuresPerHour: Count = 20
    codeFailuresInARow: Count = 100
    codeFailuresCoolDown: Annotated[int, Meta(ge=60, le=30 * 86_400)] = 86_400
    codeTriesOfAllClients: Count = 20


class PoolSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator may set for a pool."""

    language: Language = Language.EN_US
    allowedOrigins: tuple[WebOrigin, ...] = ()
    allowSpecialUseDomains: bool = False
    allowInternationalEmail: bool = False
    verifyCodeLength: Annotated[int, Meta(ge=4, le=10)] = 6
    verifyCodeMaxAttempts: Annotated[int, Meta(ge=1, le=20)] = 5
    verifyCodeExpiresIn: Annotated[int, Meta(ge=60, le=3_600)] = 300
    verifyCodeLongestLife: Annotated[int, Meta(ge=60, le=7_200)] = 600
    verifyCodeResendInterval: Annotated[int, Meta(ge=1, le=3_600)] = 60
    codesNeedSignIn: bool = False
    strictCodeBudget: bool = False
    changeEmailStrategy: ChangeEmailStrategy = ChangeEmailStrategy()
    reauthenticateWithin: Annotated[int, Meta(ge=0, le=86_400)] = 0
    hideExistingAccounts: bool = False
    registerDisabled: bool = False
    loginRequireEmailVerified: bool = False
    limits: Limits = Limits()


@lru_cache(maxsize=1024)
def pool_settings(text: str) -> PoolSettings:
    """The settings in their stored form. Cached by the text itself, so never stale."""
    return msgspec.json.decode(text, type=PoolSettings)


class UserPool(Struct, frozen=True):
    """A pool as calls meet it."""

    id: str
    settings_text: str

    @property
    def settings(self) -> PoolSettings:
        """The pool's settings."""
        return pool_settings(self.settings_text)
