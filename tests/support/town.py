"""A server to be timed, and many accounts of each kind: alike, but for what is to be hidden."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from gatepost.api.routes import ROUTES
from gatepost.api.routing import Table
from gatepost.api.server import Server
from gatepost.app import Parts, opened
from gatepost.audit.refusals import RefusalLog
from gatepost.context import Context
from gatepost.credentials.key_store import KeyStore
from gatepost.credentials.passwords import COST, Cost, Passwords
from gatepost.log import Log
from gatepost.settings import Settings
from gatepost.storage import users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.user import Status, User
from tests.support.engines import IN_MEMORY
from tests.support.stopwatch import Door
from tests.support.world import App, MailBag, MovableClock, World

UNKNOWN, KNOWN, UNVERIFIED, SUSPENDED = KINDS = ("unknown", "known", "unverified", "suspended")


def address(kind: str, n: int) -> str:
    """Equally long for all, and nowhere near each other in an index."""
    return f"{sha256(f'{kind} {n}'.encode()).hexdigest()[:16]}@example.com"


@dataclass
class Town:
    """A server without a mail worker, which would only be in the way, and its people."""

    world: World
    app: App
    door: Door
    password_hash: str
    people: int = 0

    async def grow(self, people: int) -> None:
        """Have so many accounts of each kind."""
        more = range(self.people, people)
        await self.world.database.unit(lambda tx: self._settle(tx, more))
        self.people = max(people, self.people)

    async def _settle(self, tx: Transaction, more: range) -> None:
        for n in more:
            for kind in KINDS[1:]:
                user = User(
                    id=new_id(os.urandom),
                    user_pool_id=self.app.pool_id,
                    status=Status.SUSPENDED if kind == SUSPENDED else Status.ACTIVATED,
                    username=None,
                    email=address(kind, n),
                    email_verified_at=None if kind == UNVERIFIED else tx.now,
                    password_hash=self.password_hash,
                    language=None,
                )
                await users.add(tx, user, source_type="register")


@asynccontextmanager
async def new_town(
    template: Path, server_keys: str, cost: Cost = COST, **changes: str
) -> AsyncIterator[Town]:
    """A town in memory, where it can be: waiting for a disk is noise."""
    clock = MovableClock()
    with TemporaryDirectory(dir=IN_MEMORY) as folder:
        shutil.copyfile(template, Path(folder) / "gatepost.db")
        settings = Settings(
            data_dir=Path(folder),
            database_url=f"sqlite:///{folder}/gatepost.db",
            public_url="http://127.0.0.1",
            server_keys=server_keys,
        )
        async with opened(settings, Parts(clock=clock)) as (database, keys):
            key_store = KeyStore(database, keys, secrets.token_bytes, settings.issuer)
            await key_store.open()
            passwords = Passwords(secrets.token_bytes, threads=1, cost=cost)
            log = Log(clock, "error")
            refusals = RefusalLog(
                database, lambda: key_store.audit_keys, clock, secrets.token_bytes, log
            )
            context = Context(
                settings=settings,
                database=database,
                clock=clock,
                chance=secrets.token_bytes,
                keys=keys,
                key_store=key_store,
                passwords=passwords,
                mail_is_due=lambda: None,
                mail_is_worked=lambda: True,
                is_leaving=lambda: False,
                refusals=refusals,
            )
            server = Server(context, Table(ROUTES), log)
            password_hash = await passwords.hash("the right password")
            async with httpx.AsyncClient() as nobody:
                world = World(server, settings, clock, MailBag(), nobody, password_hash)
                app = await world.app(await world.pool(**changes))
                yield Town(world, app, Door(server, app.app_id), password_hash)
            passwords.close()
