"""Client addresses, in one form, and what limits count them by."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

IPV6_PREFIX = 64
"""One household or host gets at least a /64 (RFC 6177), so that is what one client is."""


LONGEST = 64
"""Characters, with white space around it: nothing longer is kept, or strangers fill the memory."""


def client_address(text: str | None) -> str | None:
    """An address in its one form (RFC 5952); None where a text is none.

    IPv4 in IPv6 (RFC 4291 section 2.5.5.2) is the IPv4 address that it means. A port, a zone or
    anything else beside the address makes the text malformed.
    """
    return _parsed(text) if text and len(text) <= LONGEST else None


@lru_cache(maxsize=8192)
def _parsed(text: str) -> str | None:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return None if address.scope_id is not None else str(address)


@lru_cache(maxsize=8192)
def client_network(address: str) -> str:
    """What limits count a client address by: itself, or the /64 that an IPv6 address is in."""
    if ":" not in address:
        return address
    return str(ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False))
