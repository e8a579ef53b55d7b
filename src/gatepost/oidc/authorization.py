"""`/oidc/auth` (RFC 6749 section 4.1, OpenID Connect Core 1.0 section 3.1.2): what comes next."""

from __future__ import annotations

from enum import Enum

from gatepost.context import Context
from gatepost.credentials import app_secrets, id_token_hint
from gatepost.credentials.secrets import digest_of, new_secret_token
from gatepost.oidc.authorization_request import AuthorizationRequest, Declined, Prompt
from gatepost.storage import authorization_codes, consents, sessions
from gatepost.storage.authorization_codes import StoredCode
from gatepost.storage.database import Transaction
from gatepost.vocabulary.redirect_uri import on_device
from gatepost.vocabulary.session import SignedIn

CODE_SECONDS = 60
LONGEST_SIGN_IN = 30 * 60_000
"""Milliseconds in which a sign-in that was asked for counts as the answer to its asking."""


class Step(Enum):
    """What a request needs next."""

    SIGN_IN = "sign in"
    CONSENT = "consent"
    ANSWER = "answer"


async def next_step(
    context: Context,
    request: AuthorizationRequest,
    session: SignedIn | None,
    asked_at: int | None,
) -> Step:
    """What a request needs, of a browser in which somebody may be signed in.

    `asked_at` is when the request first sent the person to sign in: whoever signed in since did
    so for it. Whoever has the browser could as well leave `prompt` out; an app that must know
    reads `auth_time`.

    Raises Declined where the app wants no more to be shown than can be.
    """
    if session is None or not _will_do(context, request, session, asked_at):
        if request.silent:
            raise Declined("login_required", "The person has to sign in.")
        return Step.SIGN_IN
    if await _must_ask(context, request, session):
        if request.silent:
            raise Declined("consent_required", "The person has to agree.")
        return Step.CONSENT
    return Step.ANSWER


def _will_do(
    context: Context, request: AuthorizationRequest, session: SignedIn, asked_at: int | None
) -> bool:
    """Whether the right person is signed in, and since when the app wants."""
    if session.user_pool_id != request.app.user_pool_id or not _is_meant(context, request, session):
        return False
    now = context.clock()
    if asked_at is not None and now - LONGEST_SIGN_IN <= asked_at <= session.authenticated_at:
        return True
    if request.prompts & {Prompt.LOGIN, Prompt.SELECT_ACCOUNT}:
        return False
    return request.max_age is None or now - session.authenticated_at <= request.max_age * 1000


def _is_meant(context: Context, request: AuthorizationRequest, session: SignedIn) -> bool:
    """Whether the person is the one that the app hints at, if it does."""
    if request.id_token_hint is None:
        return True
    hint = id_token_hint.read(
        context.key_store.keyring,
        request.id_token_hint,
        request.app.id,
        lambda: app_secrets.opened(context.keys, request.app),
    )
    if hint is None:
        raise Declined("invalid_request", "The id_token_hint is none of this app.")
    return hint.sub == session.user_id


async def _must_ask(context: Context, request: AuthorizationRequest, session: SignedIn) -> bool:
    """Whether the person has to agree: as the app is set, and as they agreed before."""
    app = request.app
    if may_be_any_program(request):
        return True
    if app.settings.skip_consent:
        return False
    if Prompt.CONSENT in request.prompts:
        return True
    given = await consents.given(context.database.reader(), session.user_id, app.id)
    return not given.issuperset(request.scope.split())


def may_be_any_program(request: AuthorizationRequest) -> bool:
    """Whether the app has no secret and is answered on the person's own device.

    Then it could be any program that calls itself so, and the person is asked every time
    (RFC 8252 section 8.6).
    """
    return request.app.is_public and on_device(request.addressee.redirect_uri)


async def grant(
    tx: Transaction,
    context: Context,
    request: AuthorizationRequest,
    session_id: str,
    agreed: bool = False,
) -> str | None:
    """A code for the app; None where the browser's session has ended meanwhile.

    The code is bound to app, address, PKCE challenge and the session (RFC 9700 section 2.1.1).
    """
    session = await sessions.find(tx, session_id)
    if session is None or not session.alive_at(tx.now):
        return None
    if agreed:
        scopes = frozenset(request.scope.split())
        await consents.add(tx, session.user_id, request.app.id, scopes)
    code = new_secret_token(context.chance)
    await authorization_codes.add(
        tx,
        StoredCode(
            digest=digest_of(code),
            app_id=request.app.id,
            user_id=session.user_id,
            session_id=session.session_id,
            redirect_uri=request.addressee.redirect_uri,
            scope=request.scope,
            nonce=request.nonce,
            code_challenge=request.code_challenge,
            expires_at=tx.now + CODE_SECONDS * 1000,
        ),
    )
    return code
