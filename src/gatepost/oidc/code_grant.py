"""The grant `authorization_code` (RFC 6749 section 4.1.3, RFC 7636 section 4.6)."""

from __future__ import annotations

import hashlib
import hmac

from gatepost.authentication import tokens
from gatepost.authentication.tokens import Begun
from gatepost.context import Call
from gatepost.credentials.secrets import digest_of, in_base64url
from gatepost.storage import authorization_codes, sessions, users
from gatepost.storage.authorization_codes import StoredCode
from gatepost.storage.database import Transaction
from gatepost.vocabulary.refusals import TokenInvalid


async def redeem(
    tx: Transaction, call: Call, code: str, redirect_uri: str, code_verifier: str | None
) -> Begun:
    """A session for a code of this app, which is used up, also where something is not right.

    A code that was used before has leaked: what it gave ends (RFC 6749 section 4.1.2, RFC 9700
    section 2.1.1), and stays ended though the call is refused.

    Refuses: TokenInvalid.
    """
    stored = await authorization_codes.lock(tx, digest_of(code))
    if stored is None or stored.app_id != call.app.id:
        raise TokenInvalid
    if stored.used_at is not None:
        await _take_back(tx, call, stored)
        raise TokenInvalid
    await users.lock(tx, stored.user_id)  # whoever ends sessions of theirs waits, or was first
    begun = None
    if stored.expires_at > tx.now and _is_shown_right(stored, redirect_uri, code_verifier):
        begun = await tokens.begin_within(
            tx, call, stored.session_id, scope=stored.scope, nonce=stored.nonce
        )
    await authorization_codes.use(tx, stored.digest, begun.session_id if begun else None)
    if begun is None:
        tx.keep()
        raise TokenInvalid
    await call.record(tx, "authorize", stored.user_id, session_id=begun.session_id)
    return begun


async def _take_back(tx: Transaction, call: Call, stored: StoredCode) -> None:
    if stored.begun_id is not None:
        await sessions.end(tx, stored.begun_id)
        call.known.aimed_at = stored.user_id
        await call.record(
            tx, "logout", stored.user_id, session_id=stored.begun_id, detail="used code"
        )
        tx.keep()


def _is_shown_right(stored: StoredCode, redirect_uri: str, verifier: str | None) -> bool:
    """Whether a code comes back as it was asked for.

    A verifier for a code that was asked for without a challenge is as wrong as a missing one:
    somebody took the challenge out on the way (RFC 9700 section 4.8.2).
    """
    if redirect_uri != stored.redirect_uri:
        return False
    if stored.code_challenge is None or verifier is None:
        return stored.code_challenge is None and verifier is None
    shown = in_base64url(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(shown, stored.code_challenge)
