"""Connections to one SMTP server, kept open between mails."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from time import monotonic

from aiosmtplib import SMTP, SMTPException

from gatepost.mail.smtp_server import SmtpServer

TROUBLE = (OSError, SMTPException, ValueError)
_GOODBYE_SECONDS = 0.3
_START_TLS = {"offered": None, "require": True, "never": False}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take (seconds), and how much one connection is used for.

    `connect_seconds` is for the connection and the server's greeting, `command_seconds`
    for the answer to each command.
    """

    connect_seconds: float = 10.0
    command_seconds: float = 30.0
    idle_seconds: float = 30.0
    mails_per_connection: int = 100


@dataclass(slots=True)
class Connection:
    """An SMTP session, greeted and signed in, and how many mails it has carried."""

    smtp: SMTP
    mails: int = 0
    idle_since: float = 0.0


class ConnectionPool:
    """Opens connections, and keeps the idle ones for as long as they are worth keeping.

    Sets no bound on how many are open: whoever takes them does.
    """

    def __init__(
        self,
        server: SmtpServer,
        patience: Patience,
        tls_context: ssl.SSLContext,
        ehlo_name: str,
    ) -> None:
        self._server = server
        self._patience = patience
        self._tls_context = tls_context
        self._ehlo_name = ehlo_name
        self._idle: list[Connection] = []
        self._sweep: asyncio.TimerHandle | None = None
        self._goodbyes: set[asyncio.Task[None]] = set()
        self.closed = False

    async def connect(self) -> Connection:
        """A new connection. Raises one of TROUBLE."""
        server = self._server
        smtp = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            local_hostname=self._ehlo_name,
            use_tls=server.tls,
            start_tls=False if server.tls else _START_TLS[server.start_tls],
            tls_context=self._tls_context,
            timeout=self._patience.command_seconds,
        )
        await smtp.connect(timeout=self._patience.connect_seconds)
        try:
            if smtp.is_ehlo_or_helo_needed:
                await smtp.ehlo()
        except BaseException:
            smtp.close()
            raise
        return Connection(smtp)

    def take(self) -> Connection | None:
        """The connection used last, if one is idle and not known to be dead."""
        while self._idle:
            connection = self._idle.pop()
            if connection.smtp.is_connected:
                return connection
        return None

    def put_back(self, connection: Connection) -> None:
        """Give back a connection that has just carried a mail, with nothing left open on it."""
        connection.mails += 1
        if self.closed or connection.mails >= self._patience.mails_per_connection:
            self._retire(connection)
            return
        connection.idle_since = monotonic()
        self._idle.append(connection)
        if self._sweep is None:
            self._sweep_in(self._patience.idle_seconds)

    async def close(self) -> None:
        """Say goodbye on every idle connection; the others go when they are put back."""
        self.closed = True
        if self._sweep:
            self._sweep.cancel()
        while self._idle:
            self._retire(self._idle.pop())
        await asyncio.gather(*self._goodbyes)

    def _sweep_in(self, seconds: float) -> None:
        self._sweep = asyncio.get_running_loop().call_later(seconds, self._retire_idle)

    def _retire_idle(self) -> None:
        self._sweep = None
        limit = monotonic() - self._patience.idle_seconds
        while self._idle and self._idle[0].idle_since <= limit:
            self._retire(self._idle.pop(0))
        if self._idle:
            self._sweep_in(self._idle[0].idle_since - limit)

    def _retire(self, connection: Connection) -> None:
        goodbye = asyncio.ensure_future(_quit(connection.smtp))
        self._goodbyes.add(goodbye)
        goodbye.add_done_callback(self._goodbyes.discard)


async def _quit(smtp: SMTP) -> None:
    try:
        await smtp.quit(timeout=_GOODBYE_SECONDS)
    except TROUBLE:
        pass
    finally:
        smtp.close()
