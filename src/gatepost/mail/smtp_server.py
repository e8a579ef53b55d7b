"""Which SMTP server to use, and how, as one URL says it."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

StartTls = Literal["offered", "require", "never"]

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")
_SHAPE = "must look like smtp://user:password@host:port or smtps://…"
_RELAY, _SUBMISSION, _TLS_SUBMISSION = 25, 587, 465


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A server to hand mails to.

    `start_tls` means nothing with `tls` (TLS from the first byte, RFC 8314). Whenever
    TLS is spoken, the certificate is checked.
    """

    host: str
    port: int
    tls: bool = False
    start_tls: StartTls = "offered"
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """Read `smtp://[user:password@]host[:port][?starttls=require|never]` or `smtps://…`.

        Ports, where none is given: 465 for smtps, 587 for smtp with a user (RFC 6409),
        else 25. Without `starttls`, it is used where the server offers it. A password
        is never sent in clear, except to this very machine: with one, STARTTLS is
        required and `never` refused. Raises ValueError with one line that quotes no
        part of the URL, since any part may hold a piece of the password.
        """
        parts = _split(url)
        if parts.scheme not in ("smtp", "smtps") or not _is_bare(parts):
            raise ValueError(_SHAPE)
        host, tls = _host(parts), parts.scheme == "smtps"
        user, password = _credentials(parts)
        return cls(
            host,
            _port(parts) or _usual_port(tls, bool(user)),
            tls,
            "offered" if tls else _start_tls(parts.query, bool(user), host),
            user,
            password,
        )

    @property
    def address(self) -> str:
        """Scheme, host and port: fit for a log."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'smtps' if self.tls else 'smtp'}://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether the name can only mean this machine (RFC 6761, section 6.3)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(url: str) -> SplitResult:
    # urlsplit drops tabs and line ends without a word, and its errors quote the URL.
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError("must not hold spaces or control characters; write them as %20 and so on")
    try:
        return urlsplit(url)
    except ValueError:
        pass
    raise ValueError(_SHAPE)


def _is_bare(parts: SplitResult) -> bool:
    # An unescaped '/', '?' or '#' in a password ends up in one of these.
    known_query = parts.query in ("", "starttls=require", "starttls=never")
    return parts.path in ("", "/") and not parts.fragment and known_query


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise ValueError("needs a host name or address; escape '@', '/', '?', '#' in a password")
    return host


def _port(parts: SplitResult) -> int | None:
    try:
        if parts.port != 0:
            return parts.port
    except ValueError:
        pass
    raise ValueError("needs a port from 1 to 65535; escape '@', '/', '?', '#' in a password")


def _usual_port(tls: bool, with_user: bool) -> int:
    if tls:
        return _TLS_SUBMISSION
    return _SUBMISSION if with_user else _RELAY


def _credentials(parts: SplitResult) -> tuple[str, str]:
    if parts.username is None and parts.password is None:
        return "", ""
    user, password = _unquoted(parts.username), _unquoted(parts.password)
    if not (user and password):
        raise ValueError("needs both a user and a password, or neither")
    return user, password


def _unquoted(text: str | None) -> str:
    words = unquote(text or "", errors="replace")
    if re.search(r"[\x00-\x1f\x7f\ufffd]", words):
        raise ValueError("has a control character or broken %-escape in user or password")
    return words


def _start_tls(query: str, with_password: bool, host: str) -> StartTls:
    if query == "starttls=require":
        return "require"
    in_clear = with_password and not is_loopback(host)
    if query != "starttls=never":
        return "require" if in_clear else "offered"
    if in_clear:
        raise ValueError("would send a password in clear: leave out starttls=never")
    return "never"
