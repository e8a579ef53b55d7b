"""`/oidc/token/introspection` (RFC 7662): is a token good, and what does it say."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType

from gatepost.context import Call
from gatepost.credentials import client_authentication, sessions
from gatepost.credentials.secrets import digest_of
from gatepost.storage import refresh_tokens
from gatepost.storage import sessions as stored_sessions
from gatepost.vocabulary.fields import Body, Text
from gatepost.vocabulary.refusals import ClientUnauthenticated, SessionEnded, UserSuspended


class TokenToLookAt(Body):
    """A token. What kind it is, is found out."""

    token: Text


class Introspection(Struct):
    """What a good token says; of any other only that it is not active."""

    active: bool
    sub: str | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    exp: int | UnsetType = UNSET
    iat: int | UnsetType = UNSET
    iss: str | UnsetType = UNSET
    jti: str | UnsetType = UNSET
    scope: str | UnsetType = UNSET
    token_type: str | UnsetType = UNSET


async def introspection(call: Call, body: TokenToLookAt) -> Introspection:
    """Whether a token of this app is good now, and what it says.

    Only the app itself learns it, so it must show its secret. Tokens of other apps are not
    active here.

    Refuses: ClientUnauthenticated.
    """
    if not client_authentication.authenticate(call.app, call.credentials):
        raise ClientUnauthenticated
    return await _access_token(call, body.token) or await _refresh_token(call, body.token)


async def _access_token(call: Call, token: str) -> Introspection | None:
    context = call.context
    claims = context.key_store.keyring.verify_access_token(token, context.clock())
    if claims is None or claims.aud != call.app.id:
        return None
    try:
        await sessions.alive(context.database.reader(), claims, call.app)
    except (SessionEnded, UserSuspended):
        return Introspection(active=False)
    return Introspection(
        active=True,
        sub=claims.sub,
        client_id=claims.aud,
        exp=claims.exp,
        iat=claims.iat,
        iss=claims.iss,
        jti=claims.jti,
        scope=claims.scope,
        token_type="Bearer",
    )


async def _refresh_token(call: Call, token: str) -> Introspection:
    reader = call.context.database.reader()
    stored = await refresh_tokens.find(reader, digest_of(token))
    if stored is None or stored.app_id != call.app.id or stored.used_at is not None:
        return Introspection(active=False)
    session = await stored_sessions.find(reader, stored.session_id)
    if session is None or not session.alive_at(reader.now) or stored.expires_at <= reader.now:
        return Introspection(active=False)
    return Introspection(
        active=True,
        sub=session.user_id,
        client_id=stored.app_id,
        exp=stored.expires_at // 1000,
        iat=stored.issued_at // 1000,
        iss=call.context.settings.issuer,
        scope=session.scope,
        token_type="refresh_token",
    )
