"""Several real servers over one database, and the people who use them."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from gatepost.app import migrate_database, open_database, opened, system_clock
from gatepost.credentials import codes
from gatepost.credentials.codes import Purpose
from gatepost.management.apps import create_app
from gatepost.management.pools import create_pool, set_pool
from gatepost.management.users import create_user
from gatepost.server_keys import ServerKeys
from gatepost.settings import Settings
from gatepost.storage import user_pools
from gatepost.storage.database import Database, Row
from gatepost.storage.statement import Statement
from gatepost.vocabulary.application import ClientAuth
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import AddressRules, EmailAddress
from gatepost.vocabulary.verification_code import ANYBODY
from tests.support.process import ServerProcess, environment
from tests.support.world import PASSWORD, ROOMY

T = TypeVar("T")
SECONDS = 30
AT_ONCE = 8
"""How many people sign in together: a server with too many hashes to make turns some away."""


@dataclass
class Member:
    """Somebody with an account, signed in."""

    user_id: str
    username: str
    token: str


@dataclass
class Cluster:
    """Servers, one pool and one app. Calls go to the servers in turn."""

    folder: Path
    settings: Settings
    password_hash: str
    env: dict[str, str]
    pool_id: str = ""
    app_id: str = ""
    secret: str = ""
    servers: list[ServerProcess] = field(default_factory=list)
    _stack: ExitStack | None = None
    _names: Callable[[], int] = field(default_factory=lambda: itertools.count().__next__)

    @classmethod
    def make(cls, folder: Path, settings: Settings, password_hash: str, **env: str) -> Cluster:
        """Prepare the database with a pool and an app; no server runs yet."""
        names = environment(
            folder,
            DATABASE_URL=settings.database,
            PUBLIC_URL=settings.public_url,
            SERVER_KEYS=settings.server_keys,
            LOG_LEVEL="error",
            TRUSTED_PROXIES="127.0.0.1",
            **env,
        )
        cluster = cls(folder, settings, password_hash, names)
        asyncio.run(cluster._found())
        return cluster

    async def _found(self) -> None:
        database = await open_database(self.settings, system_clock)
        await migrate_database(self.settings, database)
        await database.close()

        async def work(database: Database, keys: ServerKeys) -> None:
            chance = secrets.token_bytes
            pool = await database.unit(lambda tx: create_pool(tx, keys, chance, "Race"))
            self.pool_id = pool.user_pool_id
            changes = {"allowSpecialUseDomains": "true"} | ROOMY
            await database.unit(lambda tx: set_pool(tx, self.pool_id, changes))
            app = await database.unit(
                lambda tx: create_app(tx, keys, chance, self.pool_id, "Race app", ClientAuth.NONE)
            )
            self.app_id, self.secret = app.app_id, app.app_secret

        await self.backstage(work)

    def start(self, count: int, stack: ExitStack | None = None) -> None:
        """Start servers; with a stack, they stop when it is left."""
        self.servers = [ServerProcess(self.folder, self.env) for _ in range(count)]
        self._stack = stack
        if stack is not None:
            for server in self.servers:
                stack.enter_context(server)

    def replace(self, number: int) -> None:
        """Start a server in the place of one that has ended."""
        self.servers[number] = ServerProcess(self.folder, self.env)
        if self._stack is not None:
            self._stack.enter_context(self.servers[number])

    async def backstage(self, work: Callable[[Database, ServerKeys], Awaitable[T]]) -> T:
        """Do something in the database itself."""
        async with opened(self.settings) as (database, keys):
            return await work(database, keys)

    async def rows(self, text: str) -> Sequence[Row]:
        """What a query finds."""
        return await self.backstage(
            lambda database, _: database.reader().all(Statement(text, text, ()))
        )

    async def change(self, text: str) -> int:
        """Change rows; says how many."""
        return await self.backstage(
            lambda database, _: database.unit(lambda tx: tx.run(Statement(text, text, ())))
        )

    async def issue(
        self, email: str, subject: str = ANYBODY, channel: Channel = Channel.BIND_EMAIL
    ) -> str:
        """A code, made with the servers' own key but without a mail."""
        rules = AddressRules(special_use_domains=True, international=False)

        async def work(database: Database, keys: ServerKeys) -> str:
            pool = await user_pools.find(database.reader(), self.pool_id)
            assert pool is not None
            purpose = Purpose(pool, channel, EmailAddress.parse(email, rules), subject)
            issued = await database.unit(
                lambda tx: codes.issue(tx, keys, secrets.token_bytes, purpose, None)
            )
            return issued.digits

        return await self.backstage(work)

    def http(self) -> list[httpx.AsyncClient]:
        """A client for each server."""
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        return [
            httpx.AsyncClient(base_url=server.url, timeout=SECONDS, limits=limits)
            for server in self.servers
        ]


