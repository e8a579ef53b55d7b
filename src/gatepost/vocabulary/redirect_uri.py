"""Where an app may have a browser sent back to (RFC 6749 section 3.1.2, RFC 9700 section 2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

LONGEST = 2048

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]+")
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::([0-9]{1,5}))?((?:[/?].*)?)")
_THIS_DEVICE = ("127.0.0.1", "::1", "localhost")


def registrable(uri: str) -> bool:
    """Whether an app may have this address: absolute, without a fragment, and nobody else's.

    `https` with a host; `http` on the device itself only; else a scheme of the app's own, by a
    name turned round such as `com.example.app` (RFC 8252 section 7.1). So nothing that a browser
    would run (`javascript:`), and no user name that makes a host look like another.
    """
    if len(uri) > LONGEST or not _URI.fullmatch(uri):
        return False
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if "@" in parts.netloc:
        return False
    if parts.scheme == "https":
        return bool(host)
    return host in _THIS_DEVICE if parts.scheme == "http" else "." in parts.scheme


def is_registered(shown: str, registered: Iterable[str], *, native: bool) -> bool:
    """Whether an address is one of an app's: the same text, octet by octet.

    Only for an app that runs on people's own devices the port of a loopback address may be any
    (RFC 8252 section 7.3): it opens one as it starts. `localhost` is no such address, as it may
    be resolved elsewhere (section 8.3).
    """
    known = tuple(registered)
    if shown in known:
        return True
    wanted = _without_port(shown) if native else None
    return wanted is not None and any(_without_port(uri) == wanted for uri in known)


def on_device(uri: str) -> bool:
    """Whether an address leads to a program on the person's device, which could be any."""
    parts = urlsplit(uri)
    return parts.scheme != "https" and (parts.scheme != "http" or parts.hostname in _THIS_DEVICE)


def _without_port(uri: str) -> tuple[str, str] | None:
    match = _LOOPBACK.fullmatch(uri)
    if match is None or (match[2] and not 0 < int(match[2]) < 65_536):
        return None
    return match[1], match[3]
