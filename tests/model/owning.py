"""The rules of passwords, of what an account says of itself, and of its end."""

from __future__ import annotations

from tests.model.addresses import end_sessions
from tests.model.entering import WEAK
from tests.model.mailing import Proof, granted, redeemed, void_codes, void_steps
from tests.model.state import Account, Pool, StepToken, Ticket, caller_of, changer_of
from tests.model.words import FRESH_SIGN_IN, STEP, No


def update_password(pool: Pool, ticket: Ticket | None, old: str | None, new: str) -> None:
    session = caller_of(pool, ticket)
    account = session.account
    if account.password is None:
        if pool.now - session.began > FRESH_SIGN_IN:
            raise No("ReauthenticationRequired")
    else:
        if not old:
            raise No("OldPasswordRequired")
        if old != account.password:
            raise No("OldPasswordWrong")
    if new == WEAK:
        raise No("PasswordTooWeak")
    if new == account.password:
        raise No("PasswordReused")
    _set_password(pool, account, new)
    end_sessions(pool, account, but=ticket)
    if account.email:
        pool.mail("password_changed", account.email)


def prove_reset(pool: Pool, email: str, answer: str, client: str) -> StepToken:
    proof = Proof(pool, "RESET_PASSWORD", email, None, answer, client)
    account = pool.owner(email)
    if account is None or account.on_probation(pool.now):
        raise No("UserNotFound")
    if not account.active:
        raise No("UserSuspended")
    if pool.now < account.paused_until:
        raise No("ChangesPaused")
    proof.spend()
    return granted(pool, "reset_password", account, None, email, STEP["reset_password"])


def reset(pool: Pool, text: str, password: str) -> None:
    if password == WEAK:
        raise No("PasswordTooWeak")
    account = redeemed(pool, "reset_password", text, None).account
    assert account.email
    was_unproved = account.unproved
    _set_password(pool, account, password)
    account.proved = True
    end_sessions(pool, account)
    dropped = "earlier_password_removed"
    pool.mail(dropped if was_unproved else "user_password_reset_notification", account.email)


def _set_password(pool: Pool, account: Account, password: str) -> None:
    account.password = password
    account.stamp += 1
    void_codes(pool, account, account.email)
    void_steps(pool, account)


def prove_deletion_by_code(
    pool: Pool, ticket: Ticket | None, email: str | None, answer: str, client: str
) -> StepToken:
    session = changer_of(pool, ticket)
    account = session.account
    if account.email is None:
        raise No("NoEmailBound")
    if account.on_probation(pool.now):
        raise No("ChangesPaused")
    if email is not None and email != account.email:
        raise No("OldEmailMismatch")
    Proof(pool, "DELETE_ACCOUNT", account.email, account, answer, client).spend()
    return granted(pool, "delete_account", account, session, None, STEP["delete_account"])


def prove_deletion_by_password(pool: Pool, ticket: Ticket | None, password: str) -> StepToken:
    """Only where there is no address."""
    account = caller_of(pool, ticket).account
    if account.email is not None:
        raise No("NotSupported")
    if account.password != password:
        raise No("WrongCredentials")
    session = changer_of(pool, ticket)
    return granted(pool, "delete_account", account, session, None, STEP["delete_account"])


def delete(pool: Pool, ticket: Ticket | None, text: str) -> None:
    session = changer_of(pool, ticket)
    account = redeemed(pool, "delete_account", text, session).account
    if account.email:
        pool.mail("account_deleted", account.email)
    void_codes(pool, account, account.email)
    void_steps(pool, account)
    pool.accounts.remove(account)
    pool.sessions = [s for s in pool.sessions if s.account is not account]
    pool.refresh_tokens = [t for t in pool.refresh_tokens if t.session.account is not account]
    pool.changes = [c for c in pool.changes if c.account is not account]


def update_profile(
    pool: Pool, ticket: Ticket | None, nickname: str | None, username: str | None
) -> Account:
    """An empty text takes a value away; a name that is the last way in stays.

    An address on probation opens nothing by itself, so it is no way in. Where there is no other,
    a name is not changed long after the sign-in.
    """
    session = caller_of(pool, ticket)
    account = session.account
    named = account.username if username is None else username or None
    by_name_alone = account.email is None or account.on_probation(pool.now)
    if named is None and by_name_alone:
        raise No("LastSignInMethod")
    renamed = account.username is not None and named != account.username
    if by_name_alone and renamed and pool.now - session.began > FRESH_SIGN_IN:
        raise No("ReauthenticationRequired")
    other = pool.named(named) if named else None
    if other not in (None, account):
        raise No("UsernameTaken")
    account.username = named
    if nickname is not None:
        account.nickname = nickname or None
    return account
