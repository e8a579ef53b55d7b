"""Whether a form was sent from a page of this server."""

from __future__ import annotations

from urllib.parse import urlsplit

from gatepost.api.http import Request
from gatepost.settings import Settings

SAME = "same-origin"
_PORTS = {"http": 80, "https": 443}


def from_here(settings: Settings, request: Request) -> bool:
    """Whether a request came from a page of ours, as far as the browser says (RFC 6454).

    Our pages send no referrer, and so their forms hide the origin too (Fetch standard, "append
    a request `Origin` header"). Browsers then name the relation of the sites (Fetch Metadata);
    of one too old for that, and on plain http, the form's token has to be proof enough.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return True
    if origin == "null":
        return request.headers.get("sec-fetch-site", SAME) == SAME
    return _origin(origin) == _origin(settings.origin)


def surely_from_here(settings: Settings, request: Request) -> bool:
    """Whether the browser says in so many words that a request came from a page of ours."""
    named = request.headers.get("origin", "null")
    return request.headers.get("sec-fetch-site") == SAME or (
        named != "null" and from_here(settings, request)
    )


def _origin(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port of a URL (RFC 6454 section 4); None for what has none."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None
