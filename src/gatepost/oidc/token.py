"""`/oidc/token` (RFC 6749 section 6): a refresh token for new tokens."""

from __future__ import annotations

from msgspec import field

from gatepost.authentication import tokens
from gatepost.authentication.tokens import Begun, LoginTokens
from gatepost.context import Call
from gatepost.credentials import client_authentication, refresh
from gatepost.credentials.refresh import Rotated, Stolen
from gatepost.storage import sessions
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Answer, Body, Text
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    InvalidRequest,
    NotSupported,
    SessionEnded,
    TokenInvalid,
)


class TokenRequest(Body):
    """A grant. Only refresh tokens are one here."""

    grant_type: Text = field(name="grant_type")
    refresh_token: str | None = field(name="refresh_token", default=None)


class Tokens(Answer):
    """New tokens. The refresh token that was shown is used up."""

    access_token: str = field(name="access_token")
    id_token: str = field(name="id_token")
    refresh_token: str = field(name="refresh_token")
    token_type: str = field(name="token_type")
    expires_in: int = field(name="expires_in")
    scope: str


async def token(call: Call, body: TokenRequest) -> Tokens:
    """New tokens for a refresh token, which is used up.

    An answer that got lost can be had again for 30 seconds. A used token that is shown later
    ends the session: it was stolen (RFC 9700 section 4.14.2).

    Refuses: ClientUnauthenticated, TokenInvalid, NotSupported for other grants.
    """
    client_authentication.authenticate(call.app, call.credentials)
    if body.grant_type != "refresh_token":
        raise NotSupported
    shown = body.refresh_token
    if not shown:
        raise InvalidRequest("refresh_token", Problem.MISSING)
    settings = call.app.settings
    lifetime = settings.refresh_token_expires_in

    async def work(tx: Transaction) -> Begun:
        rotated = await refresh.rotate(tx, call.context.keys, call.app.id, shown, lifetime)
        if isinstance(rotated, Stolen):
            await _end(tx, call, rotated.session_id)
            tx.keep()  # it stays ended though the call is refused
        if not isinstance(rotated, Rotated):
            raise TokenInvalid
        # An app may have refresh tokens that die before the access tokens made of them.
        until = tx.now + settings.access_token_expires_in * 1000
        await sessions.extend(tx, rotated.session_id, until)
        session = await sessions.find(tx, rotated.session_id)
        if session is not None and session.alive_at(tx.now):
            user_id, session_id = session.user_id, session.session_id
            await call.record(tx, "refreshUserTokenBySelf", user_id, session_id=session_id)
        return Begun(rotated.session_id, rotated.successor)

    begun = await call.context.database.unit(work)
    try:
        fresh = await tokens.tokens_of(call, begun)
    except SessionEnded:
        raise TokenInvalid from None
    return _as_oauth(fresh, begun)


async def _end(tx: Transaction, call: Call, session_id: str) -> None:
    session = await sessions.find(tx, session_id)
    if session is None or not session.alive_at(tx.now):
        return
    await sessions.end(tx, session_id)
    call.known.aimed_at = session.user_id
    await call.record(
        tx, "logout", session.user_id, session_id=session_id, detail="used refresh token"
    )


def _as_oauth(fresh: LoginTokens, begun: Begun) -> Tokens:
    return Tokens(
        access_token=fresh.access_token,
        id_token=fresh.id_token,
        refresh_token=begun.refresh_token or "",
        token_type=fresh.token_type,
        expires_in=fresh.expires_in,
        scope=fresh.scope,
    )
