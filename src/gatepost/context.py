"""What a step may reach for, and who asks for it. Both are handed in, never looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec import Struct

from gatepost.audit import recording
from gatepost.audit.refusals import RefusalLog
from gatepost.credentials.client_authentication import ClientCredentials
from gatepost.credentials.key_store import KeyStore
from gatepost.credentials.limits import Origin
from gatepost.credentials.passwords import Passwords
from gatepost.credentials.tokens import AccessClaims
from gatepost.server_keys import ServerKeys
from gatepost.settings import Settings
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Clock, Database, Transaction
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.email_address import AddressRules, EmailAddress
from gatepost.vocabulary.identifiers import Chance, new_id, new_row_id
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import Refusal
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import Profile, User
from gatepost.vocabulary.user_pool import UserPool


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of one running server. Made once, by `app.py`; tests make their own."""

    settings: Settings
    database: Database
    clock: Clock
    chance: Chance
    keys: ServerKeys
    key_store: KeyStore
    passwords: Passwords
    mail_is_due: Callable[[], None]
    mail_is_worked: Callable[[], bool]
    is_leaving: Callable[[], bool]
    refusals: RefusalLog

    async def record(self, tx: Transaction, event: AuditEvent) -> None:
        """Keep an event in the audit log, in the unit of what it tells of."""
        await recording.record(tx, self.key_store.audit_keys, event)


class Caller(Struct, frozen=True):
    """Where a request comes from, as far as that can be trusted.

    `address` is the peer, or what trusted proxies say it is; `named_address` the one that the
    request names itself, which counts only if a back-end of ours vouches for it.
    """

    address: str
    named_address: str | None
    is_trusted_backend: bool
    user_agent: str | None

    def client(self, vouched: bool = False) -> str | None:
        """The address of the person's device; None where a trusted back-end names none."""
        return self.named_address if self.is_trusted_backend or vouched else self.address


class Bearer(Struct, frozen=True):
    """The token in a request's header, whatever it is worth; None where there is none."""

    token: str | None


class Known(Struct):
    """What has become known of a request: for the log, and for what is kept of a refusal.

    `user_id` is whoever the request is by; only with a `session_id` were they signed in before.
    `aimed_at` is the account that a sign-in was meant for. `event` is what the call turned out to
    be, where its path alone does not tell. `refusal` is one that the answer tells of although it
    is a success.
    """

    pool_id: str = ""
    app_id: str | None = None
    user_id: str | None = None
    session_id: str | None = None
    aimed_at: str | None = None
    client: str | None = None
    event: str | None = None
    detail: str | None = None
    refusal: Refusal | None = None


class Call(Struct, frozen=True):
    """A call to an app that is known, by whoever holds the token, if there is one.

    `claims` come from a token whose signature and time were good; whether its session is
    alive is not known yet.
    """

    context: Context
    request_id: str
    caller: Caller
    language: Language | None
    app: Application
    claims: AccessClaims | None
    credentials: ClientCredentials | None
    known: Known

    @property
    def pool(self) -> UserPool:
        """The pool that everything in this call happens in."""
        return self.app.pool

    def speaks(self) -> Language:
        """The language to answer in."""
        return self.language or self.pool.settings.language

    def origin(self, vouched: bool = False) -> Origin:
        """What this call is limited by."""
        return Origin(self.pool.id, self.app.id, self.caller.client(vouched))

    async def record(
        self,
        tx: Transaction,
        name: str,
        user_id: str | None,
        *,
        session_id: str | None = None,
        client: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Keep in the audit log, in the unit of what was done, whom it was about."""
        event = AuditEvent(
            id=new_row_id(self.context.chance, tx.now),
            event=name,
            succeeded=True,
            user_pool_id=self.pool.id,
            app_id=self.app.id,
            user_id=user_id,
            session_id=session_id,
            request_id=self.request_id,
            client_address=client or self.caller.address,
            user_agent=self.caller.user_agent,
            salt=new_id(self.context.chance),
            detail=detail,
        )
        await self.context.record(tx, event)


class SignedInCall(Struct, frozen=True):
    """A call by a person whose session was alive when it was looked at."""

    context: Context
    request_id: str
    caller: Caller
    language: Language | None
    session: SignedIn

    @property
    def pool(self) -> UserPool:
        """The pool of the session."""
        return self.session.pool

    def origin(self) -> Origin:
        """What this call is limited by."""
        return Origin(self.pool.id, self.session.app_id, self.caller.client())

    def mail_language(self) -> Language:
        """The language of mails to this person: their own, else the call's, else the pool's."""
        if self.session.language:
            return Language(self.session.language)
        return self.language or self.pool.settings.language

    async def record(self, tx: Transaction, name: str) -> None:
        """Keep in the audit log, in the unit of what was done, that this person did it."""
        event = AuditEvent(
            id=new_row_id(self.context.chance, tx.now),
            event=name,
            succeeded=True,
            user_pool_id=self.session.user_pool_id,
            app_id=self.session.app_id,
            user_id=self.session.user_id,
            session_id=self.session.session_id,
            request_id=self.request_id,
            client_address=self.caller.client(),
            user_agent=self.caller.user_agent,
            salt=new_id(self.context.chance),
        )
        await self.context.record(tx, event)


class ReadingCall(SignedInCall, frozen=True):
    """A call by a person, with all that their account says of itself."""

    profile: Profile


class OwnerCall(SignedInCall, frozen=True):
    """A call by the owner of an account, which is held until the unit of work ends."""

    user: User


def address_in(pool: UserPool, typed: str) -> EmailAddress:
    """An address as this pool accepts it. Refuses: EmailInvalid."""
    settings = pool.settings
    rules = AddressRules(
        special_use_domains=settings.allowSpecialUseDomains,
        international=settings.allowInternationalEmail,
    )
    return EmailAddress.parse(typed, rules)
