"""What a token says, believed for its signature (RFC 7515, RS256) without asking anybody."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from typing import Any

from gatepost_client.data import TokenClaims
from gatepost_client.errors import TokenNotBelieved, UnexpectedAnswer
from gatepost_client.records import record

_read_claims = record(TokenClaims)


def key_id(token: str) -> str:
    """Which key a token says to be signed with. TokenNotBelieved for what is no such token."""
    header = _object(token.split(".")[0])
    if header.get("alg") != "RS256" or not isinstance(header.get("kid"), str):
        raise TokenNotBelieved("it is no token that is signed with RS256")
    return str(header["kid"])


def key_of(keys: Mapping[str, Any], kid: str) -> Mapping[str, Any] | None:
    """The key of that name in a JWK set (RFC 7517), if it is there."""
    listed = keys.get("keys")
    there = [key for key in listed if isinstance(key, Mapping)] if isinstance(listed, list) else []
    return next((key for key in there if key.get("kid") == kid), None)


def believed(
    token: str,
    key: Mapping[str, Any] | None,
    app_id: str,
    clock: Callable[[], float] = time.time,
) -> TokenClaims:
    """The claims of a token that this key signed, for this app, and whose time is not over.

    TokenNotBelieved for every other. ImportError where the extra `rsa` is not installed.
    """
    if key is None or not _signed(token, key):
        raise TokenNotBelieved("no key of the server has signed it")
    said = _object(token.split(".")[1])
    meant_for = said.get("aud")
    if app_id not in (meant_for if isinstance(meant_for, list) else [meant_for]):
        raise TokenNotBelieved("it is for another app")
    try:
        claims = _read_claims(said)
    except UnexpectedAnswer as error:
        raise TokenNotBelieved("it lacks its subject or its end") from error
    if claims.exp <= clock():
        raise TokenNotBelieved("its time is over")
    return claims


def _signed(token: str, key: Mapping[str, Any]) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        content, _, signature = token.rpartition(".")
        exponent, modulus = (int.from_bytes(_octets(str(key[name])), "big") for name in "en")
        public = RSAPublicNumbers(exponent, modulus).public_key()
        public.verify(_octets(signature), content.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


def _object(part: str) -> Mapping[str, Any]:
    try:
        found = json.loads(_octets(part))
    except (ValueError, RecursionError):  # strangers write what is read here
        found = None
    if not isinstance(found, Mapping):
        raise TokenNotBelieved("it is no token that is signed with RS256")
    return found


def _octets(part: str) -> bytes:
    """Base64url without its padding (RFC 7515 section 2). ValueError for anything else."""
    return urlsafe_b64decode(part.encode("ascii") + b"=" * (-len(part) % 4))
