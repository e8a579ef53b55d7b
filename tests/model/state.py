"""What the model remembers of a pool. Times are whole seconds since the story began."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.model.words import NOTICE, No
from tests.support.code_model import Model, ModelBudget, ModelCode


@dataclass(eq=False)
class Account:
    """An account. `stamp` counts what voids a granted step: address, proof and password."""

    id: str
    username: str | None = None
    email: str | None = None
    proved: bool = False
    password: str | None = None
    by_administrator: bool = False
    active: bool = True
    nickname: str | None = None
    probation_until: int = 0
    paused_until: int = 0
    stamp: int = 0

    @property
    def opens_without_address(self) -> bool:
        return self.username is not None and self.password is not None

    @property
    def unproved(self) -> bool:
        """Whoever signed up with the address has yet to show that it is theirs."""
        return self.email is not None and not self.proved and not self.by_administrator

    def on_probation(self, now: int) -> bool:
        return now < self.probation_until and self.opens_without_address


@dataclass(eq=False)
class Session:
    account: Account
    id: str
    began: int
    expires: int
    ended: bool = False


@dataclass(eq=False)
class Ticket:
    """An access token that somebody holds."""

    text: str
    session: Session
    expires: int


@dataclass(eq=False)
class RefreshToken:
    text: str
    session: Session
    expires: int
    used_at: int | None = None
    successor: RefreshToken | None = None


@dataclass(eq=False)
class StepToken:
    kind: str
    account: Account
    session: Session | None
    email: str | None
    expires: int
    stamp: int
    text: str = ""
    shown: bool = False


@dataclass(eq=False)
class Change:
    account: Account
    event: str
    old: str | None
    new: str | None
    happened: float = 0
    voided: bool = False


@dataclass(eq=False)
class Link:
    """A link in a mail. One to say "I did not ask for this" lives as long as its code."""

    purpose: str
    email: str
    about: Change | ModelCode | Account | None
    expires: float
    used: bool = False
    url: str = ""


@dataclass(eq=False)
class Mail:
    template: str
    recipient: str
    code: ModelCode | None = None
    digits: int = 0
    links: list[Link] = field(default_factory=list)
    withheld: bool = False


@dataclass
class Policy:
    """What an administrator may set for a pool."""

    verify_old: bool = True
    notice_old: bool = True
    reauthenticate_within: int = 0
    hide_accounts: bool = False
    codes_need_sign_in: bool = False
    closed: bool = False
    verified_only: bool = False


@dataclass(eq=False)
class Pool:
    """One pool, and what has been mailed in the step that is under way."""

    clock: Callable[[], int]
    policy: Policy = field(default_factory=Policy)
    accounts: list[Account] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    refresh_tokens: list[RefreshToken] = field(default_factory=list)
    steps: list[StepToken] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    stops: dict[str, int] = field(default_factory=dict)
    asked_at: dict[tuple[str, str, str], int] = field(default_factory=dict)
    codes: dict[tuple[str, str], Model] = field(default_factory=dict)
    budgets: dict[str, ModelBudget] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)
    posted: list[tuple[str, str]] = field(default_factory=list)
    """Every mail so far, by template and recipient."""

    @property
    def now(self) -> int:
        return self.clock()

    def owner(self, email: str) -> Account | None:
        return next((a for a in self.accounts if a.email == email), None)

    def named(self, username: str) -> Account | None:
        return next((a for a in self.accounts if a.username == username), None)

    def changes_of(self, account: Account) -> list[Change]:
        """Those that stand, the newest last."""
        return [c for c in self.changes if c.account is account and not c.voided]

    def alive(self, session: Session) -> bool:
        known = session in self.sessions and session.account.active
        return known and not session.ended and self.now < session.expires

    def engine(self, channel: str, email: str) -> Model:
        name = f"{channel} {email}"
        return self.codes.setdefault((channel, email), Model({}, self.budgets, name))

    def live_codes(self) -> Iterator[tuple[str, str, str, ModelCode]]:
        for (channel, email), engine in self.codes.items():
            for subject, code in engine.codes.items():
                yield channel, email, subject, code

    def mail(self, template: str, recipient: str, *links: tuple[str, Change | None]) -> None:
        """A notice, with links that live as long as notices do."""
        made = [Link(purpose, recipient, about, self.now + NOTICE) for purpose, about in links]
        self.links += made
        self.mails.append(Mail(template, recipient, links=made))


def caller_of(pool: Pool, ticket: Ticket | None) -> Session:
    """Whoever calls with a token, if their session is alive."""
    if ticket is None:
        raise No("NotSignedIn")
    session = ticket.session
    if pool.now >= ticket.expires or session not in pool.sessions:
        raise No("SessionEnded")
    if not session.account.active:
        raise No("UserSuspended")
    if not pool.alive(session):
        raise No("SessionEnded")
    return session


def visitor_of(pool: Pool, ticket: Ticket | None) -> Session | None:
    """As `caller_of`, for steps that need no sign-in: a stale token is as good as none."""
    try:
        return caller_of(pool, ticket)
    except No:
        return None


def changer_of(pool: Pool, ticket: Ticket | None) -> Session:
    """Whoever may change an address now."""
    session = caller_of(pool, ticket)
    if pool.now < session.account.paused_until:
        raise No("ChangesPaused")
    within = pool.policy.reauthenticate_within
    if within and pool.now - session.began > within:
        raise No("ReauthenticationRequired")
    return session
