"""The public halves of the keys that tokens are signed with (RFC 7517)."""

from __future__ import annotations

from typing import Any

from gatepost.context import Context


async def jwks(context: Context) -> dict[str, Any]:
    """The JWK set: RSA keys only, each with its id, the signing key first."""
    return dict(context.key_store.keyring.jwks())
