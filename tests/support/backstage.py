"""A look behind the scenes, and calls from elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx

from gatepost.storage.statement import sql
from tests.support.world import World

_KEPT = (
    "users",
    "sessions",
    "verification_codes",
    "verification_tries",
    "outbox",
    "audit_log WHERE succeeded = 1",
)


async def change(world: World, text: str, **parameters: Any) -> int:
    """Change rows by hand, as an administrator's tool would; says how many."""
    statement = sql(text)
    changed: int = await world.database.unit(lambda tx: tx.run(statement, **parameters))
    return changed


async def rows(world: World, text: str, **parameters: Any) -> list[tuple[Any, ...]]:
    """What the database has."""
    return [tuple(row) for row in await world.database.reader().all(sql(text), **parameters)]


async def footprint(world: World) -> dict[str, int]:
    """How many rows each table has that a call may leave something in."""
    return {table: (await rows(world, f"SELECT count(*) FROM {table}"))[0][0] for table in _KEPT}


async def mails_are_done(world: World, seconds: float = 10) -> None:
    """Wait until no mail waits in the outbox any more."""
    end, pause = time.monotonic() + seconds, asyncio.Event()
    while await rows(world, "SELECT 1 FROM outbox WHERE state = 'queued'"):
        assert time.monotonic() < end, "mails still wait"
        with suppress(TimeoutError):
            await asyncio.wait_for(pause.wait(), 0.01)


async def set_status(world: World, user_id: str, status: str) -> None:
    """Suspend, archive or activate an account."""
    await change(
        world, "UPDATE users SET status = :status WHERE id = :id", status=status, id=user_id
    )


@asynccontextmanager
async def calling_from(world: World, address: str) -> AsyncIterator[World]:
    """The same server, called from another address."""
    transport = httpx.ASGITransport(world.server, client=(address, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        yield replace(world, http=http)


def wrong(code: str) -> str:
    """A code of the same length that is not this one."""
    return str((int(code) + 1) % 10 ** len(code)).zfill(len(code))


def said(answer: dict[str, Any]) -> tuple[int, int | None]:
    """The two codes of an envelope."""
    return answer["statusCode"], answer.get("apiCode")


OK = (200, None)
EMAIL_INVALID = (400, 2204)
NOT_SIGNED_IN = (401, 2020)
SESSION_ENDED = (401, 2206)
APP_UNKNOWN = (401, 2011)
CLIENT_UNAUTHENTICATED = (401, None)
WRONG_CREDENTIALS = (403, 2333)
USER_SUSPENDED = (403, 2120008)
EMAIL_UNVERIFIED = (403, 2042)
CODE_INCORRECT = (400, 2001)
CODE_EXPIRED = (400, 2300)
SENT_TOO_RECENTLY = (422, 2080)
EMAIL_TAKEN = (409, 2200)
EMAIL_ALREADY_BOUND = (422, 90001)
LAST_SIGN_IN_METHOD = (422, 2217)
NO_EMAIL_BOUND = (422, 2219)
OLD_EMAIL_REQUIRED = (400, 2227)
OLD_EMAIL_MISMATCH = (400, 2037)
SAME_EMAIL = (422, 2229)
TOKEN_INVALID = (400, 90002)
REAUTHENTICATION_REQUIRED = (401, 90003)
CHANGES_PAUSED = (403, 90004)
USER_NOT_FOUND = (404, 2004)
TOO_MANY_REQUESTS = (429, 2100)
LDAP_NOT_CONFIGURED = (501, 2820002)
NOT_SUPPORTED = (501, None)
INVALID_REQUEST = (400, None)
