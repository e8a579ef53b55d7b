"""Refresh tokens: each is good for one successor, which derives from it.

A client whose answer got lost shows the same token again and gets the same successor for a
while; whoever shows it later has stolen it, or was stolen from, and the session ends
(RFC 9700 section 4.14.2).
"""

from __future__ import annotations

from msgspec import Struct

from gatepost.credentials.secrets import digest_of, in_base64url, new_secret_token
from gatepost.server_keys import ServerKeys, UnknownServerKey
from gatepost.storage import refresh_tokens, sessions
from gatepost.storage.database import Transaction
from gatepost.storage.refresh_tokens import StoredRefreshToken
from gatepost.vocabulary.identifiers import Chance
from gatepost.vocabulary.session import SignedIn

GRACE = 30_000
"""Milliseconds after its first use in which a token still gets the same successor."""

_PURPOSE = "refresh token"


class Rotated(Struct, frozen=True):
    """The session that a token belongs to, which is alive, and the token that follows it."""

    session: SignedIn
    successor: str


class Stolen(Struct, frozen=True):
    """The session of a token that was shown long after it was used."""

    session_id: str


async def begin(
    tx: Transaction, chance: Chance, *, session_id: str, app_id: str, expires_at: int
) -> str:
    """A session's first refresh token."""
    token = new_secret_token(chance)
    await refresh_tokens.add(
        tx, digest_of(token), session_id=session_id, app_id=app_id, expires_at=expires_at
    )
    return token


async def rotate(
    tx: Transaction,
    keys: ServerKeys,
    app_id: str,
    token: str,
    *,
    lifetime_seconds: int,
    least_seconds: int,
) -> Rotated | Stolen | None:
    """Use a token; None where it is unknown, late, or of another app.

    Its session lives on for as long as the successor, and for `least_seconds` in any case.

    None too, and nothing changed, where its session is not alive. The session of a stolen one
    must end, and stays ended though the call is refused.
    """
    stored = await refresh_tokens.lock(tx, digest_of(token))
    if stored is None or stored.app_id != app_id or stored.expires_at <= tx.now:
        return None
    session = await sessions.find(tx, stored.session_id)
    # Used up now, the token of an account that is suspended for a while would look stolen later.
    if session is None or not session.alive_at(tx.now):
        return None
    lives_until = tx.now + least_seconds * 1000
    if stored.used_at is None:
        expires_at = tx.now + lifetime_seconds * 1000
        lives_until = max(lives_until, expires_at)
        successor = await _first_use(tx, keys, stored, token, expires_at)
    elif tx.now - stored.used_at <= GRACE and stored.key_id is not None:
        successor = _successor(keys, stored.key_id, token)
    else:
        return Stolen(stored.session_id)
    if successor is None:
        return None
    await sessions.extend(tx, stored.session_id, lives_until)
    return Rotated(session, successor)


async def _first_use(
    tx: Transaction, keys: ServerKeys, stored: StoredRefreshToken, token: str, expires_at: int
) -> str | None:
    successor = _successor(keys, keys.first_id, token)
    if successor is None:
        return None
    await refresh_tokens.use(tx, stored.digest, keys.first_id)
    await refresh_tokens.add(
        tx,
        digest_of(successor),
        session_id=stored.session_id,
        app_id=stored.app_id,
        expires_at=expires_at,
    )
    return successor


def _successor(keys: ServerKeys, key_id: str, token: str) -> str | None:
    try:
        return in_base64url(keys.mac(key_id, _PURPOSE, token))
    except UnknownServerKey:
        return None
