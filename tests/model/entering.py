"""The rules of sign-up, sign-in and the tokens that come of it."""

from __future__ import annotations

from tests.model.addresses import end_sessions
from tests.model.mailing import Proof, void_codes, void_steps
from tests.model.state import Account, Link, Pool, RefreshToken, Session, Ticket
from tests.model.words import ACCESS, GRACE, NOTICE, REFRESH, No

WEAK = "password"


def sign_up(
    pool: Pool,
    username: str | None,
    email: str | None,
    password: str | None,
    proof: tuple[str, str] | None,
    client: str,
) -> Account | None:
    """A new account; None where only the answer looks as if there were one.

    A user name is taken then too, by an account that has nothing else.

    `proof` is a channel and the code shown on it; an address without one is only said.
    """
    if pool.policy.closed:
        raise No("RegistrationClosed")
    if password == WEAK:
        raise No("PasswordTooWeak")
    shown = Proof(pool, proof[0], email, None, proof[1], client) if proof and email else None
    if username and pool.named(username):
        raise No("UsernameTaken")
    if email and pool.owner(email):
        if pool.policy.hide_accounts and shown is None:
            return _nobody(pool, username)
        raise No("UserExists")
    if shown:
        shown.spend()
    account = Account("", username, email, bool(shown), password)
    pool.accounts.append(account)
    return account


def _nobody(pool: Pool, username: str | None) -> Account | None:
    if username is None:
        return None
    pool.accounts.append(Account("", username))
    return pool.accounts[-1]


def sign_in(pool: Pool, name: str, password: str) -> Account:
    """With a user name or an address."""
    account = pool.owner(name) if "@" in name else pool.named(name)
    if account is None or account.password != password:
        raise No("WrongCredentials")
    if account.unproved and pool.policy.hide_accounts:
        raise No("WrongCredentials")
    if not account.active:
        raise No("UserSuspended")
    if account.email and not account.proved and pool.policy.verified_only:
        raise No("EmailUnverified")
    return account


def shown_bind(pool: Pool, account: Account) -> Link | None:
    """The bind of an old session that who signs in with the password is shown, with its undo.

    It is shown though the address was taken off again: a link in its mailbox brings it back.
    """
    binds = [change for change in pool.changes_of(account) if change.event == "bind"]
    if not account.probation_until or not binds:
        return None
    expires = binds[-1].happened + NOTICE
    if pool.now >= expires:
        return None
    link = Link("undo-bind", binds[-1].new or "", binds[-1], expires)
    pool.links.append(link)
    return link


def sign_in_by_code(pool: Pool, email: str, answer: str, registers: bool, client: str) -> Account:
    proof = Proof(pool, "LOGIN", email, None, answer, client)
    account = pool.owner(email)
    if account is None and registers:
        if pool.policy.closed:
            raise No("RegistrationClosed")
        account = Account("", email=email, proved=True)
        pool.accounts.append(account)
    if account is None or account.on_probation(pool.now):
        raise No("UserNotFound")
    if not account.active:
        raise No("UserSuspended")
    proof.spend()
    _prove_mailbox(pool, account, email)
    return account


def _prove_mailbox(pool: Pool, account: Account, email: str) -> None:
    """What somebody put on an account before its address was proved is dropped."""
    if account.proved:
        return
    was_unproved = account.unproved
    account.proved = True
    account.stamp += 1
    if not was_unproved:
        return
    drop(pool, account)
    if account.password is not None:
        account.password = None
        pool.mail("earlier_password_removed", email)


def drop(pool: Pool, account: Account) -> None:
    end_sessions(pool, account)
    void_codes(pool, account)
    void_steps(pool, account)


def begin(pool: Pool, account: Account, session_id: str, offline: bool) -> Session:
    """The session that a sign-in begins."""
    life = REFRESH if offline else ACCESS
    session = Session(account, session_id, pool.now, pool.now + life)
    pool.sessions.append(session)
    return session


def first_refresh_token(pool: Pool, session: Session, text: str) -> None:
    pool.refresh_tokens.append(RefreshToken(text, session, pool.now + REFRESH))


def refresh(pool: Pool, text: str) -> RefreshToken:
    """The token that follows. One shown late was stolen: its session ends."""
    token = next((t for t in pool.refresh_tokens if t.text == text), None)
    if token is None or pool.now >= token.expires or not pool.alive(token.session):
        raise No("TokenInvalid")
    session = token.session
    if token.used_at is not None and pool.now > token.used_at + GRACE:
        session.ended = True
        raise No("TokenInvalid")
    if token.successor is None:
        token.used_at = pool.now
        token.successor = RefreshToken("", session, pool.now + REFRESH)
        pool.refresh_tokens.append(token.successor)
        session.expires = max(session.expires, token.successor.expires)
    session.expires = max(session.expires, pool.now + ACCESS)
    return token.successor


def sign_out(pool: Pool, ticket: Ticket) -> None:
    """Revocation of an access token; one that is over changes nothing."""
    if pool.now < ticket.expires and pool.alive(ticket.session):
        ticket.session.ended = True
