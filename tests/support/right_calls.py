"""For each operation a call that would succeed, and the ways to send it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from gatepost.api.flood_guard import FloodGuard
from gatepost.api.http import SLOWEST_BODY_SECONDS
from gatepost.api.routes import ROUTES
from gatepost.api.routing import Table
from gatepost.api.server import Server
from gatepost.log import Log
from tests.support.described import ORIGIN, Operation
from tests.support.world import PASSWORD, ROOMY, App, Person, World

EMAIL = "ann@example.com"
Content = bytes | AsyncIterator[bytes]


@dataclass(frozen=True)
class Call:
    """What goes over the wire, but for method and path."""

    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def with_body(self, **changes: Any) -> Call:
        """The same call with other fields in its body."""
        return replace(self, body=self.body | changes)

    def with_headers(self, **changes: str | None) -> Call:
        """The same call with other headers; None leaves one out."""
        given = self.headers | {n.replace("_", "-"): v for n, v in changes.items()}
        return replace(self, headers={n: v for n, v in given.items() if v is not None})


@dataclass
class Stage:
    """Where one operation is called: a server, and people to call it."""

    world: World
    operation: Operation

    async def ann(self, **pool_settings: str) -> Person:
        """Ann, signed in, alone in a roomy pool of her own; `__` stands for the dot."""
        pool_id = await self.world.pool(**ROOMY)
        await self.world.set_pool(pool_id, **pool_settings)
        return await self.world.person("ann", await self.world.app(pool_id))

    async def right(self, ann: Person | None = None) -> Call:
        """A call by Ann that would succeed."""
        return await RIGHT[self.operation.name](ann or await self.ann())

    async def send(
        self, call: Call, *, server: Server | None = None, content: Content | None = None
    ) -> httpx.Response:
        """Send a call, to another server or with other octets if they are named."""
        if content is None:
            content = b"" if call.body is None else json.dumps(call.body).encode()
        headers = {"content-type": "application/json"} | call.headers
        transport = httpx.ASGITransport(server or self.world.server, client=("127.0.0.1", 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
            return await http.request(
                self.operation.method,
                self.operation.path + call.query,
                headers=headers,
                content=content,
            )

    def server(
        self,
        guard: FloodGuard | None = None,
        slowest_body_seconds: float = SLOWEST_BODY_SECONDS,
        **parts: Any,
    ) -> Server:
        """A second server on the same parts, but for those that are named."""
        context = replace(self.world.context, **parts)
        log = Log(self.world.clock, "error")
        return Server(context, Table(ROUTES), log, guard, slowest_body_seconds)


def by_app(app: App) -> dict[str, str]:
    """The headers of a call that names its app."""
    return {"x-genauth-app-id": app.app_id}


def by_person(person: Person) -> dict[str, str]:
    """The headers of a call by somebody signed in."""
    return by_app(person.app) | {"authorization": f"Bearer {person.token}"}


async def sign_in(ann: Person) -> Call:
    body = {
        "connection": "PASSWORD",
        "passwordPayload": {"username": ann.username, "password": PASSWORD},
        "client_secret": ann.app.secret,
    }
    return Call(body, by_app(ann.app))


async def send_email(ann: Person) -> Call:
    return Call({"email": EMAIL, "channel": "CHANNEL_BIND_EMAIL"}, by_person(ann))


async def pre_check_code(ann: Person) -> Call:
    code = await asked_for_code(ann)
    payload = {"email": EMAIL, "passCode": code, "channel": "CHANNEL_BIND_EMAIL"}
    return Call({"codeType": "EMAIL", "emailCodePayload": payload}, by_person(ann))


async def bind_email(ann: Person) -> Call:
    return Call({"email": EMAIL, "passCode": await asked_for_code(ann)}, by_person(ann))


async def get_profile(ann: Person) -> Call:
    return Call(headers=by_person(ann))


async def check_app_id_secret(ann: Person) -> Call:
    return Call({"appId": ann.app.app_id, "appSecret": ann.app.secret})


async def nothing_needed(_: Person) -> Call:
    return Call()


async def asked_for_code(ann: Person) -> str:
    """The code that Ann asks for to bind her address."""
    mails = len(ann.world.mail.all_to(EMAIL))
    answer = await ann.asks_to_bind(EMAIL)
    assert answer["statusCode"] == 200
    return await ann.world.code(EMAIL, mails + 1)


RIGHT: dict[str, Callable[[Person], Awaitable[Call]]] = {
    "sign_in": sign_in,
    "send_email": send_email,
    "pre_check_code": pre_check_code,
    "bind_email": bind_email,
    "get_profile": get_profile,
    "check_app_id_secret": check_app_id_secret,
    "system": nothing_needed,
    "openid_configuration": nothing_needed,
    "jwks": nothing_needed,
    "healthz": nothing_needed,
    "readyz": nothing_needed,
}
"""By the operation's name. An operation that is missing here has no story at all."""
