"""Secrets that are handed out once and rest as digests."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode

from gatepost.vocabulary.identifiers import Chance


def new_secret_token(chance: Chance) -> str:
    """256 random bits in base64url."""
    return in_base64url(chance(32))


def in_base64url(octets: bytes) -> str:
    """Octets as they can stand in a URL."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """How such a token rests: it is random, so one hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
