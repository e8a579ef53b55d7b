"""Whether a session is alive: asked of the database on every call, never remembered."""

from __future__ import annotations

from typing import NoReturn

from gatepost.credentials.secrets import digest_of
from gatepost.credentials.tokens import AccessClaims
from gatepost.storage import sessions
from gatepost.storage.database import Reader, Transaction
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.refusals import SessionEnded, UserSuspended
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import Profile, Status, User


async def alive(reader: Reader, claims: AccessClaims, app: Application | None) -> SignedIn:
    """The session that a verified token belongs to.

    `app` is the one that the call names, if it names one: it must be of the same pool.

    Refuses: SessionEnded, UserSuspended.
    """
    session = await sessions.find(reader, claims.sid) or _gone()
    return _usable(reader, _of_token(session, claims, app))


async def alive_with_profile(
    reader: Reader, claims: AccessClaims, app: Application | None
) -> tuple[SignedIn, Profile]:
    """The same, and what the account says of itself. Refuses: SessionEnded, UserSuspended."""
    session, profile = await sessions.find_with_profile(reader, claims.sid) or _gone()
    return _usable(reader, _of_token(session, claims, app)), profile


async def hold(
    tx: Transaction, claims: AccessClaims, app: Application | None
) -> tuple[SignedIn, User]:
    """The same, and its user, who is held until the unit ends.

    Refuses: SessionEnded, UserSuspended.
    """
    session, user = await sessions.hold(tx, claims.sid) or _gone()
    return _usable(tx, _of_token(session, claims, app)), user


async def alive_behind(reader: Reader, cookie: str) -> SignedIn:
    """The session that a browser holds by a cookie. Refuses: SessionEnded, UserSuspended."""
    session = await sessions.find_by_cookie(reader, digest_of(cookie)) or _gone()
    return _usable(reader, session)


async def hold_behind(tx: Transaction, cookie: str) -> tuple[SignedIn, User]:
    """The same, and its user, who is held until the unit ends.

    Refuses: SessionEnded, UserSuspended.
    """
    session, user = await sessions.hold_by_cookie(tx, digest_of(cookie)) or _gone()
    return _usable(tx, session), user


async def hold_on(tx: Transaction, seen: SignedIn) -> tuple[SignedIn, User]:
    """A session that was alive when it was seen, and its user, who is held until the unit ends.

    Refuses: SessionEnded, UserSuspended.
    """
    session, user = await sessions.hold(tx, seen.session_id) or _gone()
    return _usable(tx, session), user


def _gone() -> NoReturn:
    raise SessionEnded


def _of_token(session: SignedIn, claims: AccessClaims, app: Application | None) -> SignedIn:
    if (session.user_id, session.app_id) != (claims.sub, claims.aud):
        raise SessionEnded
    if app is not None and app.user_pool_id != session.user_pool_id:
        raise SessionEnded
    return session


def _usable(reader: Reader, session: SignedIn) -> SignedIn:
    if session.status == Status.SUSPENDED:
        raise UserSuspended
    if not session.alive_at(reader.now):
        raise SessionEnded
    return session
