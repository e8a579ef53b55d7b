"""`/oidc/token` (RFC 6749 sections 4.1.3 and 6): a code or a refresh token for new tokens."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from gatepost.authentication import tokens
from gatepost.authentication.tokens import Begun, LoginTokens
from gatepost.context import Call
from gatepost.credentials import client_authentication, refresh
from gatepost.credentials.refresh import Rotated, Stolen
from gatepost.oidc import code_grant
from gatepost.storage import sessions
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Answer, Body, Text
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    ClientUnauthenticated,
    InvalidRequest,
    NotSupported,
    SessionEnded,
    TokenInvalid,
)


class TokenRequest(Body):
    """A grant: `authorization_code` or `refresh_token`, and what belongs to it."""

    grant_type: Text = field(name="grant_type")
    code: str | None = field(name="code", default=None)
    redirect_uri: str | None = field(name="redirect_uri", default=None)
    code_verifier: str | None = field(name="code_verifier", default=None)
    refresh_token: str | None = field(name="refresh_token", default=None)


class Tokens(Answer):
    """New tokens. The code or refresh token that was shown is used up."""

    access_token: str = field(name="access_token")
    id_token: str = field(name="id_token")
    token_type: str = field(name="token_type")
    expires_in: int = field(name="expires_in")
    scope: str
    refresh_token: str | UnsetType = field(name="refresh_token", default=UNSET)


async def token(call: Call, body: TokenRequest) -> Tokens:
    """New tokens for an authorization code or a refresh token, which is used up.

    A code wants the `redirect_uri` of its request and, if that had a `code_challenge`, the
    `code_verifier`. One that is shown twice ends what it gave.

    A refresh token's answer that got lost can be had again for 30 seconds. A used token that
    is shown later ends the session: it was stolen (RFC 9700 section 4.14.2).

    Refuses: ClientUnauthenticated, TokenInvalid, NotSupported for other grants.
    """
    if body.grant_type == "authorization_code":
        call.known.event = "authorize"
    proved = client_authentication.authenticate(call.app, call.credentials)
    match body.grant_type:
        case "authorization_code":
            begun = await _by_code(call, body, proved)
        case "refresh_token":
            begun = await _by_refresh_token(call, body)
        case _:
            raise NotSupported
    try:
        return _as_oauth(await tokens.tokens_of(call, begun))
    except SessionEnded:
        raise TokenInvalid from None


async def _by_code(call: Call, body: TokenRequest, proved: bool) -> Begun:
    """An app with a secret shows it, however lenient it is set: codes pass through browsers."""
    if not (proved or call.app.is_public):
        raise ClientUnauthenticated
    code, redirect_uri = body.code, body.redirect_uri
    if not code:
        raise InvalidRequest("code", Problem.MISSING)
    if not redirect_uri:
        raise InvalidRequest("redirect_uri", Problem.MISSING)
    verifier = body.code_verifier
    return await call.context.database.unit(
        lambda tx: code_grant.redeem(tx, call, code, redirect_uri, verifier)
    )


async def _by_refresh_token(call: Call, body: TokenRequest) -> Begun:
    shown, settings = body.refresh_token, call.app.settings
    if not shown:
        raise InvalidRequest("refresh_token", Problem.MISSING)

    async def work(tx: Transaction) -> Begun:
        rotated = await refresh.rotate(
            tx,
            call.context.keys,
            call.app.id,
            shown,
            lifetime_seconds=settings.refresh_token_expires_in,
            # An app may have refresh tokens that die before the access tokens made of them.
            least_seconds=settings.access_token_expires_in,
        )
        if isinstance(rotated, Stolen):
            await _end(tx, call, rotated.session_id)
            tx.keep()  # it stays ended though the call is refused
        if not isinstance(rotated, Rotated):
            raise TokenInvalid
        user_id, session_id = rotated.session.user_id, rotated.session.session_id
        await call.record(tx, "refreshUserTokenBySelf", user_id, session_id=session_id)
        return Begun(session_id, rotated.successor)

    return await call.context.database.unit(work)


async def _end(tx: Transaction, call: Call, session_id: str) -> None:
    session = await sessions.find(tx, session_id)
    if session is None or not session.alive_at(tx.now):
        return
    await sessions.end(tx, session_id)
    call.known.aimed_at = session.user_id
    await call.record(
        tx, "logout", session.user_id, session_id=session_id, detail="used refresh token"
    )


def _as_oauth(fresh: LoginTokens) -> Tokens:
    return Tokens(
        access_token=fresh.access_token,
        id_token=fresh.id_token,
        token_type=fresh.token_type,
        expires_in=fresh.expires_in,
        scope=fresh.scope,
        refresh_token=fresh.refresh_token,
    )
