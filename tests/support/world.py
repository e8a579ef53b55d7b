"""A whole server inside a test: its own database, a clock to move, a bag that mails fall into."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from gatepost.api.server import Server
from gatepost.app import Application, Parts, system_clock
from gatepost.credentials.passwords import COST, Cost, Passwords
from gatepost.mail.message import Message
from gatepost.mail.transport import Delivered, Delivery
from gatepost.management.apps import create_app, set_app
from gatepost.management.pools import create_pool, set_pool
from gatepost.management.users import create_user
from gatepost.settings import Settings
from gatepost.testing.clock import MovableClock
from gatepost.upkeep import SWEEP_SECONDS
from gatepost.vocabulary.application import ClientAuth

PASSWORD = "correct horse battery staple"
CHEAP = Cost(memory_kib=64, passes=1)
"""So little password work that it takes no time and hides nothing else."""

ROOMY = {
    "limits.sendsPerMailboxHour": "1000000",
    "limits.sendsPerMailboxDay": "1000000",
    "limits.sendsPerMailboxHourFromOneClient": "1000000",
    "limits.sendsToMailboxByUsersPerHour": "1000000",
    "limits.sendsToMailboxByUsersPerDay": "1000000",
    "limits.sendsToMailboxByUsersPerHourFromOneClient": "1000000",
    "limits.sendsPerUserHour": "1000000",
    "limits.sendsPerClientHour": "1000000",
    "limits.signInsPerClientHour": "1000000",
    "limits.callsPerTrustedAppHour": "1000000",
}
"""Every limit is counted, only the figures are high."""


def hashed_password(cost: Cost = COST) -> str:
    """The usual password's hash: made once, it takes its time."""

    async def run() -> str:
        passwords = Passwords(secrets.token_bytes, threads=1, cost=cost)
        try:
            return await passwords.hash(PASSWORD)
        finally:
            passwords.close()

    return asyncio.run(run())


CHEAP_HASH = hashed_password(CHEAP)


class StoppedClock(MovableClock):
    """A time that only moves when a test moves it."""

    def __init__(self) -> None:
        super().__init__()
        self._start = system_clock()

    def __call__(self) -> int:
        return self._start + self.shift


class MailBag:
    """A transport that keeps what it is given and wakes whoever waits for it."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.firsts: dict[str, Message] = {}
        """Each mail once, by its id: any may come again."""
        self._changed = asyncio.Condition()

    async def send(self, message: Message) -> Delivery:
        async with self._changed:
            self.mails.append(message)
            self.firsts.setdefault(message.message_id, message)
            self._changed.notify_all()
        return Delivered()

    async def close(self) -> None:
        """Nothing is held."""

    async def to(self, address: str, count: int = 1, seconds: float = 10) -> Message:
        """The newest mail to an address, once there are `count` of them."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.all_to(address)) >= count)
        return self.all_to(address)[-1]

    def all_to(self, address: str) -> list[Message]:
        """Every mail to an address so far; one that came again, as mails may, counts once."""
        mails = {mail.message_id: mail for mail in self.mails if mail.recipient == address}
        return list(mails.values())

    async def of(self, address: str, template: str, count: int = 1, seconds: float = 10) -> Message:
        """The newest mail of one kind to an address, once there are `count` of them."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.all_of(address, template)) >= count)
        return self.all_of(address, template)[-1]

    async def after(self, seen: int, count: int, seconds: float = 10) -> list[Message]:
        """The mails to anybody after the first `seen`, once there are `count` of them."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: len(self.firsts) >= seen + count)
        return list(self.firsts.values())[seen:]

    def all_of(self, address: str, template: str) -> list[Message]:
        """Every mail of one kind to an address so far."""
        return [mail for mail in self.all_to(address) if mail.template == template]


@dataclass
class App:
    """An app of a test, with its secret."""

    pool_id: str
    app_id: str
    secret: str


