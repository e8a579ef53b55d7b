"""What a step may reach for, and who asks for it. Both are handed in, never looked up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatepost.credentials.client_authentication import ClientCredentials
from gatepost.credentials.key_store import KeyStore
from gatepost.credentials.limits import Origin
from gatepost.credentials.passwords import Passwords
from gatepost.credentials.tokens import AccessClaims
from gatepost.server_keys import ServerKeys
from gatepost.settings import Settings
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Clock, Database
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.email_address import AddressRules, EmailAddress
from gatepost.vocabulary.identifiers import Chance, new_id
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.session import SignedIn
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


@dataclass(frozen=True, slots=True)
class Caller:
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


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token in a request's header, whatever it is worth; None where there is none."""

    token: str | None


@dataclass(frozen=True, slots=True)
class Call:
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
    identified: Callable[[str], None]
    """Told the id of whoever the call turns out to be by: for the log."""

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

    def event(
        self,
        name: str,
        user_id: str,
        *,
        session_id: str | None = None,
        client: str | None = None,
        detail: str | None = None,
    ) -> AuditEvent:
        """What the audit log keeps of this call and whom it was about."""
        return AuditEvent(
            id=new_id(self.context.chance),
            event=name,
            succeeded=True,
            user_pool_id=self.pool.id,
            app_id=self.app.id,
            user_id=user_id,
            session_id=session_id,
            request_id=self.request_id,
            client_address=client or self.caller.address,
            user_agent=self.caller.user_agent,
            detail=detail,
        )


@dataclass(frozen=True, slots=True)
class SignedInCall:
    """A call by a person whose session is alive in this unit of work."""

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

    def event(self, name: str, *, succeeded: bool = True) -> AuditEvent:
        """What the audit log keeps of this call."""
        return AuditEvent(
            id=new_id(self.context.chance),
            event=name,
            succeeded=succeeded,
            user_pool_id=self.session.user_pool_id,
            app_id=self.session.app_id,
            user_id=self.session.user_id,
            session_id=self.session.session_id,
            request_id=self.request_id,
            client_address=self.caller.client(),
            user_agent=self.caller.user_agent,
        )


def address_in(pool: UserPool, typed: str) -> EmailAddress:
    """An address as this pool accepts it. Refuses: EmailInvalid."""
    settings = pool.settings
    rules = AddressRules(
        special_use_domains=settings.allowSpecialUseDomains,
        international=settings.allowInternationalEmail,
    )
    return EmailAddress.parse(typed, rules)
