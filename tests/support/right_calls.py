"""For each operation a call that would succeed, and the ways to send it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from gatepost.api.flood_guard import FloodGuard
from gatepost.api.http import SLOWEST_BODY_SECONDS
from gatepost.api.routes import ROUTES
from gatepost.api.routing import Table
from gatepost.api.server import Server
from gatepost.log import Log
from tests.support.account_calls import (
    delete_account,
    reset_password,
    sign_up,
    token,
    token_to_look_at,
    unbind_email,
    update_email,
    update_password,
    update_profile,
    user_info_by_post,
    verify_delete_account_request,
    verify_reset_password_request,
    verify_update_email_request,
)
from tests.support.calls import EMAIL, Call, by_app, by_person
from tests.support.described import ORIGIN, Operation
from tests.support.world import PASSWORD, ROOMY, Person, World

Content = bytes | AsyncIterator[bytes]


@dataclass
class Stage:
    """Where one operation is called: a server, and people to call it."""

    world: World
    operation: Operation
    _any: Call | None = None

    async def ann(self, **pool_settings: str) -> Person:
        """Ann, signed in, alone in a roomy pool of her own; `__` stands for the dot."""
        pool_id = await self.world.pool(**ROOMY)
        await self.world.set_pool(pool_id, **pool_settings)
        return await self.world.person("ann", await self.world.app(pool_id))

    async def right(self, ann: Person | None = None) -> Call:
        """A call by Ann that would succeed."""
        return await RIGHT[self.operation.name](ann or await self.ann())

    async def any_call(self) -> Call:
        """The same call again and again, for what ends before anybody reads it."""
        self._any = self._any or await self.right()
        return self._any

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
        return Server(
            context, Table(ROUTES), log, guard=guard, slowest_body_seconds=slowest_body_seconds
        )


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
    shown = await asked_for_code(ann)
    payload = {"email": EMAIL, "passCode": shown, "channel": "CHANNEL_BIND_EMAIL"}
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
    "sign_up": sign_up,
    "unbind_email": unbind_email,
    "verify_update_email_request": verify_update_email_request,
    "update_email": update_email,
    "update_password": update_password,
    "verify_reset_password_request": verify_reset_password_request,
    "reset_password": reset_password,
    "update_profile": update_profile,
    "get_security_info": get_profile,
    "get_my_login_history": get_profile,
    "get_my_logged_in_apps": get_profile,
    "verify_delete_account_request": verify_delete_account_request,
    "delete_account": delete_account,
    "token": token,
    "introspection": token_to_look_at,
    "revocation": token_to_look_at,
    "user_info": get_profile,
    "user_info_by_post": user_info_by_post,
    "send_email": send_email,
    "pre_check_code": pre_check_code,
    "bind_email": bind_email,
    "get_profile": get_profile,
    "check_app_id_secret": check_app_id_secret,
    "system": nothing_needed,
    "openid_configuration": nothing_needed,
    "oauth_authorization_server": nothing_needed,
    "jwks": nothing_needed,
    "healthz": nothing_needed,
    "readyz": nothing_needed,
}
"""By the operation's name. An operation that is missing here has no story at all."""
