"""`/oidc/token/revocation` (RFC 7009): end what a token belongs to."""

from __future__ import annotations

from typing import Any

from gatepost.context import Call
from gatepost.credentials import client_authentication
from gatepost.credentials.secrets import digest_of
from gatepost.oidc.introspection import TokenToLookAt
from gatepost.storage import refresh_tokens, sessions
from gatepost.storage.database import Transaction


async def revocation(call: Call, body: TokenToLookAt) -> dict[str, Any]:
    """End the session that an access or refresh token belongs to, at once and everywhere.

    An unknown token is as good as an ended one (RFC 7009 section 2.2). Tokens of other apps
    are left alone.

    Refuses: ClientUnauthenticated.
    """
    client_authentication.authenticate(call.app, call.credentials)
    claims = call.context.key_store.keyring.verify_access_token(body.token, call.context.clock())

    async def work(tx: Transaction) -> None:
        session_id = claims.sid if claims and claims.aud == call.app.id else None
        if session_id is None:
            stored = await refresh_tokens.lock(tx, digest_of(body.token))
            session_id = stored.session_id if stored and stored.app_id == call.app.id else None
        session = await sessions.find(tx, session_id) if session_id else None
        if session is not None and session.alive_at(tx.now):
            await sessions.end(tx, session.session_id)
            await call.record(tx, "logout", session.user_id, session_id=session.session_id)

    await call.context.database.unit(work)
    return {}
