"""An SMTP server that keeps every mail, and misbehaves when told to.

In a test: `async with SmtpSink() as sink: … sink.url …`. By itself:
`python -m tests.support.smtp_sink --port 0 --json`, which prints one line with its
port, then each mail as one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import ssl
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.support.certificates import Certificate
from tests.support.received_mail import Mail
from tests.support.smtp_session import Dropped, Session

Point = Literal["greeting", "EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "body"]
Tls = Literal["none", "starttls", "implicit"]
_LIMIT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Act:
    """Planned misbehaviour, once: at this point `drop`, `hang` or say this line instead.

    "body" is after the final dot; what is dropped or hangs there has been kept. An octet that is
    no text is said as a lone surrogate (`os.fsdecode`).
    """

    at: Point
    do: str


@dataclass
class SmtpSink:
    """The server. With `login` (user, password), mail is taken after AUTH only."""

    host: str = "127.0.0.1"
    port: int = 0
    tls: Tls = "none"
    certificate: Certificate | None = None
    login: tuple[str, str] | None = None
    mechanisms: str = "PLAIN LOGIN"
    smtputf8: bool = True
    script: deque[Act] = field(default_factory=deque)
    on_mail: Callable[[Mail], None] | None = None

    mails: list[Mail] = field(default_factory=list)
    connections: int = 0
    open_connections: int = 0
    commands: deque[str] = field(default_factory=lambda: deque(maxlen=10_000))

    async def __aenter__(self) -> SmtpSink:
        if self.tls != "none" and self.certificate is None:
            self.certificate = Certificate.for_hosts("localhost", "127.0.0.1")
        self._released = asyncio.Event()
        self._waiting: list[asyncio.Future[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(
            self._serve,
            self.host,
            self.port,
            ssl=self.server_context if self.tls == "implicit" else None,
            limit=_LIMIT,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def server_context(self) -> ssl.SSLContext:
        assert self.certificate is not None
        return self.certificate.server_context

    @property
    def client_context(self) -> ssl.SSLContext:
        """A context that trusts this server and no other."""
        assert self.certificate is not None
        return self.certificate.client_context

    @property
    def url(self) -> str:
        scheme = "smtps" if self.tls == "implicit" else "smtp"
        login = f"{self.login[0]}:{self.login[1]}@" if self.login else ""
        return f"{scheme}://{login}{self.host}:{self.port}"

    def plan(self, *acts: Act | tuple[Point, str]) -> None:
        """Add misbehaviour; each act is played once, by whichever connection gets there first."""
        self.script.extend(act if isinstance(act, Act) else Act(*act) for act in acts)

    def release(self) -> None:
        """Let everything that hangs go on."""
        self._released.set()

    async def until(self, condition: Callable[[SmtpSink], bool], seconds: float = 10) -> None:
        """Wait until something holds of mails, connections or commands."""
        async with asyncio.timeout(seconds):
            while not condition(self):
                news = asyncio.get_running_loop().create_future()
                self._waiting.append(news)
                await news

    async def wait_for(self, count: int, seconds: float = 10) -> list[Mail]:
        """The mails, once there are at least so many."""
        await self.until(lambda sink: len(sink.mails) >= count, seconds)
        return self.mails

    def changed(self) -> None:
        """Wake whoever waits for something."""
        while self._waiting:
            news = self._waiting.pop()
            if not news.done():
                news.set_result(None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_connections += 1
        try:
            await Session(self, reader, writer).run()
        except (OSError, EOFError, Dropped, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            self.open_connections -= 1
            self._tasks.discard(task)
            writer.close()
            self.changed()

    async def play(self, point: str, refusals: bool = False) -> str | None:
        """What to say instead here, if anything; only refusals where that is asked for."""
        act = next((act for act in self.script if act.at == point), None)
        if act is None or (refusals and act.do in ("drop", "hang")):
            return None
        self.script.remove(act)
        if act.do == "drop":
            raise Dropped
        if act.do == "hang":
            await self._released.wait()
            return None
        return act.do

    def keep(self, mail: Mail) -> None:
        self.mails.append(mail)
        if self.on_mail:
            self.on_mail(mail)
        self.changed()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.support.smtp_sink", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="each mail as a line of JSON")
    parser.add_argument("--output", type=Path, help="where the mails go, instead of stdout")
    parser.add_argument("--login", metavar="USER:PASSWORD", help="take no mail without it")
    return parser.parse_args()


async def _run(options: argparse.Namespace) -> None:
    user, _, password = (options.login or "").partition(":")
    with contextlib.ExitStack() as files:
        output = sys.stdout
        if options.output:
            output = files.enter_context(options.output.open("a", encoding="utf-8"))

        def write(mail: Mail) -> None:
            if options.json:
                print(mail.as_json(), file=output, flush=True)
            sink.mails.clear()

        sink = SmtpSink(
            options.host, options.port, login=(user, password) if user else None, on_mail=write
        )
        async with sink:
            print(json.dumps({"port": sink.port}), flush=True)
            await asyncio.Event().wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(_options()))
