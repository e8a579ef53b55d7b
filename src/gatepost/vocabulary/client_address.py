"""Client addresses, in the one form that limits are counted by."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

IPV6_PREFIX = 64
"""One household or host gets at least a /64 (RFC 6177), so that is what one client is."""


@lru_cache(maxsize=8192)
def client_address(text: str | None) -> str | None:
    """An IPv4 address, or the /64 of an IPv6 address; None where a text is neither.

    IPv4 in IPv6 (RFC 4291 section 2.5.5.2) counts as the IPv4 address that it is. A port, a
    zone or anything else beside the address makes the text malformed.
    """
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    if address.scope_id is not None:
        return None
    network = ipaddress.IPv6Network((address, IPV6_PREFIX), strict=False)
    return str(network)
