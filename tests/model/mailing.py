"""The rules of asking for codes and of showing them."""

from __future__ import annotations

from tests.model.state import (
    Account,
    Link,
    Mail,
    Pool,
    Session,
    StepToken,
    Ticket,
    visitor_of,
)
from tests.model.words import (
    CODE_MAILS,
    NOBODY,
    OF_THE_MAILBOX,
    OF_THE_OWNER,
    RESEND,
    UNREAD,
    WITHOUT_A_STEP,
    No,
)
from tests.support import code_model
from tests.support.code_model import ModelCode


def ask(pool: Pool, channel: str, email: str, ticket: Ticket | None, client: str) -> None:
    """Somebody asks for a mail. Who has no session never learns whether there is an account."""
    if channel in WITHOUT_A_STEP:
        raise No("NotSupported")
    caller = visitor_of(pool, ticket)
    _may_ask(pool, channel, email, caller)
    wait = seconds_to_wait(pool, channel, email, caller)
    if wait > 0:
        raise No("SentTooRecently", wait)
    pool.asked_at[_asked(channel, email, caller)] = pool.now
    owner = pool.owner(email)
    stopped = caller is None and pool.now < pool.stops.get(email, 0)
    subject = NOBODY if stopped else _subject(channel, owner, caller)
    if channel == "VERIFY_EMAIL_LINK":
        _mail_link(pool, email, owner, withheld=subject == NOBODY)
        return
    no_account = channel == "RESET_PASSWORD" and owner is None
    template = "no_account_here" if no_account else CODE_MAILS[channel]
    code = _code(pool, channel, email, subject, client)
    _mail_code(
        pool, template, email, code, asked_for=caller is not None, withheld=subject == NOBODY
    )


def seconds_to_wait(pool: Pool, channel: str, email: str, caller: Session | None) -> int:
    """How long until the same may be asked for again; 0 and less is now."""
    return pool.asked_at.get(_asked(channel, email, caller), -RESEND) + RESEND - pool.now


def _asked(channel: str, email: str, caller: Session | None) -> tuple[str, str, str]:
    """What an owner asks for strangers are not to notice, so it is counted apart."""
    owner = caller.account.id if caller and channel in OF_THE_OWNER else ""
    return channel, email, owner


def _may_ask(pool: Pool, channel: str, email: str, caller: Session | None) -> None:
    if caller is None:
        if channel in ("BIND_EMAIL", "UPDATE_EMAIL") and pool.policy.codes_need_sign_in:
            raise No("NotSignedIn")
        return
    if channel == "BIND_EMAIL" and caller.account.email:
        raise No("EmailAlreadyBound")
    if channel in OF_THE_OWNER:
        if caller.account.email is None:
            raise No("NoEmailBound")
        if caller.account.email != email:
            raise No("OldEmailMismatch")


def _subject(channel: str, owner: Account | None, caller: Session | None) -> str:
    """Whom a code belongs to; the empty text is whoever holds the mailbox.

    Where nobody is to get it, all is done as ever, but the mail stays where it was written.
    """
    if channel in OF_THE_OWNER:
        return owner.id if owner else NOBODY
    return caller.account.id if caller and channel not in OF_THE_MAILBOX else ""


def _mail_link(pool: Pool, email: str, owner: Account | None, *, withheld: bool) -> None:
    link = Link("verify", email, owner, pool.now + code_model.LIFE)
    pool.links.append(link)
    mail = Mail("console_conducted_verify", email, links=[link], withheld=withheld)
    pool.mails.append(mail)


def _code(pool: Pool, channel: str, email: str, subject: str, client: str) -> ModelCode:
    engine = pool.engine(channel, email)
    again = engine.mailed_again(pool.now, subject, client)
    if again is None:
        length = engine.length(pool.now, subject)
        engine.new(pool.now, subject, UNREAD * length)  # until the mail is read
    return again or engine.codes[subject]


def _mail_code(
    pool: Pool, template: str, email: str, code: ModelCode, *, asked_for: bool, withheld: bool
) -> None:
    shown = None if withheld or template == "no_account_here" else code
    mail = Mail(template, email, shown, len(code.digits), withheld=withheld)
    if not asked_for:
        mail.links = [Link("not-asked", email, code, code.expires)]
        pool.links += mail.links
    pool.mails.append(mail)


def is_live(pool: Pool, code: ModelCode) -> bool:
    """Whether a code could still be used."""
    known = any(found is code for *_, found in pool.live_codes())
    return known and pool.now < code.expires


class Proof:
    """A code that was shown and found right. It is used up with what it permits."""

    def __init__(
        self, pool: Pool, channel: str, email: str, who: Account | None, answer: str, client: str
    ) -> None:
        self._engine, self._subject = pool.engine(channel, email), who.id if who else ""
        verdict, self._owner = self._engine.check(pool.now, self._subject, answer, client)
        if verdict != "right":
            raise No(verdict)

    def spend(self) -> None:
        self._engine.spend(self._owner, self._subject)


def void_codes(pool: Pool, account: Account, *addresses: str | None) -> None:
    """The codes of an account die, and those of addresses that it leaves, but not of others."""
    for (_, email), engine in pool.codes.items():
        engine.codes.pop(account.id, None)
        if email in addresses:
            engine.codes.pop("", None)


def void_steps(pool: Pool, account: Account) -> None:
    pool.steps = [step for step in pool.steps if step.account is not account]


def granted(
    pool: Pool, kind: str, account: Account, session: Session | None, email: str | None, life: int
) -> StepToken:
    """A token for the next step, in the place of the one before it."""
    pool.steps = [s for s in pool.steps if (s.kind, s.account) != (kind, account)]
    step = StepToken(kind, account, session, email, pool.now + life, account.stamp)
    pool.steps.append(step)
    return step


def redeemed(pool: Pool, kind: str, text: str, session: Session | None) -> StepToken:
    """The token that was shown, if it is good now in this session. It stays where it is."""
    for step in pool.steps:
        if step.text == text and step.kind == kind and step.session is session:
            fresh = pool.now < step.expires and step.account.stamp == step.stamp
            if fresh and step.account.active:
                return step
    raise No("TokenInvalid")
