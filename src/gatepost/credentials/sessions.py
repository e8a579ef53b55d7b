"""Whether a session is alive: asked of the database on every call, never remembered."""

from __future__ import annotations

from gatepost.credentials.secrets import digest_of
from gatepost.credentials.tokens import AccessClaims
from gatepost.storage import sessions
from gatepost.storage.database import Reader
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.refusals import SessionEnded, UserSuspended
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import Status


async def alive(reader: Reader, claims: AccessClaims, app: Application | None) -> SignedIn:
    """The session that a verified token belongs to.

    `app` is the one that the call names, if it names one: it must be of the same pool.

    Refuses: SessionEnded, UserSuspended.
    """
    session = await sessions.find(reader, claims.sid)
    if session is None or (session.user_id, session.app_id) != (claims.sub, claims.aud):
        raise SessionEnded
    if app is not None and app.user_pool_id != session.user_pool_id:
        raise SessionEnded
    return _usable(reader, session)


async def alive_behind(reader: Reader, cookie: str) -> SignedIn:
    """The session that a browser holds by a cookie. Refuses: SessionEnded, UserSuspended."""
    session = await sessions.find_by_cookie(reader, digest_of(cookie))
    if session is None:
        raise SessionEnded
    return _usable(reader, session)


def _usable(reader: Reader, session: SignedIn) -> SignedIn:
    if session.status == Status.SUSPENDED:
        raise UserSuspended
    if not session.alive_at(reader.now):
        raise SessionEnded
    return session
