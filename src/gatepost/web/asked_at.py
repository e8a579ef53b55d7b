"""When an app's request first sent the person to sign in, noted in the request itself.

It is sealed, together with the request that it is of: an address made elsewhere cannot say that
the sign-in of an hour ago was the answer to it. It is not tied to the browser's cookie, which
a sign-in changes.
"""

from __future__ import annotations

import hashlib
from urllib.parse import urlencode

import msgspec

from gatepost.context import Context
from gatepost.credentials.secrets import in_base64url
from gatepost.oidc.authorization_request import Parameters
from gatepost.server_keys import SealBroken, UnknownServerKey

ASKED_AT = "asked_at"
"""The parameter of our own that holds it."""

_SEAL = "asked at"


def without(parameters: Parameters) -> tuple[Parameters, str]:
    """The parameters of the app, and what stands in ours; empty where it is not there."""
    noted = [value for name, value in parameters if name == ASKED_AT]
    return [pair for pair in parameters if pair[0] != ASKED_AT], noted[-1] if noted else ""


def note_of(context: Context, parameters: Parameters) -> str:
    """A note that a request sends the person to sign in now."""
    noted = (context.clock(), _digest(parameters))
    return context.keys.seal(_SEAL, msgspec.json.encode(noted))


def instant_in(context: Context, parameters: Parameters, note: str) -> int | None:
    """The instant in a note (ms); None where it is none of ours, or of another request."""
    try:
        opened = context.keys.open(_SEAL, note)
        instant, digest = msgspec.json.decode(opened, type=tuple[int, str])
    except (SealBroken, UnknownServerKey, msgspec.MsgspecError):
        return None
    return instant if digest == _digest(parameters) else None


def _digest(parameters: Parameters) -> str:
    return in_base64url(hashlib.sha256(urlencode(parameters).encode()).digest())
