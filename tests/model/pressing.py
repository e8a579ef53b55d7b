"""The rules of the links in mails. Looking at one changes nothing; its button works once."""

from __future__ import annotations

from tests.model.addresses import end_sessions, put
from tests.model.entering import WEAK, drop
from tests.model.mailing import is_live, void_codes, void_steps
from tests.model.state import Account, Change, Link, Pool
from tests.model.words import NOTICE, PAUSE, STOP, No
from tests.support.code_model import ModelCode


def is_open(pool: Pool, link: Link) -> bool:
    """Whether the page behind a link has a button."""
    if link.used:
        return False
    if isinstance(link.about, ModelCode):
        return is_live(pool, link.about)
    if pool.now >= link.expires:
        return False
    if isinstance(link.about, Account):
        return link.about in pool.accounts and link.about.email == link.email
    return link.about is None or _stands(pool, link.purpose, link.email, link.about)


def _stands(pool: Pool, purpose: str, email: str, change: Change) -> bool:
    """An undo works while its change stands, "not me" while that is the last change of all."""
    if change.voided or change not in pool.changes:
        return False
    last = pool.changes_of(change.account)[-1] is change
    return purpose != "not-me" or (last and change.account.email == email)


def press(pool: Pool, link: Link, password: str | None, new_password: str | None) -> None:
    """Press the button of an open link. A refusal leaves it open."""
    if link.purpose == "verify":
        assert isinstance(link.about, Account)
        _verify(pool, link.about, password, new_password)
    elif link.purpose in ("undo", "undo-bind"):
        assert isinstance(link.about, Change)
        _undo(pool, link.about, link)
    elif link.purpose == "not-me":
        assert isinstance(link.about, Change)
        put(pool, link.about.account, None, proved=False)
        _void_from(pool, link.about)
    elif link.purpose == "not-asked":
        _stop(pool, link.email)
    else:
        pool.stops.pop(link.email, None)
    link.used = True


def _undo(pool: Pool, change: Change, link: Link) -> None:
    """The address comes back, unless another account has proved it by now; a bind's was none."""
    account, other = change.account, pool.owner(change.old or "")
    if other not in (None, account) and other.unproved:
        put(pool, other, None, proved=False)
        end_sessions(pool, other)
        other = None
    returning = change.old if other in (None, account) else None
    lost = account.email if account.email != returning else None
    void_codes(pool, account, returning)
    put(pool, account, returning, proved=returning is not None)
    account.paused_until = pool.now + PAUSE
    end_sessions(pool, account)
    _void_from(pool, _first_undone(pool, change) if link.purpose == "undo-bind" else change)
    if link.purpose == "undo":
        pool.mail("undo_done" if returning else "undo_done_taken", link.email)
    if lost:
        pool.mail("email_removed", lost)


def _first_undone(pool: Pool, bind: Change) -> Change:
    """The binds of the 72 hours before go too: what was taken off between has an undo."""
    binds = [change for change in pool.changes_of(bind.account) if change.event == "bind"]
    return next(change for change in binds if change.happened > bind.happened - NOTICE)


def _void_from(pool: Pool, change: Change) -> None:
    standing = pool.changes_of(change.account)
    for later in standing[standing.index(change) :]:
        later.voided = True


def _stop(pool: Pool, email: str) -> None:
    owner = pool.owner(email)
    pool.stops[email] = pool.now + STOP
    for (_, address), engine in pool.codes.items():
        if address == email:
            engine.codes.pop("", None)
            engine.codes.pop(owner.id if owner else "", None)
    pool.mail("code_mail_stopped", email, ("allow-again", None))


def _verify(pool: Pool, account: Account, password: str | None, new: str | None) -> None:
    """Whoever signed up may have been somebody else: their password, or a new one."""
    was_unproved = account.unproved
    if was_unproved:
        if new == WEAK:
            raise No("PasswordTooWeak")
        if new is None and password != account.password:
            raise No("WrongCredentials")
    if not account.active:
        raise No("UserSuspended")
    if account.proved:
        return
    account.proved = True
    account.stamp += 1
    if was_unproved and new is not None:
        drop(pool, account)
        void_codes(pool, account, account.email)
        void_steps(pool, account)
        account.password = new
        account.stamp += 1
        pool.mail("earlier_password_removed", account.email or "")
