"""Ids and secrets in the shapes that the SDKs know: 24 and 32 lower-case hex digits, and UUIDs."""

from __future__ import annotations

import re
from collections.abc import Callable

Chance = Callable[[int], bytes]
"""Where random bytes come from: `system_chance` in service, known bytes in tests."""

_ID = re.compile(r"[0-9a-f]{24}")


def new_id(chance: Chance) -> str:
    """A new id: 96 random bits."""
    return chance(12).hex()


def new_uuid(chance: Chance) -> str:
    """A new UUID of version 4 (RFC 9562 section 5.4): 122 random bits."""
    digits = chance(16).hex()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def new_row_id(chance: Chance, now: int) -> str:
    """A new id of a row that is only ever added, at an instant in milliseconds.

    The instant comes first, then 48 random bits: the next row is beside the last, so that an
    index grows at its end instead of everywhere.
    """
    return f"{now:012x}{chance(6).hex()}"


def new_secret(chance: Chance) -> str:
    """A new secret for an app or an access key: 128 random bits."""
    return chance(16).hex()


def is_id(text: str) -> bool:
    """Whether a text has the shape of an id; says nothing of whether it exists."""
    return _ID.fullmatch(text) is not None
