"""The rules of an account's address: bind, unbind, change."""

from __future__ import annotations

from tests.model.mailing import Proof, granted, redeemed, void_codes, void_steps
from tests.model.state import Account, Change, Pool, StepToken, Ticket, caller_of, changer_of
from tests.model.words import FRESH_SIGN_IN, PROBATION, STEP, No


def bind(pool: Pool, ticket: Ticket | None, email: str, answer: str, client: str) -> None:
    session = changer_of(pool, ticket)
    account = session.account
    if account.email is not None:
        raise No("EmailAlreadyBound")
    proof = Proof(pool, "BIND_EMAIL", email, account, answer, client)
    if pool.owner(email) is not None:
        raise No("EmailTaken")
    proof.spend()
    if pool.now - session.began > FRESH_SIGN_IN:
        account.probation_until = max(account.probation_until, pool.now + PROBATION)
    put(pool, account, email, proved=True)
    change = _noted(pool, account, "bind", None, email)
    pool.mail("email_bound", email, ("not-me", change))


def unbind(pool: Pool, ticket: Ticket | None, answer: str, client: str) -> None:
    account = changer_of(pool, ticket).account
    old = account.email
    if old is None:
        raise No("NoEmailBound")
    if not account.opens_without_address:
        raise No("LastSignInMethod")
    Proof(pool, "UNBIND_EMAIL", old, account, answer, client).spend()
    put(pool, account, None, proved=False)
    change = _noted(pool, account, "unbind", old, None)
    pool.mail("email_unbound", old, ("undo", change))


def prove_change(
    pool: Pool,
    ticket: Ticket | None,
    new: tuple[str, str],
    old: tuple[str, str] | None,
    client: str,
) -> StepToken:
    """Each address comes with the code shown for it."""
    session = changer_of(pool, ticket)
    account = session.account
    if account.email is None:
        raise No("NoEmailBound")
    if new[0] == account.email:
        raise No("SameEmail")
    if old and old[0] != account.email:
        raise No("OldEmailMismatch")
    if pool.policy.verify_old and old is None:
        raise No("OldEmailRequired")
    shown = [new, old] if old and pool.policy.verify_old else [new]
    proofs = [Proof(pool, "UPDATE_EMAIL", *_of(one, account), client) for one in shown]
    if pool.owner(new[0]) is not None:
        raise No("EmailTaken")
    for proof in proofs:
        proof.spend()
    return granted(pool, "update_email", account, session, new[0], STEP["update_email"])


def _of(shown: tuple[str, str], account: Account) -> tuple[str, Account, str]:
    return shown[0], account, shown[1]


def change(pool: Pool, ticket: Ticket | None, text: str) -> None:
    session = changer_of(pool, ticket)
    account = session.account
    step = redeemed(pool, "update_email", text, session)
    old, new, was_unproved = account.email, step.email, account.unproved
    assert step.account is account and old and new
    if pool.owner(new) is not None:
        raise No("EmailTaken")
    put(pool, account, new, proved=True)
    end_sessions(pool, account, but=ticket)
    done = _noted(pool, account, "update", old, new)
    pool.mail("email_changed", new)
    if pool.policy.verify_old or (pool.policy.notice_old and not was_unproved):
        pool.mail("email_changed_from", old, ("undo", done))


def put(pool: Pool, account: Account, email: str | None, *, proved: bool) -> None:
    """Give or take an address; what was mailed and granted before is worth nothing."""
    void_codes(pool, account, account.email)
    void_steps(pool, account)
    account.email, account.proved = email, proved
    account.stamp += 1


def end_sessions(pool: Pool, account: Account, but: Ticket | None = None) -> None:
    for session in pool.sessions:
        if session.account is account and not (but and but.session is session):
            session.ended = True


def _noted(pool: Pool, account: Account, event: str, old: str | None, new: str | None) -> Change:
    last = max((c.happened for c in pool.changes if c.account is account), default=-1)
    happened = max(pool.now, last + 0.001)  # one after another, even within a millisecond
    done = Change(account, event, old, new, happened)
    pool.changes.append(done)
    return done


def profile_of(pool: Pool, ticket: Ticket | None) -> Account:
    """Whose profile a token shows."""
    return caller_of(pool, ticket).account
