"""An id_token that an app shows again, to say whom it means (OpenID Connect Core 3.1.2.1).

It may have expired: it proves nothing, it only names a session that its app once was given.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from msgspec import UNSET, Struct, UnsetType

from gatepost.credentials.tokens import MAX_TOKEN_LENGTH, Keyring


class Hint(Struct, frozen=True):
    """What a hint says; access tokens, which have `scope`, are none."""

    iss: str
    sub: str
    aud: str
    sid: str
    scope: str | UnsetType = UNSET


_decode = msgspec.json.Decoder(Hint).decode


def app_of(raw: str) -> str:
    """The app that a token says it is for, before anything of it was checked; may be empty."""
    try:
        return _decode(jws.extract_compact(raw.encode()).payload).aud
    except (JoseError, msgspec.MsgspecError, ValueError):
        return ""


def read(keyring: Keyring, raw: str, app_id: str, app_secret: Callable[[], str]) -> Hint | None:
    """What an id_token of ours for an app says, signed by our key or, HS256, by the app's."""
    if len(raw) > MAX_TOKEN_LENGTH:
        return None
    payload = keyring.signed_by_us(raw)
    try:
        hint = _decode(payload if payload is not None else _keyed(raw, app_secret()))
    except (JoseError, msgspec.MsgspecError, ValueError):
        return None
    named = (hint.iss, hint.aud) == (keyring.issuer, app_id)
    return hint if named and hint.scope is UNSET else None


def _keyed(raw: str, secret: str) -> bytes:
    return bytes(jws.deserialize_compact(raw, OctKey.import_key(secret), ["HS256"]).payload)
