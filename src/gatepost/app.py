"""The composition root: here, and only here, the parts of a server are put together."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gatepost.api.http import Receive, Scope, Send
from gatepost.api.request_tally import RequestTally
from gatepost.api.routes import ROUTES
from gatepost.api.routing import Route, Table
from gatepost.api.server import Server
from gatepost.audit.refusals import RefusalLog
from gatepost.chance import system_chance
from gatepost.context import Context
from gatepost.credentials.key_store import KeyStore
from gatepost.credentials.passwords import COST, Cost, Passwords
from gatepost.hangup import keys_reread_on_hangup
from gatepost.log import Log
from gatepost.mail.mailbox import MailboxTransport
from gatepost.mail.message import Sender
from gatepost.mail.smtp import SmtpTransport
from gatepost.mail.transport import Transport
from gatepost.mail.worker import MailWorker
from gatepost.metrics import port
from gatepost.metrics.asking import Metrics
from gatepost.metrics.reading import Watched
from gatepost.metrics.workers import Workers
from gatepost.server_key_file import fit_keys_to_database, load_server_keys
from gatepost.server_keys import ServerKeys
from gatepost.settings import SettingError, Settings
from gatepost.storage import server_keys
from gatepost.storage.database import Clock, Database
from gatepost.storage.migration import migrate
from gatepost.storage.migrations import HEAD
from gatepost.upkeep import SWEEP_SECONDS, Upkeep
from gatepost.vocabulary.identifiers import Chance
from gatepost.web.routes import WEB_ROUTES


def system_clock() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Parts:
    """What differs between service and tests: clock, chance, the way out for mails, sweeping,
    doors that only tests have, and what a password hash costs."""

    clock: Clock = system_clock
    chance: Chance = field(default=system_chance)
    transport: Callable[[Settings, Database], Transport] | None = None
    sweep_seconds: float = SWEEP_SECONDS
    routes: Sequence[Route] = ()
    password_cost: Cost = COST


async def open_database(settings: Settings, clock: Clock) -> Database:
    """Connect to the database that is set. Raises SettingError where that cannot be done."""
    if settings.on_sqlite:
        return _open_sqlite(Path(settings.database.removeprefix("sqlite:///")), clock)
    return await _open_postgresql(settings.database, clock)


def _open_sqlite(path: Path, clock: Clock) -> Database:
    from gatepost.storage.sqlite import SqliteDatabase

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and not os.access(path, os.W_OK):
            raise SettingError(f"the database {path} cannot be written")
        return SqliteDatabase(path, clock)
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise SettingError(f"the database {path} cannot be opened: {reason}") from None


async def _open_postgresql(url: str, clock: Clock) -> Database:
    import asyncpg

    from gatepost.storage.postgresql import PostgresqlDatabase

    try:
        return await PostgresqlDatabase.connect(url, clock)
    except ValueError:  # its text may quote the password
        raise SettingError("GATEPOST_DATABASE_URL is not a URL that PostgreSQL reads") from None
    except asyncpg.TargetServerAttributeNotMatched:
        raise SettingError(
            "GATEPOST_DATABASE_URL cannot be connected to: no host that answers is the primary,"
            " or what target_session_attrs asks for"
        ) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = error if isinstance(error, asyncpg.PostgresError) else "nobody answers there"
        raise SettingError(f"GATEPOST_DATABASE_URL cannot be connected to: {reason}") from None


async def migrate_database(settings: Settings, database: Database) -> bool:
    """Bring the schema up to date; says whether there was anything to do."""
    return await migrate(database, "sqlite" if settings.on_sqlite else "postgresql")


@asynccontextmanager
async def opened(
    settings: Settings, parts: Parts = Parts()
) -> AsyncIterator[tuple[Database, ServerKeys]]:
    """The database, at the schema of this release, and server keys that fit it.

    SQLite is brought up to date by itself; PostgreSQL, which other nodes may be using, is not.
    Raises SettingError.
    """
    if not settings.on_sqlite:
        load_server_keys(settings, parts.chance)  # a mistake here is told before any other
    database = await open_database(settings, parts.clock)
    try:
        if settings.on_sqlite:
            await migrate_database(settings, database)
        elif await database.schema_version() != HEAD:
            raise SettingError("the database's schema is not of this release: run gatepost migrate")
        is_new = not await server_keys.fingerprints(database.reader())
        keys = load_server_keys(settings, parts.chance, may_make=is_new)
        await fit_keys_to_database(database, keys)
        yield database, keys
    finally:
        await database.close()


def sender_of(settings: Settings) -> Sender:
    """Whom mails are from. Raises SettingError."""
    try:
        return Sender.parse(settings.sender)
    except ValueError as error:
        raise SettingError(f"GATEPOST_MAIL_FROM: {error}") from None


def transport_of(settings: Settings, database: Database) -> Transport:
    """The way out for mails: SMTP where it is set, else the development mailbox.

    Raises SettingError where there is neither: mails would pile up unseen.
    """
    if settings.smtp_url:
        try:
            return SmtpTransport.from_url(settings.smtp_url, sender_of(settings))
        except ValueError as error:
            raise SettingError(f"GATEPOST_SMTP_URL: {error}") from None
    if settings.dev_mailbox:
        return MailboxTransport(database)
    raise SettingError(
        "GATEPOST_SMTP_URL is not set, nor GATEPOST_DEV_MAILBOX: mails would have no way out"
    )


class Application:
    """The whole server as one ASGI application."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts = Parts(),
        *,
        rereads_keys: bool = False,
        workers: Workers | None = None,
    ) -> None:
        self._settings = settings
        self._parts = parts
        self._rereads_keys = rereads_keys
        self._workers = workers or Workers()
        self._leaving = False
        self._log = Log(parts.clock, settings.log_level)
        self._server: Server | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or live through the server's life (ASGI lifespan protocol)."""
        if scope["type"] == "http" and self._server is not None:
            await self._server(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

    def leave(self) -> int:
        """The server is about to stop: `/readyz` says so from now on.

        Answers for how many seconds it should go on meanwhile.
        """
        self._leaving = True
        self._log.write("info", "leaving", seconds=self._settings.drain_seconds)
        return self._settings.drain_seconds

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            async with self.running() as self._server:
                self._log.write("info", "serving", process=os.getpid())
                await send({"type": "lifespan.startup.complete"})
                await receive()
                self._log.write("info", "stopping")
            self._log.flush()
        except SettingError as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
        else:
            await send({"type": "lifespan.shutdown.complete"})

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        """Everything a server needs, from the database to the mail worker, while it runs."""
        settings, parts, log = self._settings, self._parts, self._log
        log.adopt_logging()
        async with opened(settings, parts) as (database, keys):
            transport = (parts.transport or transport_of)(settings, database)
            worker = MailWorker(
                database, keys, parts.clock, parts.chance, transport, sender_of(settings), log
            )
            key_store = KeyStore(database, keys, parts.chance, settings.issuer)
            await key_store.open()
            passwords = Passwords(parts.chance, cost=parts.password_cost)
            refusals = RefusalLog(
                database, lambda: key_store.audit_keys, parts.clock, parts.chance, log
            )
            context = Context(
                settings=settings,
                database=database,
                clock=parts.clock,
                chance=parts.chance,
                keys=keys,
                key_store=key_store,
                passwords=passwords,
                mail_is_due=worker.wake,
                mail_is_worked=worker.is_working,
                refusals=refusals,
                is_leaving=lambda: self._leaving,
            )
            requests = RequestTally()
            metrics = Metrics(settings, Watched(context, worker, requests), self._workers)
            upkeep = Upkeep(context, log, parts.sweep_seconds)
            worker.start()
            upkeep.start()
            refusals.start()
            async with AsyncExitStack() as doors:
                doors.callback(passwords.close)
                doors.push_async_callback(refusals.stop)
                doors.push_async_callback(worker.stop)
                doors.push_async_callback(upkeep.stop)
                await doors.enter_async_context(metrics.shared())
                await doors.enter_async_context(port.opened(settings, metrics))
                if self._rereads_keys:
                    doors.enter_context(
                        keys_reread_on_hangup(
                            settings, parts.chance, database, keys, key_store, log
                        )
                    )
                table = Table([*ROUTES, *WEB_ROUTES, *metrics.routes(), *parts.routes])
                yield Server(context, table, log, requests)
