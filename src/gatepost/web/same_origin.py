"""Whether a form was sent from a page of this server."""

from __future__ import annotations

from urllib.parse import urlsplit

from gatepost.api.http import Request
from gatepost.settings import Settings

_PORTS = {"http": 80, "https": 443}


def from_here(settings: Settings, request: Request) -> bool:
    """Whether a request came from a page of ours, as far as the browser says (RFC 6454)."""
    origin = request.headers.get("origin")
    return origin is None or _origin(origin) == _origin(settings.origin)


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port of a URL (RFC 6454 section 4); None for what has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
