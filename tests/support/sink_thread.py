"""An SMTP sink in a thread of its own, for tests that outlive an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from tests.support.received_mail import Mail
from tests.support.smtp_sink import Point, SmtpSink


class SinkThread:
    """A sink that runs until it is stopped; waiting is done from any thread."""

    def __init__(self, port: int = 0) -> None:
        self.sink = SmtpSink(port=port, on_mail=self._keep)
        self.mails: list[Mail] = []
        self.url = ""
        self.listeners: list[Callable[[], object]] = []
        self._news = threading.Condition()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    def __enter__(self) -> SinkThread:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    async def _run(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with self.sink:
            self.url = self.sink.url
            self._ready.set()
            await self._end.wait()

    def plan(self, *acts: tuple[Point, str]) -> None:
        """Misbehave, as `SmtpSink.plan` says."""
        self._loop.call_soon_threadsafe(self.sink.plan, *acts)

    def release(self) -> None:
        """Let everything that hangs go on."""
        self._loop.call_soon_threadsafe(self.sink.release)

    def go_away(self) -> None:
        """Be down: every connection ends, and nobody listens at the port any more."""
        asyncio.run_coroutine_threadsafe(self.sink.__aexit__(), self._loop).result(10)

    def come_back(self) -> None:
        """Listen again, at the same port and with the mails of before."""
        asyncio.run_coroutine_threadsafe(self.sink.__aenter__(), self._loop).result(10)

    def _keep(self, mail: Mail) -> None:
        with self._news:
            self.mails.append(mail)
            self._news.notify_all()
        for listener in tuple(self.listeners):
            listener()

    def ids(self) -> set[str]:
        """The ids of the mails so far: what stands before the @ of their Message-ID."""
        headers = [str(mail.message["Message-ID"]) for mail in tuple(self.mails)]
        return {header.strip("<>").partition("@")[0] for header in headers}

    def wait(self, condition: Callable[[], bool], seconds: float = 15) -> bool:
        """Whether something came to hold of the mails in time."""
        with self._news:
            return self._news.wait_for(condition, seconds)

    def code_to(self, address: str, about: str = "") -> str | None:
        """The code of the newest mail to an address that carries one and has this subject."""
        codes = [mail.code for mail in self._to(address) if about in mail.subject]
        return next((code for code in reversed(codes) if code), None)

    def mail_to(self, address: str, count: int = 1) -> Mail:
        """The newest mail to an address, once there are `count` of them."""
        assert self.wait(lambda: len(self._to(address)) >= count), f"no mail to {address}"
        return self._to(address)[-1]

    def code(self, address: str, count: int = 1) -> str:
        """The newest code to an address, once there are `count` of them."""
        assert self.wait(lambda: len(self.codes(address)) >= count), f"no code to {address}"
        return self.codes(address)[-1]

    def _to(self, address: str) -> list[Mail]:
        return [mail for mail in tuple(self.mails) if address in mail.recipients]

    def codes(self, address: str) -> list[str]:
        """The codes to an address so far."""
        return [mail.code for mail in self._to(address) if mail.code]
