"""Give the server a new first key: everything sealed is sealed anew with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from msgspec import Struct

from gatepost.credentials.key_store import SEAL as SIGNING_KEY_SEAL
from gatepost.credentials.key_store import KeyStore
from gatepost.server_keys import ServerKeys
from gatepost.storage import (
    applications,
    outbox,
    server_keys,
    signing_keys,
    user_pools,
    verification_codes,
)
from gatepost.storage.applications import SECRET_SEAL
from gatepost.storage.database import Database, Transaction
from gatepost.storage.outbox import MAIL_SEAL
from gatepost.storage.user_pools import ACCESS_KEY_SEAL

Reseal = Callable[[Transaction, str, str], Awaitable[None]]


class Rotated(Struct, frozen=True):
    """What a rotation did. `free` keys may be removed; `needed` ones must stay for now."""

    first: str
    resealed: int
    free: list[str]
    needed: list[str]


async def rotate_server_keys(
    database: Database, keys: ServerKeys, stored: dict[str, str]
) -> Rotated:
    """Make the first key known to the database, and seal with it what older ones sealed.

    `stored` are the keys known so far, all of which are among `keys`. May be run again at any
    time. The run that makes a key known frees none: servers go on with the old one until they
    have read their keys again, and only a later run finds what they made meanwhile.
    """
    first = keys.first_id
    await database.unit(lambda tx: server_keys.remember(tx, first, keys.fingerprint(first)))
    resealed = await _reseal_all(database, keys)
    in_use = {first, *await verification_codes.keys_in_use(database.reader())}
    old = [key_id for key_id in stored if key_id != first]
    free = [key_id for key_id in old if key_id not in in_use] if first in stored else []
    for key_id in free:
        await database.unit(partial(server_keys.forget, key_id=key_id))
    return Rotated(first, resealed, free, [key_id for key_id in old if key_id not in free])


async def rotate_signing_key(database: Database, store: KeyStore) -> str:
    """Make a new key to sign tokens with; returns its id.

    The old one checks tokens until the last that any app may have got by it has expired.
    """
    settings = await applications.all_settings(database.reader())
    lifetimes = [max(app.access_token_expires_in, app.id_token_expires_in) for app in settings]
    return await store.rotate_signing_key(max(lifetimes, default=0))


async def _reseal_all(database: Database, keys: ServerKeys) -> int:
    reader = database.reader()
    signing = [(key.id, key.private_sealed) for key in await signing_keys.published(reader)]
    work: list[tuple[str, list[tuple[str, str]], Reseal]] = [
        (SIGNING_KEY_SEAL, signing, signing_keys.reseal),
        (ACCESS_KEY_SEAL, await user_pools.sealed(reader), user_pools.reseal),
        (SECRET_SEAL, await applications.sealed(reader), applications.reseal),
        (MAIL_SEAL, await outbox.sealed(reader), outbox.reseal),
    ]
    count = 0
    for purpose, rows, reseal in work:
        for row_id, sealed in rows:
            if keys.sealed_with(sealed) != keys.first_id:
                await _reseal(database, keys, purpose, row_id, sealed, reseal)
                count += 1
    return count


async def _reseal(
    database: Database, keys: ServerKeys, purpose: str, row_id: str, sealed: str, reseal: Reseal
) -> None:
    fresh = keys.seal(purpose, keys.open(purpose, sealed))
    await database.unit(lambda tx: reseal(tx, row_id, fresh))
