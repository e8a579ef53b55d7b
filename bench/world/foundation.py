"""What every database of a run begins with: one pool, one app, and the server's keys.

They are made once, by the product itself, and copied, so that a token is good everywhere.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from bench.world.bulk import bulk
from gatepost.app import migrate_database, open_database, opened, system_clock
from gatepost.credentials.key_store import SEAL, KeyStore
from gatepost.credentials.passwords import Passwords
from gatepost.management.apps import create_app
from gatepost.management.pools import create_pool, set_pool
from gatepost.server_keys import ServerKeys, generate
from gatepost.settings import Settings
from gatepost.storage import signing_keys
from gatepost.storage.database import Database

PUBLIC_URL = "https://login.example.com"
PASSWORD = "correct horse battery staple"
ROOM = 1_000_000_000

RAISED = {
    f"limits.{name}": str(ROOM)
    for name in (
        "sendsPerMailboxHour",
        "sendsPerMailboxDay",
        "sendsPerMailboxHourFromOneClient",
        "sendsToMailboxByUsersPerHour",
        "sendsToMailboxByUsersPerDay",
        "sendsToMailboxByUsersPerHourFromOneClient",
        "sendsPerUserHour",
        "sendsPerClientHour",
        "signInsPerClientHour",
        "signUpsPerClientHour",
        "callsPerTrustedAppHour",
    )
} | {"allowSpecialUseDomains": "true", "verifyCodeExpiresIn": "3600"}
"""Settings of the pool: every limit is counted, only the figures are high."""

_TABLES = ("server_keys", "signing_keys", "user_pools", "applications")


@dataclass(frozen=True)
class Foundation:
    """The pool, the app and the keys of a run, with the rows that they are."""

    server_keys: str = field(repr=False)
    pool_id: str
    app_id: str
    app_secret: str = field(repr=False)
    signing_key_id: str
    signing_key_pem: str = field(repr=False)
    password_hash: str = field(repr=False)
    issuer: str
    rows: dict[str, tuple[list[str], list[Sequence[Any]]]] = field(repr=False)

    def settings(self, database_url: str, folder: Path) -> Settings:
        """Settings of a server over one of the databases."""
        return Settings(
            data_dir=folder,
            database_url=database_url,
            public_url=PUBLIC_URL,
            server_keys=self.server_keys,
            trusted_proxies=(IPv4Network("127.0.0.1/32"),),
        )

    def keys(self) -> ServerKeys:
        """The server keys."""
        return ServerKeys.parse(self.server_keys, secrets.token_bytes)

    def lay(self, database_url: str, folder: Path) -> None:
        """Bring an empty database to the schema of this release, with these rows."""
        asyncio.run(_migrate(self.settings(database_url, folder)))
        into = bulk(database_url)
        for table, (columns, rows) in self.rows.items():
            into.fill(table, columns, rows)


def founded(folder: Path) -> Foundation:
    """Make a foundation, by way of a scratch database in a folder."""
    text = generate(secrets.token_bytes)
    url = f"sqlite:///{folder / 'foundation.db'}"
    settings = Settings(data_dir=folder, database_url=url, public_url=PUBLIC_URL, server_keys=text)
    named = asyncio.run(_found(settings))
    scratch, rows = bulk(url), {}
    for table in _TABLES:
        columns = [row[1] for row in scratch.ask(f"PRAGMA table_info({table})")]
        rows[table] = (columns, scratch.ask(f"SELECT {', '.join(columns)} FROM {table}"))
    return Foundation(server_keys=text, issuer=settings.issuer, rows=rows, **named)


async def _found(settings: Settings) -> dict[str, str]:
    chance = secrets.token_bytes
    async with opened(settings) as (database, keys):
        pool = await database.unit(lambda tx: create_pool(tx, keys, chance, "Bench"))
        await database.unit(lambda tx: set_pool(tx, pool.user_pool_id, RAISED))
        app = await database.unit(
            lambda tx: create_app(tx, keys, chance, pool.user_pool_id, "Bench app")
        )
        key_id, pem = await _signing_key(database, keys, settings.issuer)
    return {
        "pool_id": pool.user_pool_id,
        "app_id": app.app_id,
        "app_secret": app.app_secret,
        "signing_key_id": key_id,
        "signing_key_pem": pem,
        "password_hash": await _hashed(PASSWORD),
    }


async def _signing_key(database: Database, keys: ServerKeys, issuer: str) -> tuple[str, str]:
    await KeyStore(database, keys, secrets.token_bytes, issuer).open()
    published = await signing_keys.published(database.reader())
    key = next(key for key in published if key.purpose == "sign")
    return key.id, keys.open(SEAL, key.private_sealed).decode()


async def _hashed(password: str) -> str:
    passwords = Passwords(secrets.token_bytes, threads=1)
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()


async def _migrate(settings: Settings) -> None:
    database = await open_database(settings, system_clock)
    try:
        await migrate_database(settings, database)
    finally:
        await database.close()
