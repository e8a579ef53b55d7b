"""The server's own secrets: what codes are derived from, and what rows are sealed with.

Written `id:base64 of 32 bytes`, several separated by commas or line ends. The first key makes,
all of them check and open. Every purpose gets sub-keys of its own by HKDF (RFC 5869), so that
nothing made for one purpose is worth anything for another.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gatepost.vocabulary.identifiers import Chance

KEY_OCTETS = 32
_NONCE_OCTETS = 12
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_SEPARATORS = re.compile(r"[,\r\n]+")


class UnknownServerKey(KeyError):
    """Something was made with a server key that is not among those handed in."""


class SealBroken(ValueError):
    """A sealed text was altered, cut, or made for another purpose or by another key."""


class ServerKeys:
    """One or more server keys, the first of which makes new things.

    A purpose is a constant of the program, never input: its sub-keys are kept for good.
    """

    def __init__(self, keys: Mapping[str, bytes], chance: Chance) -> None:
        self._keys = dict(keys)
        self._chance = chance
        self._mac_keys: dict[tuple[str, str | bytes], bytes] = {}
        self._ciphers: dict[tuple[str, str | bytes], AESGCM] = {}
        self.ids: tuple[str, ...] = tuple(self._keys)
        self.first_id: str = self.ids[0]

    @classmethod
    def parse(cls, text: str, chance: Chance) -> Self:
        """The keys in a setting or a file; ValueError says in one line what is wrong.

        The line counts entries and never quotes one: a slip often puts a key where its id goes.
        """
        entries = [entry for part in _SEPARATORS.split(text) if (entry := part.strip())]
        if not entries:
            raise ValueError("server keys: none given, expected id:base64 of 32 bytes")
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(entries, start=1):
            key_id, key = _parsed(entry, number)
            if key_id in keys:
                raise ValueError(f"server keys: entry {number} repeats the id of an earlier one")
            keys[key_id] = key
        return cls(keys, chance)

    def replace(self, other: ServerKeys) -> None:
        """Be these other keys from here on: the file was read again."""
        self._keys, self.ids, self.first_id = other._keys, other.ids, other.first_id
        self._mac_keys.clear()
        self._ciphers.clear()

    def mac(self, key_id: str, purpose: str | bytes, *parts: str | bytes) -> bytes:
        """HMAC-SHA-256 over the parts, each led by its length: no two lists of parts agree.

        A text counts as its UTF-8. Raises UnknownServerKey.
        """
        sub_key = self._mac_keys.get((key_id, purpose))
        if sub_key is None:
            sub_key = self._mac_keys[key_id, purpose] = self._derived(key_id, b"mac", purpose)
        message = bytearray()
        for part in parts:
            octets = part.encode() if isinstance(part, str) else part
            message += len(octets).to_bytes(8)
            message += octets
        return hmac.digest(sub_key, message, "sha256")

    def seal(self, purpose: str | bytes, plaintext: bytes) -> str:
        """AES-256-GCM by the first key, as `key id.base64url`.

        Nonces are 96 random bits, so one key must not seal more than 2**32 things of one
        purpose (NIST SP 800-38D, 8.3).
        """
        nonce = self._chance(_NONCE_OCTETS)
        sealed = self._cipher(self.first_id, purpose).encrypt(nonce, plaintext, _octets(purpose))
        return f"{self.first_id}.{urlsafe_b64encode(nonce + sealed).rstrip(b'=').decode()}"

    def open(self, purpose: str | bytes, sealed: str) -> bytes:
        """What was sealed for this purpose. Raises UnknownServerKey or SealBroken."""
        key_id, _, body = sealed.partition(".")
        cipher = self._cipher(key_id, purpose)
        try:
            octets = urlsafe_b64decode(body + "=" * (-len(body) % 4))
            nonce, text = octets[:_NONCE_OCTETS], octets[_NONCE_OCTETS:]
            return cipher.decrypt(nonce, text, _octets(purpose))
        except (InvalidTag, ValueError):
            raise SealBroken("a sealed text cannot be opened") from None

    def sealed_with(self, sealed: str) -> str:
        """The id of the key a text was sealed with; it need not be among these keys."""
        return sealed.partition(".")[0]

    def fingerprint(self, key_id: str) -> str:
        """16 hex digits that recognise a key and do not help to find it. Fit to be stored."""
        return self._derived(key_id, b"fingerprint", b"")[:8].hex()

    def _cipher(self, key_id: str, purpose: str | bytes) -> AESGCM:
        cipher = self._ciphers.get((key_id, purpose))
        if cipher is None:
            sub_key = self._derived(key_id, b"seal", purpose)
            cipher = self._ciphers[key_id, purpose] = AESGCM(sub_key)
        return cipher

    def _derived(self, key_id: str, use: bytes, purpose: str | bytes) -> bytes:
        key = self._keys.get(key_id)
        if key is None:
            raise UnknownServerKey(key_id)
        info = b"gatepost " + use + b"\0" + _octets(purpose)
        return HKDF(algorithm=SHA256(), length=KEY_OCTETS, salt=None, info=info).derive(key)

    def __repr__(self) -> str:
        return f"ServerKeys(ids={list(self.ids)})"


def generate(chance: Chance) -> str:
    """A new entry, `id:base64`, to be written where the server reads its keys."""
    return f"{chance(4).hex()}:{b64encode(chance(KEY_OCTETS)).decode()}"


def _parsed(entry: str, number: int) -> tuple[str, bytes]:
    key_id, colon, encoded = (piece.strip() for piece in entry.partition(":"))
    if not colon or not _KEY_ID.fullmatch(key_id):
        raise ValueError(
            f"server keys: entry {number} must begin with an id of 1 to 32"
            " letters, digits, _ or -, and a colon"
        )
    try:
        key = b64decode(encoded, validate=True)
    except (NotBase64, ValueError):
        raise ValueError(f"server keys: the key of entry {number} is not base64") from None
    if len(key) != KEY_OCTETS:
        raise ValueError(f"server keys: the key of entry {number} is not 32 bytes long")
    return key_id, key


def _octets(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
