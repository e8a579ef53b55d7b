"""What only this machine may see."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from gatepost.api.http import Request
from gatepost.settings import Settings
from gatepost.vocabulary.refusals import PathUnknown

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?")
_PROXY_HEADERS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")


def only_on_loopback(settings: Settings, request: Request) -> None:
    """Let a request pass only if nothing about it points beyond this machine.

    Bind address, peer, Host header and public URL must all be loopback, and no proxy may have
    had a hand in it: a reverse proxy or a rebound DNS name would show everyone's codes to
    anyone. Refuses: PathUnknown, as if there were nothing here.
    """
    hosts = (
        settings.host,
        request.peer,
        _named_host(request),
        urlsplit(settings.origin).hostname or "",
    )
    proxied = any(
        name in _PROXY_HEADERS or name.startswith("x-forwarded-") for name in request.headers
    )
    if proxied or not all(_is_loopback(host) for host in hosts):
        raise PathUnknown


def _named_host(request: Request) -> str:
    """The Host header without its port; empty where it is not plainly one (RFC 9110, 7.2)."""
    match = _HOST.fullmatch(request.headers.get("host", ""))
    return match[1].strip("[]") if match else ""


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