@dataclass
class Person:
    """Somebody with an account, who calls through one app."""

    world: World
    app: App
    user_id: str
    username: str
    token: str | None = None

    async def sign_in(self, **options: Any) -> dict[str, Any]:
        """Sign in by password and hold the token; answers with the envelope."""
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"username": self.username, "password": PASSWORD},
            "options": options,
            "client_id": self.app.app_id,
            "client_secret": self.app.secret,
        }
        answer = await self.world.post("/api/v3/signin", body, app=self.app)
        self.token = answer["data"]["access_token"]
        return answer

    async def post(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """Call an endpoint with this person's token."""
        return await self.world.post(path, body, app=self.app, token=self.token, **headers)

    async def get(self, path: str, **headers: str) -> dict[str, Any]:
        """Read from an endpoint with this person's token."""
        return await self.world.get(path, app=self.app, token=self.token, **headers)

    async def asks_to_bind(self, email: str) -> dict[str, Any]:
        """Ask for a code to bind an address."""
        return await self.post(
            "/api/v3/send-email", {"email": email, "channel": "CHANNEL_BIND_EMAIL"}
        )

    async def binds(self, email: str, code: str) -> dict[str, Any]:
        """Show a code and bind an address."""
        return await self.post("/api/v3/bind-email", {"email": email, "passCode": code})


@dataclass
class World:
    """One running server and what a test may do to it."""

    server: Server
    settings: Settings
    clock: MovableClock
    mail: MailBag
    http: httpx.AsyncClient
    password_hash: str
    names: list[str] = field(default_factory=list)

    @property
    def context(self) -> Any:
        """The server's parts, for a look behind the scenes."""
        return self.server.context

    @property
    def database(self) -> Any:
        """The server's database."""
        return self.context.database

    async def pool(self, **changes: str) -> str:
        """A new pool; settings by name, with `__` for the dot."""
        keys = self.context.keys
        new = await self.database.unit(
            lambda tx: create_pool(tx, keys, secrets.token_bytes, "Test")
        )
        await self.set_pool(new.user_pool_id, **{"allowSpecialUseDomains": "true"} | changes)
        return new.user_pool_id

    async def set_pool(self, pool_id: str, **changes: str) -> None:
        """Change settings of a pool."""
        named = {name.replace("__", "."): value for name, value in changes.items()}
        await self.database.unit(lambda tx: set_pool(tx, pool_id, named))

    async def app(
        self, pool_id: str | None = None, auth: str = "client_secret_post", **changes: str
    ) -> App:
        """A new app, in a pool of its own unless one is named."""
        pool_id = pool_id or await self.pool()
        keys = self.context.keys
        new = await self.database.unit(
            lambda tx: create_app(
                tx, keys, secrets.token_bytes, pool_id, "Test app", ClientAuth(auth)
            )
        )
        if changes:
            await self.database.unit(lambda tx: set_app(tx, new.app_id, changes))
        return App(pool_id, new.app_id, new.app_secret)

    async def person(
        self, username: str = "ann", app: App | None = None, *, sign_in: bool = True, **how: Any
    ) -> Person:
        """Somebody with an account and the usual password, signed in unless told otherwise."""
        app = app or await self.app()
        how.setdefault("password_hash", self.password_hash)
        new = await create_user(
            self.database, secrets.token_bytes, app.pool_id, username=username, **how
        )
        person = Person(self, app, new.user_id, username)
        if sign_in:
            await person.sign_in()
        return person

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        app: App | None = None,
        token: str | None = None,
        **headers: str,
    ) -> dict[str, Any]:
        """POST JSON; the answer's envelope, with the HTTP status under `http`."""
        content = b"" if body is None else msgspec.json.encode(body)
        given = _headers(app, token, headers) | {"content-type": "application/json"}
        return _envelope(await self.http.post(path, content=content, headers=given))

    async def get(
        self, path: str, *, app: App | None = None, token: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """GET; the answer's envelope, with the HTTP status under `http`."""
        return _envelope(await self.http.get(path, headers=_headers(app, token, headers)))

    async def code(self, email: str, count: int = 1) -> str:
        """The code in the newest mail to an address."""
        mail = await self.mail.to(email, count)
        assert mail.code is not None
        return mail.code


def _headers(app: App | None, token: str | None, more: dict[str, str]) -> dict[str, str]:
    headers = {name.replace("_", "-"): value for name, value in more.items()}
    if app is not None:
        headers.setdefault("x-authing-app-id", app.app_id)
    if token is not None:
        headers.setdefault("authorization", token)
    return headers


def _envelope(response: httpx.Response) -> dict[str, Any]:
    answer: dict[str, Any] = response.json()
    return answer | {"http": response.status_code}


@asynccontextmanager
async def new_world(
    settings: Settings,
    clock: MovableClock | None = None,
    bag: MailBag | None = None,
    sweep_seconds: float = SWEEP_SECONDS,
) -> AsyncIterator[World]:
    """Start a server in this process and stop it afterwards."""
    clock, bag = clock or MovableClock(), bag or MailBag()
    parts = Parts(clock, transport=lambda *_: bag, sweep_seconds=sweep_seconds, password_cost=CHEAP)
    async with Application(settings, parts).running() as server:
        transport = httpx.ASGITransport(server, client=("127.0.0.1", 50000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            yield World(server, settings, clock, bag, http, CHEAP_HASH)
