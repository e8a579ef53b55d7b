"""The cookies of the pages (RFC 6265, and the name prefixes of its successor's draft).

On https their names begin with `__Host-`: no other host, no path and no plain connection can set
or read them. Browsers refuse that name without `Secure`, and some refuse `Secure` on plain http,
so where the public URL is plain http (development on loopback) the names have neither; there
they carry the port, because cookies are shared by all ports of a host (RFC 6265 section 8.5).
"""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlsplit

from gatepost.api.http import Request
from gatepost.settings import Settings

YEAR = 365 * 86_400


class Cookie(StrEnum):
    """What a cookie is for."""

    BROWSER = "gatepost"
    """A random secret: what forms are tied to, and the session behind it once one began."""
    STEP = "gatepost-step"
    """What the next page goes on with, sealed."""
    LANGUAGE = "gatepost-language"
    """The language that was chosen before anybody signed in."""


def name_of(settings: Settings, cookie: Cookie) -> str:
    """The name of a cookie as the browser knows it."""
    parts = urlsplit(settings.origin)
    return f"__Host-{cookie}" if parts.scheme == "https" else f"{cookie}-{parts.port or 80}"


def read(settings: Settings, request: Request, cookie: Cookie) -> str | None:
    """The value of a cookie; None where it is absent or empty."""
    wanted = name_of(settings, cookie)
    for pair in request.headers.get("cookie", "").split(";"):
        name, _, value = pair.strip().partition("=")
        if name == wanted:
            return value or None
    return None


def keep(settings: Settings, cookie: Cookie, value: str, seconds: int) -> tuple[str, str]:
    """The header that has a browser keep a value for so long; 0 seconds take it away."""
    secure = "; Secure" if settings.origin.startswith("https:") else ""
    name = name_of(settings, cookie)
    rules = f"Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"
    return "set-cookie", f"{name}={value}; {rules}"


def drop(settings: Settings, cookie: Cookie) -> tuple[str, str]:
    """The header that takes a cookie away."""
    return keep(settings, cookie, "", 0)
