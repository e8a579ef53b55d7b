"""Sessions: every signed-in call looks here whether its session is alive.

Those that a browser holds by a cookie and those of tokens are one list.
"""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.database import Reader, Row, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import Statement, sql
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import Profile, Status, User

_SIGNED_IN = (
    "s.id, s.user_id, s.user_pool_id, s.app_id, a.name, s.scope, s.authenticated_at,"
    " s.expires_at, s.ended_at, u.status, u.email, u.language, p.settings"
)
_WIDTH = len(SignedIn.__struct_fields__)
_FROM = (
    " FROM sessions s"
    " JOIN users u ON u.id = s.user_id"
    " JOIN applications a ON a.id = s.app_id"
    " JOIN user_pools p ON p.id = s.user_pool_id"
)
_BY_ID, _BY_COOKIE = " WHERE s.id = :id", " WHERE s.cookie_digest = :digest"
_FIND = sql(f"SELECT {_SIGNED_IN}{_FROM}{_BY_ID}")
_FIND_BY_COOKIE = sql(f"SELECT {_SIGNED_IN}{_FROM}{_BY_COOKIE}")
_FIND_WITH_PROFILE = sql(f"SELECT {_SIGNED_IN}, {columns(Profile, of='u')}{_FROM}{_BY_ID}")


def _holding(where: str) -> Statement:
    text = f"SELECT {_SIGNED_IN}, {columns(User, of='u')}{_FROM}{where}"
    # Whoever held the account before may have ended the session: a statement that has waited for
    # a row sees others as they were before, unless it takes hold of them too, in this order.
    return sql(text, postgresql=f"{text} FOR UPDATE OF u FOR SHARE OF s")


_HOLD, _HOLD_BY_COOKIE = _holding(_BY_ID), _holding(_BY_COOKIE)
_PARENT = sql("SELECT parent_id FROM sessions WHERE id = :id")
_ADD = sql(
    "INSERT INTO sessions (id, user_pool_id, app_id, user_id, method, scope,"
    " authenticated_at, expires_at, client_address, user_agent, cookie_digest)"
    " VALUES (:id, :user_pool_id, :app_id, :user_id, :method, :scope,"
    " :now, :expires_at, :client_address, :user_agent, :cookie_digest)"
)
_ALIVE_OF_USER = sql(
    "SELECT s.id, a.name, s.authenticated_at, s.client_address, s.user_agent"
    " FROM sessions s JOIN applications a ON a.id = s.app_id"
    " WHERE s.user_id = :user_id AND s.ended_at IS NULL AND s.expires_at > :now"
    " ORDER BY s.authenticated_at DESC, s.id LIMIT :most"
)
_ADD_WITHIN = sql(
    "INSERT INTO sessions (id, user_pool_id, app_id, user_id, method, scope,"
    " authenticated_at, expires_at, client_address, user_agent, parent_id)"
    " SELECT CAST(:id AS text), p.user_pool_id, CAST(:app_id AS text), p.user_id,"
    " CAST(:method AS text), CAST(:scope AS text), p.authenticated_at,"
    " CAST(:expires_at AS bigint), p.client_address, p.user_agent, p.id"
    " FROM sessions p JOIN users u ON u.id = p.user_id"
    " WHERE p.id = :parent_id AND p.ended_at IS NULL AND p.expires_at > :now"
    f" AND u.status = '{Status.ACTIVATED}'"
)
_END = sql(
    "UPDATE sessions SET ended_at = :now WHERE (id = :id OR parent_id = :id) AND ended_at IS NULL"
)
_END_OF_USER = sql(
    "UPDATE sessions SET ended_at = :now WHERE (id = :id OR parent_id = :id)"
    " AND user_id = :user_id AND ended_at IS NULL"
)
_HAND_OVER = sql(
    "UPDATE sessions SET parent_id = :heir_id WHERE user_id = :user_id AND parent_id ="
    " (SELECT e.id FROM sessions e WHERE e.cookie_digest = :digest)"
)
_END_BEHIND_COOKIE = sql(
    "UPDATE sessions SET ended_at = :now WHERE ended_at IS NULL AND (cookie_digest = :digest"
    " OR parent_id = (SELECT e.id FROM sessions e WHERE e.cookie_digest = :digest))"
)
_END_OTHERS = sql(
    "UPDATE sessions SET ended_at = :now"
    " WHERE user_id = :user_id AND id <> :kept AND ended_at IS NULL"
)
_EXTEND = sql(
    "UPDATE sessions SET expires_at = :expires_at WHERE id = :id AND expires_at < :expires_at"
)
_APPS = sql(
    "SELECT s.app_id, a.name, max(CASE WHEN s.ended_at IS NULL AND s.expires_at > :now"
    " THEN 1 ELSE 0 END) AS active FROM sessions s JOIN applications a ON a.id = s.app_id"
    " WHERE s.user_id = :user_id GROUP BY s.app_id, a.name ORDER BY a.name, s.app_id"
)
_END_ALL = sql("UPDATE sessions SET ended_at = :now WHERE user_id = :user_id AND ended_at IS NULL")


class LiveSession(Struct, frozen=True):
    """A session as its owner may look at it."""

    id: str
    app_name: str
    authenticated_at: int
    client_address: str | None
    user_agent: str | None


