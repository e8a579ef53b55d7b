"""Make user pools and change their settings."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from gatepost.credentials.client_authentication import digest_of_secret
from gatepost.management.changes import changed, one_line
from gatepost.server_keys import ServerKeys
from gatepost.storage import user_pools
from gatepost.storage.database import Transaction
from gatepost.storage.user_pools import ACCESS_KEY_SEAL
from gatepost.vocabulary.identifiers import Chance, new_id, new_secret
from gatepost.vocabulary.refusals import UserPoolUnknown
from gatepost.vocabulary.user_pool import PoolSettings, UserPool


class NewPool(Struct, frozen=True, rename="camel"):
    """A new pool, and the access key that opens it to administrators: shown this once."""

    user_pool_id: str
    access_key_id: str
    access_key_secret: str


async def create_pool(
    tx: Transaction,
    keys: ServerKeys,
    chance: Chance,
    name: str,
    settings: PoolSettings | None = None,
) -> NewPool:
    """Make a pool."""
    one_line(name)
    new = NewPool(new_id(chance), new_id(chance), new_secret(chance))
    await user_pools.add(
        tx,
        UserPool(new.user_pool_id, msgspec.json.encode(settings or PoolSettings()).decode()),
        name,
        access_key_id=new.access_key_id,
        access_key_digest=digest_of_secret(new.access_key_secret),
        access_key_sealed=keys.seal(ACCESS_KEY_SEAL, new.access_key_secret.encode()),
    )
    return new


async def set_pool(tx: Transaction, pool_id: str, changes: dict[str, str]) -> PoolSettings:
    """Change settings of a pool, by name, and answer with all of them.

    Refuses: UserPoolUnknown, InvalidRequest naming the setting.
    """
    pool = await user_pools.find(tx, pool_id)
    if pool is None:
        raise UserPoolUnknown
    settings = changed(pool.settings, PoolSettings, changes)
    text = msgspec.json.encode(settings).decode()
    await user_pools.set_settings(tx, UserPool(pool.id, text))
    return settings
