"""Client addresses, in one form, and what limits count them by."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from socket import AF_INET, inet_pton

IPV6_PREFIX = 64
"""One household or host gets at least a /64 (RFC 6177), so that is what one client is."""


LONGEST = 64
"""Characters, with white space around it: nothing longer is kept, or strangers fill the memory."""


def client_address(text: str | None) -> str | None:
    """An address in its one form (RFC 5952); None where a text is none.

    IPv4 in IPv6 (RFC 4291 section 2.5.5.2) is the IPv4 address that it means. A port, a zone or
    anything else beside the address makes the text malformed.
    """
    if not text or len(text) > LONGEST:
        return None
    text = text.strip()
    return text if octets_of_ipv4(text) else _ipv6(text)


def octets_of_ipv4(text: str) -> bytes | None:
    """The four octets of an IPv4 address in its one form; None for all else."""
    try:
        return inet_pton(AF_INET, text)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=8192)
def _ipv6(text: str) -> str | None:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return None if address.scope_id is not None else str(address)


@lru_cache(maxsize=8192)
def client_network(address: str) -> str:
    """What limits count a client address by: itself, or the /64 that an IPv6 address is in."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False))
