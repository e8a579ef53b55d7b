"""A session's beginning, and the tokens that carry it."""

from __future__ import annotations

from msgspec import Struct, field

from gatepost.context import Call
from gatepost.credentials.claims import claims_of, granted
from gatepost.credentials.tokens import AccessClaims, new_token_id
from gatepost.storage import audit_log, sessions, users
from gatepost.storage.applications import SECRET_SEAL
from gatepost.storage.audit_log import AuditEvent
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Answer
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.refusals import SessionEnded
from gatepost.vocabulary.session import SignedIn
from gatepost.vocabulary.user import User


class SignIn(Struct, frozen=True):
    """What is wished for at a sign-in, and the device's address if it is known."""

    scope: str | None
    client: str | None


class LoginTokens(Answer):
    """Tokens of a session. Clients read the lifetime, in seconds, under either of two names."""

    access_token: str = field(name="access_token")
    id_token: str = field(name="id_token")
    token_type: str = field(name="token_type")
    expire_in: int = field(name="expire_in")
    expires_in: int = field(name="expires_in")
    scope: str


async def begin_session(tx: Transaction, call: Call, user: User, method: str, wish: SignIn) -> str:
    """Begin a session for a user who has proved themselves; returns its id."""
    session_id = new_id(call.context.chance)
    await sessions.add(
        tx,
        session_id,
        user_pool_id=call.pool.id,
        app_id=call.app.id,
        user_id=user.id,
        method=method,
        scope=granted(wish.scope),
        expires_at=tx.now + call.app.settings.access_token_expires_in * 1000,
        client_address=wish.client,
        user_agent=call.caller.user_agent,
    )
    await users.note_sign_in(tx, user.id, call.app.id, wish.client)
    event = AuditEvent(
        id=new_id(call.context.chance),
        event="login",
        succeeded=True,
        user_pool_id=call.pool.id,
        app_id=call.app.id,
        user_id=user.id,
        session_id=session_id,
        request_id=call.request_id,
        client_address=wish.client,
        user_agent=call.caller.user_agent,
        detail=method,
    )
    await audit_log.record(tx, event)
    return session_id


async def tokens_of(call: Call, session_id: str) -> LoginTokens:
    """The tokens of a session just begun. Signing takes its time, so it is done in no unit."""
    reader = call.context.database.reader()
    session = await sessions.find(reader, session_id)
    if session is None:
        raise SessionEnded
    lifetime = call.app.settings.access_token_expires_in
    access_token = call.context.key_store.keyring.sign_access_token(
        AccessClaims(
            jti=new_token_id(call.context.chance),
            sub=session.user_id,
            iat=session.authenticated_at // 1000,
            exp=session.expires_at // 1000,
            scope=session.scope,
            iss=call.context.settings.issuer,
            aud=session.app_id,
            sid=session.session_id,
        )
    )
    return LoginTokens(
        access_token=access_token,
        id_token=await _id_token(call, session),
        token_type="Bearer",
        expire_in=lifetime,
        expires_in=lifetime,
        scope=session.scope,
    )


async def _id_token(call: Call, session: SignedIn) -> str:
    context, settings = call.context, call.app.settings
    person = await users.profile(context.database.reader(), session.user_id)
    if person is None:
        raise SessionEnded
    issued_at = session.authenticated_at // 1000
    claims = claims_of(person, session.scope.split()) | {
        "iss": context.settings.issuer,
        "aud": session.app_id,
        "iat": issued_at,
        "auth_time": issued_at,
        "exp": issued_at + settings.id_token_expires_in,
        "sid": session.session_id,
    }
    algorithm = settings.id_token_signed_response_alg
    secret = ""
    if algorithm == "HS256":
        secret = context.keys.open(SECRET_SEAL, call.app.secret_sealed).decode()
    return context.key_store.keyring.sign_id_token(claims, algorithm, secret)
