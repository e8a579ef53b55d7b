"""Ids and secrets in the shapes that the SDKs know: 24 and 32 lower-case hex digits."""

from __future__ import annotations

import re
from collections.abc import Callable

Chance = Callable[[int], bytes]
"""Where random bytes come from: `secrets.token_bytes` in service, known bytes in tests."""

_ID = re.compile(r"[0-9a-f]{24}")


def new_id(chance: Chance) -> str:
    """A new id: 96 random bits."""
    return chance(12).hex()


def new_secret(chance: Chance) -> str:
    """A new secret for an app or an access key: 128 random bits."""
    return chance(16).hex()


def is_id(text: str) -> bool:
    """Whether a text has the shape of an id; says nothing of whether it exists."""
    return _ID.fullmatch(text) is not None
