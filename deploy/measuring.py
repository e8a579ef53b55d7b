"""What accounts and operations cost on PostgreSQL: bytes a row, bytes of log, processor time.

The whole server runs inside this process over the database that is named, which must be empty,
and is asked what people ask it. Used by `capacity.py --measure`.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from gatepost.api.server import Server
from gatepost.app import Application, Parts, migrate_database, open_database, system_clock
from gatepost.mail.message import Message
from gatepost.mail.transport import Delivered, Delivery
from gatepost.management.apps import create_app
from gatepost.management.pools import create_pool, set_pool
from gatepost.server_keys import generate
from gatepost.settings import Settings
from gatepost.storage.statement import Statement
from gatepost.vocabulary.application import ClientAuth

AT_ONCE = 16
ROOMY = ("sendsPerClientHour", "signInsPerClientHour", "signUpsPerClientHour")


class Codes:
    """A way out for mails that keeps the code of each."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    async def send(self, message: Message) -> Delivery:
        self.of[message.recipient] = message.code or ""
        return Delivered()

    async def close(self) -> None:
        """Nothing is held."""


class Bench:
    """One server and the people who use it."""

    def __init__(self, server: Server, codes: Codes, skip: Callable[[int], None]) -> None:
        self.server, self.codes, self.skip = server, codes, skip
        self.app_id = ""

    async def found(self) -> None:
        """A pool with room for everybody, and an app."""
        context = self.server.context
        keys, chance, database = context.keys, secrets.token_bytes, context.database
        pool = await database.unit(lambda tx: create_pool(tx, keys, chance, "Capacity"))
        roomy = {f"limits.{name}": "1000000" for name in ROOMY}
        await database.unit(lambda tx: set_pool(tx, pool.user_pool_id, roomy))
        app = await database.unit(
            lambda tx: create_app(tx, keys, chance, pool.user_pool_id, "App", ClientAuth.NONE)
        )
        self.app_id = app.app_id

    async def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """One request, as ASGI has it; its answer, which must be a success."""
        headers = [
            (b"x-genauth-app-id", self.app_id.encode()),
            (b"content-type", b"application/json"),
        ]
        if token:
            headers.append((b"authorization", token.encode()))
        scope = {"type": "http", "method": method, "path": path, "query_string": b""}
        scope |= {"client": ("192.0.2.1", 1), "headers": headers}
        sent: list[bytes] = []

        async def receive() -> dict[str, Any]:
            return {
                "type": "http.request",
                "body": b"" if body is None else json.dumps(body).encode(),
            }

        async def send(message: Any) -> None:
            sent.append(message.get("body", b""))

        await self.server(scope, receive, send)
        answer = json.loads(b"".join(sent))
        if answer.get("statusCode", 200) != 200 or "error" in answer:
            raise RuntimeError(answer)
        return answer.get("data", answer)

    async def ask(self, email: str) -> None:
        await self.call("POST", "/api/v3/send-email", {"email": email, "channel": "CHANNEL_LOGIN"})

    async def enter(self, email: str) -> Any:
        payload = {"email": email, "passCode": self.codes.of[email]}
        options = {"autoRegister": True, "scope": "openid profile email offline_access"}
        body = {"connection": "PASSCODE", "passCodePayload": payload, "options": options}
        return await self.call("POST", "/api/v3/signin", body)

    async def refresh(self, tokens: Any) -> Any:
        body = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        return await self.call("POST", "/oidc/token", body | {"client_id": self.app_id})

    async def ask_to_change(self, email: str, tokens: Any) -> None:
        for address in (email, _new(email)):
            body = {"email": address, "channel": "CHANNEL_UPDATE_EMAIL"}
            await self.call("POST", "/api/v3/send-email", body, tokens["access_token"])

    async def change(self, email: str, tokens: Any) -> None:
        new, of = _new(email), self.codes.of
        payload = {"oldEmail": email, "oldEmailPassCode": of[email]}
        payload |= {"newEmail": new, "newEmailPassCode": of[new]}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        token, path = tokens["access_token"], "/api/v3/verify-update-email-request"
        proved = await self.call("POST", path, body, token)
        body = {"updateEmailToken": proved["updateEmailToken"]}
        await self.call("POST", "/api/v3/update-email", body, token)

    async def look(self, tokens: Any) -> Any:
        return await self.call("GET", "/api/v3/get-profile", token=tokens["access_token"])

    async def rows(self, text: str) -> Sequence[Any]:
        return await self.server.context.database.reader().all(Statement(text, text, ()))

    async def drained(self) -> None:
        """Wait until every mail is out."""
        waiting = "SELECT count(*) FROM outbox WHERE state = 'queued'"
        while (await self.rows(waiting))[0][0]:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _new(email: str) -> str:
    """The address that somebody changes to."""
    return f"new-{email}"