class Crowd:
    """People at the servers of a cluster, while an event loop runs."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._clients = cluster.http()
        self._turn = itertools.cycle(self._clients)

    async def __aenter__(self) -> Crowd:
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self._clients:
            await client.aclose()

    def listen(self, hook: Callable[[httpx.Response], Awaitable[None]]) -> None:
        """Be told of every answer."""
        for client in self._clients:
            client.event_hooks = {"response": [hook]}

    async def post(
        self, path: str, body: Any, token: str | None = None, client: str | None = None
    ) -> dict[str, Any]:
        """Call one of the servers, the next in turn; the envelope with the HTTP status."""
        headers = {"x-authing-app-id": self.cluster.app_id}
        if token:
            headers["authorization"] = token
        if client:
            headers["x-forwarded-for"] = client
        response = await next(self._turn).post(f"/api/v3/{path}", json=body, headers=headers)
        answer: dict[str, Any] = response.json()
        return answer | {"http": response.status_code}

    async def members(self, count: int) -> list[Member]:
        """So many new people, signed in for real."""
        names = [f"member-{secrets.token_hex(6)}" for _ in range(count)]

        async def work(database: Database, _: ServerKeys) -> list[str]:
            made = [
                await create_user(
                    database,
                    secrets.token_bytes,
                    self.cluster.pool_id,
                    username=name,
                    password_hash=self.cluster.password_hash,
                )
                for name in names
            ]
            return [user.user_id for user in made]

        ids = await self.cluster.backstage(work)
        few = asyncio.Semaphore(AT_ONCE)

        async def sign_in(name: str) -> str:
            async with few:
                return await self._sign_in(name)

        tokens = await asyncio.gather(*map(sign_in, names))
        return [Member(*words) for words in zip(ids, names, tokens, strict=True)]

    async def _sign_in(self, username: str) -> str:
        return str((await self._tokens(username))["access_token"])

    async def _tokens(self, username: str, **options: str) -> dict[str, Any]:
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"username": username, "password": PASSWORD},
            "options": options,
            "client_id": self.cluster.app_id,
            "client_secret": self.cluster.secret,
        }
        tokens: dict[str, Any] = (await self.post("signin", body))["data"]
        return tokens

    async def refresh_token(self, member: Member) -> str:
        """A refresh token of a new session."""
        tokens = await self._tokens(member.username, scope="openid offline_access")
        return str(tokens["refresh_token"])

    async def refreshes(self, token: str) -> int:
        """Show a refresh token at one of the servers; the HTTP status."""
        form = {"grant_type": "refresh_token", "refresh_token": token}
        form["client_id"] = self.cluster.app_id
        return (await next(self._turn).post("/oidc/token", data=form)).status_code

    async def binds(self, member: Member, email: str, code: str) -> dict[str, Any]:
        return await self.post("bind-email", {"email": email, "passCode": code}, member.token)

    async def enters(self, email: str, code: str, client: str) -> dict[str, Any]:
        """Try to sign in by code from a client address."""
        body = {
            "connection": "PASSCODE",
            "passCodePayload": {"email": email, "passCode": code},
        }
        return await self.post("signin", body, client=client)

    async def asks(self, email: str, member: Member | None) -> dict[str, Any]:
        """Ask for a code to bind an address."""
        body = {"email": email, "channel": "CHANNEL_BIND_EMAIL"}
        return await self.post("send-email", body, member.token if member else None)
