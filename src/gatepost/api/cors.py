"""Which web pages may call: those whose origin the pool allows (Fetch standard, CORS protocol)."""

from __future__ import annotations

from gatepost.api.http import Reply, Request
from gatepost.storage import user_pools
from gatepost.storage.database import Reader

PREFLIGHT_SECONDS = "600"

_OPEN_TO_PAGES = ("/api/", "/oidc/", "/.well-known/")
_NEVER_CALLED = ("/oidc/auth", "/oidc/session/")
"""Where a browser itself goes (RFC 9700 section 2.6): no page may read what it is answered."""


async def headers_for(reader: Reader, request: Request) -> list[tuple[bytes, bytes]]:
    """What an answer says to the browser: nothing, unless the page may read it."""
    origin = request.headers.get("origin")
    path = request.path
    if origin is None or not path.startswith(_OPEN_TO_PAGES) or path.startswith(_NEVER_CALLED):
        return []
    if request.pool is not None:
        allowed = origin in request.pool.settings.allowedOrigins
    else:
        allowed = await user_pools.any_allows(reader, origin)
    if not allowed:
        return [(b"vary", b"origin")]
    return [
        (b"vary", b"origin"),
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", b"x-request-id, retry-after"),
    ]


def preflight(request: Request, methods: list[str]) -> Reply:
    """The answer to a preflight: what may be sent. Whether it may, `headers_for` says.

    A preflight names no app, so an origin that any pool allows may ask; the pool itself is
    held to when the call comes.
    """
    asked = request.headers.get("access-control-request-headers", "")
    headers = (
        ("allow", ", ".join(methods)),
        ("access-control-allow-methods", ", ".join(methods)),
        ("access-control-allow-headers", asked or "content-type"),
        ("access-control-max-age", PREFLIGHT_SECONDS),
    )
    return Reply(b"", 204, headers=headers)
