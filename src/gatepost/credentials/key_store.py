"""The keys that sign tokens, that passwords travel by and that the audit log's digests are made
with, kept sealed in the database.

Every process reads them again from time to time. A new signing key is published a while
before it signs, so that no process meets a token by a key it has not heard of; an old one
stays published until its last token has expired.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from gatepost.credentials.password_transport import (
    PasswordTransport,
    new_rsa_key,
    new_sm2_key,
)
from gatepost.credentials.tokens import Keyring, PublicKey, SigningKey, new_signing_key
from gatepost.server_keys import KEY_OCTETS, ServerKeys
from gatepost.storage import server_keys, signing_keys
from gatepost.storage.database import Database, Reader, Transaction
from gatepost.storage.signing_keys import StoredKey
from gatepost.vocabulary.identifiers import Chance, new_id

SEAL = "signing key"
AUDIT = "audit"
REFRESH_SECONDS = 20
PUBLISHED_BEFORE_USE = 60_000
"""Milliseconds between a new signing key's birth and its first signature."""


class KeyStore:
    """The keys of this process as the database last had them."""

    def __init__(self, database: Database, keys: ServerKeys, chance: Chance, issuer: str) -> None:
        self._database = database
        self._keys = keys
        self._chance = chance
        self._issuer = issuer
        self._known: list[StoredKey] = []
        self._signing: str | None = None
        self.keyring: Keyring
        self.transport: PasswordTransport
        self.audit_keys: ServerKeys

    async def open(self) -> None:
        """Read the keys; the first process of all makes them."""
        made = {
            "sign": new_signing_key,
            "rsa": self._new_rsa,
            "sm2": self._new_sm2,
            AUDIT: self._new_audit,
        }
        present = {key.purpose for key in await signing_keys.published(self._database.reader())}
        fresh = {purpose: make() for purpose, make in made.items() if purpose not in present}
        if fresh:
            await self._database.unit(lambda tx: self._keep_missing(tx, fresh))
        reader = self._database.reader()
        known = await signing_keys.published(reader)
        self.keyring = Keyring(self._issuer, *self._taken_up(known, reader.now))

    def _new_rsa(self) -> tuple[str, str]:
        return new_id(self._chance), new_rsa_key()

    def _new_sm2(self) -> tuple[str, str]:
        return new_id(self._chance), new_sm2_key(self._chance)

    def _new_audit(self) -> tuple[str, str]:
        return new_id(self._chance), b64encode(self._chance(KEY_OCTETS)).decode()

    async def _keep_missing(self, tx: Transaction, fresh: dict[str, tuple[str, str]]) -> None:
        await server_keys.lock(tx)  # of several first processes one goes first
        present = {key.purpose for key in await signing_keys.published(tx)}
        for purpose, (key_id, private) in fresh.items():
            if purpose not in present:
                await signing_keys.add(tx, key_id, purpose, self._sealed(private), tx.now)

    async def rotate_signing_key(self, longest_token_seconds: int) -> str:
        """Make a new signing key; returns its id. The old one stays to check tokens with."""
        key_id, private = new_signing_key()

        async def work(tx: Transaction) -> None:
            active_from = tx.now + PUBLISHED_BEFORE_USE
            await signing_keys.add(tx, key_id, "sign", self._sealed(private), active_from)
            until = active_from + longest_token_seconds * 1000
            await signing_keys.retire(tx, "sign", key_id, until)

        await self._database.unit(work)
        await self.refresh()
        return key_id

    async def refresh(self) -> None:
        """Read the keys again, and take up what has changed."""
        reader = self._database.reader()
        known = await signing_keys.published(reader)
        signing = _in_use(known, "sign", reader.now).id
        if known != self._known or signing != self._signing:
            self.keyring.replace(*self._taken_up(known, reader.now))

    def _taken_up(self, known: list[StoredKey], now: int) -> tuple[SigningKey, list[PublicKey]]:
        """Note these keys; the one that signs now, and those that only check."""
        signing = _in_use(known, "sign", now).id
        opened = {key.id: self._opened(key) for key in known}
        signer = SigningKey(signing, opened[signing])
        others = [
            PublicKey(key.id, opened[key.id])
            for key in known
            if key.purpose == "sign" and key.id != signing
        ]
        rsa, sm2 = (opened[_in_use(known, purpose, now).id] for purpose in ("rsa", "sm2"))
        self.transport = PasswordTransport(rsa, sm2, self._chance)
        self.audit_keys = _audit_keys(known, self._keys, self._chance)
        self._known, self._signing = known, signing
        return signer, others

    def _sealed(self, private: str) -> str:
        return self._keys.seal(SEAL, private.encode())

    def _opened(self, key: StoredKey) -> str:
        return self._keys.open(SEAL, key.private_sealed).decode()


async def read_audit_keys(reader: Reader, keys: ServerKeys, chance: Chance) -> ServerKeys:
    """The keys of the audit log's digests; where no server has made any, one that fits nothing."""
    known = await signing_keys.published(reader)
    if not any(key.purpose == AUDIT for key in known):
        return ServerKeys({"none": chance(KEY_OCTETS)}, chance)
    return _audit_keys(known, keys, chance)


def _audit_keys(known: list[StoredKey], keys: ServerKeys, chance: Chance) -> ServerKeys:
    """The audit log has keys of its own: when the server's first key changes, they are sealed
    anew, and no old server key is needed to verify what is long past. The newest makes."""
    opened = {
        key.id: b64decode(keys.open(SEAL, key.private_sealed))
        for key in reversed(known)
        if key.purpose == AUDIT
    }
    return ServerKeys(opened, chance)


def _in_use(known: list[StoredKey], purpose: str, now: int) -> StoredKey:
    """The newest key of a purpose that has come into use.

    A key that was retired signs on until its successor may; a clock that stepped back leaves
    the oldest.
    """
    of_purpose = [key for key in known if key.purpose == purpose]
    started = [key for key in of_purpose if key.active_from <= now]
    return (started or of_purpose[:1])[-1]
