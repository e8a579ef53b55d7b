"""The keyed digests of rows and seals.

Whoever can write to the database but has no server key can make none of them: their key lies
in the database sealed with the server key.
"""

from __future__ import annotations

import hashlib
import hmac

from msgspec.structs import replace

from gatepost.server_keys import ServerKeys, UnknownServerKey
from gatepost.storage.audit_log import ERASED, AuditEvent, AuditRow
from gatepost.storage.audit_seals import Chain, Seal

_ROW, _SEAL, _CHAIN = "audit row", "audit seal", "audit chain"


def digested(keys: ServerKeys, event: AuditEvent, at: int) -> AuditRow:
    """An event as it is to be kept."""
    personal = personal_digest(event)
    key_id = keys.first_id
    return AuditRow(at, event, personal, key_id, _row_digest(keys, key_id, event, at, personal))


def is_erased(row: AuditRow) -> bool:
    """Whether a row looks as rows do whose personal fields were erased."""
    event = row.event
    return event.salt is None and (event.client_address, event.user_agent) == (ERASED, ERASED)


def is_genuine(keys: ServerKeys, row: AuditRow) -> bool:
    """Whether a row is as it was made, but for its personal fields if they are erased."""
    if row.personal is None or row.digest is None or row.key_id is None:
        return False
    if not is_erased(row) and personal_digest(row.event) != row.personal:
        return False
    try:
        right = _row_digest(keys, row.key_id, row.event, row.at, row.personal)
    except UnknownServerKey:
        return False
    return hmac.compare_digest(right, row.digest)


def rows_digest(rows: list[AuditRow]) -> str:
    """The digest of a set of rows, in the order of their ids."""
    parts = (part for row in rows for part in (row.event.id, row.digest))
    return hashlib.sha256(_framed(*parts)).hexdigest()


def sealed(keys: ServerKeys, seal: Seal) -> Seal:
    """A seal with its digest."""
    return replace(seal, key_id=keys.first_id, digest=_of(keys, _SEAL, keys.first_id, seal))


def linked(keys: ServerKeys, chain: Chain) -> Chain:
    """A chain's state with its digest."""
    return replace(chain, key_id=keys.first_id, digest=_of(keys, _CHAIN, keys.first_id, chain))


def holds(keys: ServerKeys, of: Seal | Chain) -> bool:
    """Whether a seal or a chain's state is as it was made."""
    try:
        right = _of(keys, _SEAL if isinstance(of, Seal) else _CHAIN, of.key_id, of)
    except UnknownServerKey:
        return False
    return hmac.compare_digest(right, of.digest)


def personal_digest(event: AuditEvent) -> str:
    """The digest of what is personal: without the salt it tells nothing, so erasing is final."""
    return hashlib.sha256(_framed(event.salt, event.client_address, event.user_agent)).hexdigest()


def _row_digest(keys: ServerKeys, key_id: str, event: AuditEvent, at: int, personal: str) -> str:
    message = _framed(
        event.id,
        at,
        event.event,
        int(event.succeeded),  # which may be True
        event.user_pool_id,
        event.app_id,
        event.user_id,
        event.session_id,
        event.request_id,
        event.detail,
        event.refusal,
        event.api_code,
        event.times,
        personal,
    )
    return keys.mac(key_id, _ROW, message).hex()


def _of(keys: ServerKeys, purpose: str, key_id: str, of: Seal | Chain) -> str:
    names = of.__struct_fields__[:-2]  # all but the key's id and the digest itself
    return keys.mac(key_id, purpose, _framed(*(getattr(of, name) for name in names))).hex()


def _framed(*values: str | int | None) -> bytes:
    """Values one after the other, so that no two lists of them agree."""
    framed = bytearray()
    for value in values:
        octets = b"" if value is None else str(value).encode()
        framed += b"-" if value is None else b"%d:" % len(octets)
        framed += octets
    return bytes(framed)
