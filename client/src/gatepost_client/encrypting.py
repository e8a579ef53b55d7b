"""Passwords encrypted on their way (`passwordEncryptType` of the V3 API), beneath TLS."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable
from typing import Generic, TypeVar

from gatepost_client.data import SystemInfo
from gatepost_client.errors import UnexpectedAnswer
from gatepost_client.payloads import Encryption

K = TypeVar("K")

KEYS_SECONDS = 300
"""How long the server's public keys are believed to stay the same."""


class Keys(Generic[K]):
    """The server's public keys, as long as they are fresh; clients of one server share them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: tuple[float, K] | None = None

    def known(self) -> K | None:
        """The keys, if they were asked for a short while ago."""
        found = self._found
        return found[1] if found and self._clock() < found[0] else None

    def learned(self, keys: K) -> K:
        """Keep what the server just said."""
        self._found = (self._clock() + KEYS_SECONDS, keys)
        return keys


def encrypted(password: str, encryption: Encryption, keys: SystemInfo) -> str:
    """A password as only the server can read it.

    ImportError where the package's extra of that name is not installed.
    """
    key = keys.rsa if encryption == "rsa" else keys.sm2
    if key is None or key.public_key is None:
        raise UnexpectedAnswer(f"the server has no {encryption} key for passwords")
    try:
        octets = password.encode()
    except UnicodeEncodeError:
        raise ValueError("the password is no valid text") from None  # that error would show it
    return (_rsa if encryption == "rsa" else _sm2)(octets, key.public_key)


def _rsa(password: bytes, pem: str) -> str:
    """RSAES-PKCS1-v1_5 (RFC 8017, 7.2) in base64, which is what the API asks for."""
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key = load_pem_public_key(pem.encode())
    if not isinstance(key, rsa.RSAPublicKey):
        raise UnexpectedAnswer("the server's rsa key is none")
    return b64encode(key.encrypt(password, padding.PKCS1v15())).decode()


def _sm2(password: bytes, point: str) -> str:
    """SM2 (GB/T 32918.4) in the order C1 C3 C2, as hex without the leading 04."""
    import gmalg  # type: ignore[import-untyped]

    cipher_text: bytes = gmalg.SM2(pk=bytes.fromhex(point)).encrypt(password)
    return cipher_text.hex().removeprefix("04")