async def _meter(bench: Bench) -> tuple[int, float, float]:
    """Bytes of log so far, seconds of this process, and of PostgreSQL's for it where seen."""
    log = await bench.rows("SELECT CAST(pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bigint)")
    pids = await bench.rows("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return log[0][0], time.process_time(), sum(_seconds_of(row[0]) for row in pids)


def _seconds_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / 100


async def _measured(
    bench: Bench, work: Callable[[Any], Awaitable[Any]], on: Sequence[Any]
) -> tuple[list[Any], dict[str, float]]:
    """Do something for each, some at a time; what came of it and what one cost."""
    before, results = await _meter(bench), []
    for first in range(0, len(on), AT_ONCE):
        results += await asyncio.gather(*(work(each) for each in on[first : first + AT_ONCE]))
    await bench.drained()
    after = await _meter(bench)
    log, server, storage = (b - a for a, b in zip(before, after, strict=True))
    cost = {
        "wal_bytes": round(log / len(on)),
        "server_cpu_us": round(server / len(on) * 1e6),
        "postgresql_cpu_us": round(storage / len(on) * 1e6),
    }
    return results, cost


async def _tables(bench: Bench) -> dict[str, dict[str, float]]:
    """Rows of each table, and bytes a row with its indexes."""
    await bench.rows("SELECT 1")
    names = [row[0] for row in await bench.rows("SELECT relname FROM pg_stat_user_tables")]
    sizes: dict[str, dict[str, float]] = {}
    for name in sorted(names):
        text = f"SELECT count(*), pg_total_relation_size('{name}') FROM {name}"  # noqa: S608
        count, size = (await bench.rows(text))[0]
        if count >= AT_ONCE:
            sizes[name] = {"rows": count, "bytes_a_row": round(size / count)}
    return sizes


async def measure(url: str, people: int) -> dict[str, Any]:
    """So many people ask for a code, sign up, come back, look, renew their tokens, and change
    their addresses."""
    codes, shift = Codes(), 0

    def skip(seconds: int) -> None:
        nonlocal shift
        shift += seconds * 1000

    settings = Settings(
        database_url=url, server_keys=generate(secrets.token_bytes), log_level="error"
    )
    database = await open_database(settings, system_clock)
    if not await migrate_database(settings, database):
        raise SystemExit("the database must be empty")
    await database.close()
    parts = Parts(clock=lambda: system_clock() + shift, transport=lambda *_: codes)
    async with Application(settings, parts).running() as server:
        bench = Bench(server, codes, skip)
        await bench.found()
        emails = [f"{secrets.token_hex(8)}@mail-{n % 7}.example.com" for n in range(people)]
        _, send = await _measured(bench, bench.ask, emails)
        _, sign_up = await _measured(bench, bench.enter, emails)
        first = await _tables(bench)
        skip(61)
        await _measured(bench, bench.ask, emails)
        tokens, sign_in = await _measured(bench, bench.enter, emails)
        _, look = await _measured(bench, bench.look, tokens)
        _, refresh = await _measured(bench, bench.refresh, tokens)
        usual, people_in = await _tables(bench), list(zip(emails, tokens, strict=True))
        await _measured(bench, lambda each: bench.ask_to_change(*each), people_in)
        await _measured(bench, lambda each: bench.change(*each), people_in)
        return {
            "people": people,
            "operations": {
                "send-email": send,
                "sign-up by code": sign_up,
                "sign-in by code": sign_in,
                "get-profile": look,
                "refresh": refresh,
            },
            "tables": await _tables(bench) | first | usual,
        }
