"""A session's beginning, and the tokens that carry it."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType, field

from gatepost.authentication.recent_bind import RecentEmailBind
from gatepost.context import Call
from gatepost.credentials import refresh
from gatepost.credentials.claims import claims_of, granted
from gatepost.credentials.secrets import digest_of
from gatepost.credentials.tokens import AccessClaims, new_token_id
from gatepost.storage import sessions, users
from gatepost.storage.applications import SECRET_SEAL
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Answer
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.refusals import SessionEnded
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import User

OFFLINE = "offline_access"
"""The scope that asks for a refresh token (OpenID Connect Core 1.0 section 11)."""


PAGES_LIFE = 14 * 86_400
"""Seconds that a browser stays signed in to the pages."""


class InBrowser(Struct, frozen=True):
    """The cookies of a sign-in on our own pages: the new one, and the one that it replaces."""

    cookie: str
    earlier: str | None


class SignIn(Struct, frozen=True):
    """What is wished for at a sign-in, and the device's address if it is known."""

    scope: str | None
    client: str | None
    browser: InBrowser | None = None


class Begun(Struct, frozen=True):
    """A session just begun, with its refresh token if it was asked for."""

    session_id: str
    refresh_token: str | None


class LoginTokens(Answer):
    """Tokens of a session. Clients read the lifetime, in seconds, under either of two names."""

    access_token: str = field(name="access_token")
    id_token: str = field(name="id_token")
    token_type: str = field(name="token_type")
    expire_in: int = field(name="expire_in")
    expires_in: int = field(name="expires_in")
    scope: str
    refresh_token: str | UnsetType = field(name="refresh_token", default=UNSET)
    recent_email_bind: RecentEmailBind | UnsetType = UNSET


async def begin_session(
    tx: Transaction, call: Call, user: User, method: str, wish: SignIn
) -> Begun:
    """Begin a session for a user who has proved themselves."""
    session_id = new_id(call.context.chance)
    settings, scope = call.app.settings, granted(wish.scope)
    offline = OFFLINE in scope.split()
    lifetime = settings.refresh_token_expires_in if offline else settings.access_token_expires_in
    if wish.browser is not None:
        lifetime = PAGES_LIFE
        if wish.browser.earlier is not None:
            await sessions.end_behind_cookie(tx, digest_of(wish.browser.earlier))
    expires_at = tx.now + lifetime * 1000
    await sessions.add(
        tx,
        session_id,
        user_pool_id=call.pool.id,
        app_id=call.app.id,
        user_id=user.id,
        method=method,
        scope=scope,
        expires_at=max(expires_at, tx.now + settings.access_token_expires_in * 1000),
        client_address=wish.client,
        user_agent=call.caller.user_agent,
        cookie_digest=digest_of(wish.browser.cookie) if wish.browser else None,
    )
    token = None
    if offline:
        token = await refresh.begin(
            tx,
            call.context.chance,
            session_id=session_id,
            app_id=call.app.id,
            expires_at=expires_at,
        )
    await users.note_sign_in(tx, user.id, call.app.id, wish.client)
    await call.record(
        tx, "login", user.id, session_id=session_id, client=wish.client, detail=method
    )
    return Begun(session_id, token)


async def tokens_of(call: Call, begun: Begun) -> LoginTokens:
    """The tokens of a session. Signing takes its time, so it is done in no unit.

    Refuses: SessionEnded, where it ended meanwhile.
    """
    reader = call.context.database.reader()
    session = await sessions.find(reader, begun.session_id)
    if session is None or not session.alive_at(reader.now):
        raise SessionEnded
    call.known.user_id = session.user_id
    lifetime, issued_at = call.app.settings.access_token_expires_in, reader.now // 1000
    access_token = call.context.key_store.keyring.sign_access_token(
        AccessClaims(
            jti=new_token_id(call.context.chance),
            sub=session.user_id,
            iat=issued_at,
            exp=issued_at + lifetime,
            scope=session.scope,
            iss=call.context.settings.issuer,
            aud=session.app_id,
            sid=session.session_id,
        )
    )
    return LoginTokens(
        access_token=access_token,
        id_token=await _id_token(call, session, issued_at),
        token_type="Bearer",
        expire_in=lifetime,
        expires_in=lifetime,
        scope=session.scope,
        refresh_token=begun.refresh_token or UNSET,
    )


async def _id_token(call: Call, session: SignedIn, issued_at: int) -> str:
    context, settings = call.context, call.app.settings
    person = await users.profile(context.database.reader(), session.user_id)
    if person is None:
        raise SessionEnded
    claims = claims_of(person, session.scope.split()) | {
        "iss": context.settings.issuer,
        "aud": session.app_id,
        "iat": issued_at,
        "auth_time": session.authenticated_at // 1000,
        "exp": issued_at + settings.id_token_expires_in,
        "sid": session.session_id,
    }
    algorithm = settings.id_token_signed_response_alg
    secret = ""
    if algorithm == "HS256":
        secret = context.keys.open(SECRET_SEAL, call.app.secret_sealed).decode()
    return context.key_store.keyring.sign_id_token(claims, algorithm, secret)
