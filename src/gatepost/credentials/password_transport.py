"""Passwords that a client encrypted before it sent them, by RSA or by SM2.

TLS protects the password; this layer exists because clients of the API may ask for it. What
is malformed in public is refused. What merely does not decrypt must look like a wrong
password in every way: anything else would tell an attacker about the padding.
"""

from __future__ import annotations

from base64 import b64decode
from enum import StrEnum
from functools import lru_cache

import gmalg  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from gatepost.credentials.passwords import MAX_OCTETS
from gatepost.credentials.rsa_keys import own_private_key
from gatepost.vocabulary.identifiers import Chance
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest

RSA_BITS = 2048
_DROPPED_ZEROS = 8

_POINT, _HASH, _SCALAR = 64, 32, 32
_UNCOMPRESSED = b"\x04"
_P = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
_A = _P - 3
_B = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
_N = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_7203DF6B_21C6052B_53BBF409_39D54123
"""The SM2 curve y² = x³ + Ax + B over the field of P elements, of order N (GB/T 32918.5)."""


class PasswordEncryption(StrEnum):
    """How a password was encrypted: `passwordEncryptType` of the V3 API."""

    NONE = "none"
    RSA = "rsa"
    SM2 = "sm2"


class PasswordTransport:
    """The server's two transport keys, and the way back to the password.

    Heavy: up to 1 ms for RSA and 20 ms for SM2, so it belongs on a thread.
    """

    def __init__(self, rsa_private_pem: str, sm2_private_hex: str, chance: Chance) -> None:
        self._rsa = own_private_key(rsa_private_pem)
        self._sm2 = int(sm2_private_hex, 16)
        self._chance = chance
        self._sm2_public = _sm2_public(self._sm2)

    @property
    def rsa_public_key(self) -> str:
        """PEM of the SubjectPublicKeyInfo."""
        public = self._rsa.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def sm2_public_key(self) -> str:
        """Hex of the uncompressed point, with its leading 04."""
        return self._sm2_public.hex()

    def opened(self, encryption: PasswordEncryption, text: str, field: str) -> str | None:
        """The password, or None for one that does not decrypt: check that as a wrong one.

        Refuses InvalidRequest when the text has not the shape of such a cipher text.
        """
        match encryption:
            case PasswordEncryption.NONE:
                return text
            case PasswordEncryption.RSA:
                return self._opened_rsa(self._rsa_octets(text, field))
            case PasswordEncryption.SM2:
                return self._opened_sm2(_sm2_octets(text, field))

    def _rsa_octets(self, text: str, field: str) -> bytes:
        size = self._rsa.key_size // 8
        try:
            octets = b64decode(text.strip(), validate=True)
        except ValueError:
            raise InvalidRequest(field, Problem.NOT_BASE64) from None
        # Older releases of JSEncrypt drop leading zero octets.
        if not size - _DROPPED_ZEROS <= len(octets) <= size:
            raise InvalidRequest(field, Problem.MALFORMED)
        return octets.rjust(size, b"\0")

    def _opened_rsa(self, octets: bytes) -> str | None:
        """RSAES-PKCS1-v1_5 (RFC 8017, 7.2).

        OpenSSL since 3.2 answers bad padding with a made-up text instead of an error.
        """
        try:
            return self._rsa.decrypt(octets, PKCS1v15()).decode()
        except ValueError:
            return None

    def _opened_sm2(self, octets: bytes) -> str | None:
        """SM2 encryption (GB/T 32918.4) in the order C1 C3 C2; checks the point and the hash."""
        cipher_text = _with_point(octets)
        if cipher_text is None:
            return None
        # A multiple of the group's order hides the scalar from whoever times the arithmetic.
        blinded = self._sm2 + int.from_bytes(self._chance(8)) * _N
        key = gmalg.SM2(blinded.to_bytes(_SCALAR + 8), pk=self._sm2_public)
        try:
            plain: bytes = key.decrypt(cipher_text)
            return plain.decode()
        except (gmalg.errors.GMError, UnicodeDecodeError):
            return None


def new_rsa_key() -> str:
    """A new private key for passwords in transit, as PEM (PKCS #8)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def new_sm2_key(chance: Chance) -> str:
    """A new private scalar from 1 to N - 2 as 64 hex digits (as FIPS 186-5, A.2.1 draws it)."""
    scalar = int.from_bytes(chance(_SCALAR + 8)) % (_N - 2) + 1
    return scalar.to_bytes(_SCALAR).hex()


@lru_cache(maxsize=4)
def _sm2_public(private: int) -> bytes:
    """The public point of a scalar; takes 20 ms, and the keys are taken up again and again."""
    point: bytes = gmalg.SM2().generate_pk(private.to_bytes(_SCALAR))
    return point


def _sm2_octets(text: str, field: str) -> bytes:
    try:
        octets = bytes.fromhex(text.strip().removeprefix("sm2:"))
    except ValueError:
        raise InvalidRequest(field, Problem.NOT_HEX) from None
    if len(octets) <= _POINT + _HASH:
        raise InvalidRequest(field, Problem.MALFORMED)
    if len(octets) > len(_UNCOMPRESSED) + _POINT + _HASH + MAX_OCTETS:
        raise InvalidRequest(field, Problem.TOO_LONG)
    return octets


def _with_point(octets: bytes) -> bytes | None:
    """The cipher text with its leading 04; None if it begins with no point of the curve.

    sm-crypto leaves the 04 out, others do not, and a coordinate may begin with 04 as well:
    the curve decides. A point off the curve would give the key away bit by bit.
    """
    for candidate in (_UNCOMPRESSED + octets, octets):
        point = candidate[1 : 1 + _POINT]
        if candidate.startswith(_UNCOMPRESSED) and _on_curve(point):
            return candidate
    return None


def _on_curve(point: bytes) -> bool:
    x, y = int.from_bytes(point[:_SCALAR]), int.from_bytes(point[_SCALAR:])
    return x < _P and y < _P and (y * y - (x * x * x + _A * x + _B)) % _P == 0
