"""A session's beginning, and the tokens that carry it."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType, field

from gatepost.authentication.recent_bind import RecentEmailBind
from gatepost.context import Call
from gatepost.credentials import app_secrets, refresh
from gatepost.credentials.claims import claims_of, granted
from gatepost.credentials.secrets import digest_of
from gatepost.credentials.tokens import AccessClaims, half_hash, new_token_id
from gatepost.storage import sessions, users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Answer
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.refusals import SessionEnded
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import Profile, User

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
    """A session just begun, with its refresh token and nonce if they were asked for."""

    session_id: str
    refresh_token: str | None
    nonce: str | None = None


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
    scope = granted(wish.scope)
    life = _life(call, scope)
    if wish.browser is not None:
        life = PAGES_LIFE * 1000
        if wish.browser.earlier is not None:
            earlier = digest_of(wish.browser.earlier)
            await sessions.hand_over(tx, earlier, user_id=user.id, heir_id=session_id)
    await sessions.add(
        tx,
        session_id,
        user_pool_id=call.pool.id,
        app_id=call.app.id,
        user_id=user.id,
        method=method,
        scope=scope,
        expires_at=tx.now + life,
        client_address=wish.client,
        user_agent=call.caller.user_agent,
        cookie_digest=digest_of(wish.browser.cookie) if wish.browser else None,
    )
    token = await _refresh_token(tx, call, session_id, scope)
    await users.note_sign_in(tx, user.id, call.app.id, wish.client)
    await call.record(
        tx, "login", user.id, session_id=session_id, client=wish.client, detail=method
    )
    return Begun(session_id, token)


async def begin_within(
    tx: Transaction, call: Call, browser_session: str, *, scope: str, nonce: str | None
) -> Begun | None:
    """Begin an app's session for whoever is signed in in a browser; None where nobody is.

    It ends with the browser's, and says when the person proved themselves there.
    """
    session_id = new_id(call.context.chance)
    begun = await sessions.add_within(
        tx,
        session_id,
        parent_id=browser_session,
        app_id=call.app.id,
        method="authorizationCode",
        scope=scope,
        expires_at=tx.now + _life(call, scope),
    )
    if not begun:
        return None
    return Begun(session_id, await _refresh_token(tx, call, session_id, scope), nonce)


def _life(call: Call, scope: str) -> int:
    """How long a session lives, in milliseconds: never less than its access tokens."""
    settings = call.app.settings
    seconds = settings.access_token_expires_in
    if OFFLINE in scope.split():
        seconds = max(seconds, settings.refresh_token_expires_in)
    return seconds * 1000


async def _refresh_token(tx: Transaction, call: Call, session_id: str, scope: str) -> str | None:
    if OFFLINE not in scope.split():
        return None
    return await refresh.begin(
        tx,
        call.context.chance,
        session_id=session_id,
        app_id=call.app.id,
        expires_at=tx.now + call.app.settings.refresh_token_expires_in * 1000,
    )


async def tokens_of(call: Call, begun: Begun) -> LoginTokens:
    """The tokens of a session. Signing takes its time, so it is done in no unit.

    Refuses: SessionEnded, where it ended meanwhile.
    """
    reader = call.context.database.reader()
    found = await sessions.find_with_profile(reader, begun.session_id)
    if found is None or not found[0].alive_at(reader.now):
        raise SessionEnded
    session, person = found
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
        id_token=_id_token(call, session, person, issued_at, access_token, begun.nonce),
        token_type="Bearer",
        expire_in=lifetime,
        expires_in=lifetime,
        scope=session.scope,
        refresh_token=begun.refresh_token or UNSET,
    )


def _id_token(
    call: Call,
    session: SignedIn,
    person: Profile,
    issued_at: int,
    access_token: str,
    nonce: str | None,
) -> str:
    context, settings = call.context, call.app.settings
    claims = claims_of(person, session.scope.split()) | {
        "iss": context.settings.issuer,
        "aud": session.app_id,
        "iat": issued_at,
        "auth_time": session.authenticated_at // 1000,
        "exp": issued_at + settings.id_token_expires_in,
        "sid": session.session_id,
        "at_hash": half_hash(access_token),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    algorithm = settings.id_token_signed_response_alg
    secret = app_secrets.opened(context.keys, call.app) if algorithm == "HS256" else ""
    return context.key_store.keyring.sign_id_token(claims, algorithm, secret)