async def find(reader: Reader, session_id: str) -> SignedIn | None:
    """A session with its user, app and pool, alive or not."""
    row = await reader.one(_FIND, id=session_id)
    return SignedIn(*row) if row else None


async def find_with_profile(reader: Reader, session_id: str) -> tuple[SignedIn, Profile] | None:
    """A session, alive or not, and all that its user's account says."""
    row = await reader.one(_FIND_WITH_PROFILE, id=session_id)
    return (SignedIn(*row[:_WIDTH]), Profile(*row[_WIDTH:])) if row else None


async def hold(tx: Transaction, session_id: str) -> tuple[SignedIn, User] | None:
    """A session, alive or not, and its user, held against every other change until the unit ends.

    Both are as they are once the account is held.
    """
    return _held(await tx.one(_HOLD, id=session_id))


async def hold_by_cookie(tx: Transaction, digest: str) -> tuple[SignedIn, User] | None:
    """The same by the cookie that a browser holds the session by."""
    return _held(await tx.one(_HOLD_BY_COOKIE, digest=digest))


def _held(row: Row | None) -> tuple[SignedIn, User] | None:
    return (SignedIn(*row[:_WIDTH]), User(*row[_WIDTH:])) if row else None


async def find_by_cookie(reader: Reader, digest: str) -> SignedIn | None:
    """The session that a browser's cookie stands for, alive or not."""
    row = await reader.one(_FIND_BY_COOKIE, digest=digest)
    return SignedIn(*row) if row else None


async def alive_of(reader: Reader, user_id: str, most: int) -> list[LiveSession]:
    """Where a user is signed in now, the newest first."""
    rows = await reader.all(_ALIVE_OF_USER, user_id=user_id, now=reader.now, most=most)
    return [LiveSession(*row) for row in rows]


async def parent_of(reader: Reader, session_id: str) -> str | None:
    """The browser's session in which an app's began; None where it began by itself."""
    row = await reader.one(_PARENT, id=session_id)
    return row[0] if row else None


async def add(
    tx: Transaction,
    session_id: str,
    *,
    user_pool_id: str,
    app_id: str,
    user_id: str,
    method: str,
    scope: str,
    expires_at: int,
    client_address: str | None,
    user_agent: str | None,
    cookie_digest: str | None = None,
) -> None:
    """Begin a session; `cookie_digest` is of the cookie that a browser holds it by."""
    tx.later(
        _ADD,
        id=session_id,
        user_pool_id=user_pool_id,
        app_id=app_id,
        user_id=user_id,
        method=method,
        scope=scope,
        now=tx.now,
        expires_at=expires_at,
        client_address=client_address,
        user_agent=user_agent,
        cookie_digest=cookie_digest,
    )


async def add_within(
    tx: Transaction,
    session_id: str,
    *,
    parent_id: str,
    app_id: str,
    method: str,
    scope: str,
    expires_at: int,
) -> bool:
    """Begin an app's session in that of a browser, and by its proof; False if that has ended."""
    added = await tx.run(
        _ADD_WITHIN,
        id=session_id,
        parent_id=parent_id,
        app_id=app_id,
        method=method,
        scope=scope,
        expires_at=expires_at,
        now=tx.now,
    )
    return added == 1


async def end_all(tx: Transaction, user_id: str) -> int:
    """End every session of a user; says how many."""
    return await tx.run(_END_ALL, user_id=user_id, now=tx.now)


async def end(tx: Transaction, session_id: str) -> None:
    """End one session, and those that apps began in it."""
    await tx.run(_END, id=session_id, now=tx.now)


async def end_of_user(tx: Transaction, user_id: str, session_id: str) -> bool:
    """End one session, and those in it, if it is a user's own; says whether any was alive."""
    return await tx.run(_END_OF_USER, id=session_id, user_id=user_id, now=tx.now) >= 1


async def end_behind_cookie(tx: Transaction, digest: str) -> None:
    """End the session that a browser's cookie stands for, if there is one, and those in it."""
    await tx.run(_END_BEHIND_COOKIE, digest=digest, now=tx.now)


async def hand_over(tx: Transaction, digest: str, *, user_id: str, heir_id: str) -> None:
    """End the session behind a browser's earlier cookie; a new one takes its place.

    What apps began in it goes on in the new one, unless that is somebody else's.
    """
    await tx.run(_HAND_OVER, digest=digest, user_id=user_id, heir_id=heir_id)
    await end_behind_cookie(tx, digest)


async def end_others(tx: Transaction, user_id: str, kept: str) -> None:
    """End every session of a user but one."""
    tx.later(_END_OTHERS, user_id=user_id, kept=kept, now=tx.now)


async def extend(tx: Transaction, session_id: str, expires_at: int) -> None:
    """Let a session live at least until an instant; once in a unit."""
    tx.later(_EXTEND, id=session_id, expires_at=expires_at)


async def apps_of(reader: Reader, user_id: str) -> list[tuple[str, str, bool]]:
    """The apps a user signed in to: id, name, and whether a session is alive there."""
    rows = await reader.all(_APPS, user_id=user_id, now=reader.now)
    return [(row[0], row[1], bool(row[2])) for row in rows]
