"""Situations that are the same for every operation: a call that would succeed, one thing wrong."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NoReturn

import httpx

from gatepost.api.flood_guard import FloodGuard
from gatepost.api.http import LARGEST_BODY
from gatepost.storage import users
from tests.support.backstage import set_status
from tests.support.calls import Call
from tests.support.right_calls import Stage

Story = Callable[[Stage], Awaitable[httpx.Response]]
"""Makes a situation, calls, and hands back the answer."""

NOBODY = "0" * 24


class Broken:
    """A part with a mistake of ours in it: whatever is asked of it fails."""

    def __getattr__(self, name: str) -> NoReturn:
        raise RuntimeError(name)


async def never() -> AsyncIterator[bytes]:
    """A body that begins and never goes on."""
    yield b"{"
    await asyncio.Event().wait()


async def invalid_request(stage: Stage) -> httpx.Response:
    call = await stage.right()
    if stage.operation.body is None:
        (name, *_) = stage.operation.query
        return await stage.send(Call(headers=call.headers, query=f"?{name}=%00"))
    return await stage.send(call, content=b"[]")


async def app_unknown(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_headers(x_genauth_app_id=NOBODY))


async def client_unauthenticated(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    proof = base64.b64encode(f"{ann.app.app_id}:{'0' * 32}".encode()).decode()
    call = await stage.right(ann)
    return await stage.send(call.with_headers(authorization=f"Basic {proof}"))


async def two_secrets(stage: Stage) -> httpx.Response:
    """Where the app need not prove itself, it may still not contradict itself."""
    ann = await stage.ann()
    proof = base64.b64encode(f"{ann.app.app_id}:{'0' * 32}".encode()).decode()
    call = (await stage.right(ann)).with_body(client_secret=ann.app.secret)
    return await stage.send(call.with_headers(authorization=f"Basic {proof}"))


async def changes_paused(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    until = stage.world.clock() + 3_600_000
    await stage.world.database.unit(lambda tx: users.pause_changes(tx, ann.user_id, until))
    return await stage.send(call)


async def reauthentication_required(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    await stage.world.set_pool(ann.app.pool_id, reauthenticateWithin="1")
    stage.world.clock.advance(2)
    return await stage.send(call)


async def not_signed_in(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_headers(authorization=None))


async def session_ended(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    return await stage.send(call.with_headers(authorization=f"Bearer {(ann.token or '')[:-9]}"))


async def user_suspended(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    await set_status(stage.world, ann.user_id, "Suspended")
    return await stage.send(call)


async def body_too_large(stage: Stage) -> httpx.Response:
    return await stage.send(await stage.any_call(), content=b" " * LARGEST_BODY)


async def body_too_slow(stage: Stage) -> httpx.Response:
    server = stage.server(slowest_body_seconds=0.01)
    return await stage.send(await stage.any_call(), server=server, content=never())


async def content_type_unsupported(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.any_call()).with_headers(content_type="text/plain"))


async def too_many_at_once(stage: Stage) -> httpx.Response:
    server = stage.server(FloodGuard(most_of_one_client=0))
    return await stage.send(await stage.any_call(), server=server)


async def overloaded(stage: Stage) -> httpx.Response:
    return await stage.send(await stage.any_call(), server=stage.server(FloodGuard(most_of_all=0)))


async def server_defect(stage: Stage) -> httpx.Response:
    call = await stage.any_call()
    parts: dict[str, Any] = {"database": Broken(), "key_store": Broken()}
    if stage.operation.name in ("healthz", "openid_configuration"):  # which use neither
        parts = {"settings": Broken()}
    return await stage.send(call, server=stage.server(**parts))


EVERYWHERE: dict[str, Story] = {
    "InvalidRequest": invalid_request,
    "AppUnknown": app_unknown,
    "ClientUnauthenticated": client_unauthenticated,
    "ChangesPaused": changes_paused,
    "ReauthenticationRequired": reauthentication_required,
    "NotSignedIn": not_signed_in,
    "SessionEnded": session_ended,
    "UserSuspended": user_suspended,
    "BodyTooLarge": body_too_large,
    "BodyTooSlow": body_too_slow,
    "ContentTypeUnsupported": content_type_unsupported,
    "TooManyAtOnce": too_many_at_once,
    "Overloaded": overloaded,
    "ServerDefect": server_defect,
}
"""By the name of the refusal: stories that do for every operation."""
