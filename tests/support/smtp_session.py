"""One conversation of the SMTP sink."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

from tests.support.received_mail import Mail

if TYPE_CHECKING:
    from tests.support.smtp_sink import SmtpSink


class Dropped(Exception):
    """The connection ends here, without a word."""


class Session:
    def __init__(
        self, sink: SmtpSink, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.sink, self.reader, self.writer = sink, reader, writer
        self.encrypted = sink.tls == "implicit"
        self.user: str | None = None
        self._forget()

    async def run(self) -> None:
        self._say(await self.sink.play("greeting") or "220 sink ESMTP")
        while line := await self.reader.readline():
            command = line.decode("utf-8").rstrip("\r\n")
            if not line.endswith(b"\r\n"):
                self._say("500 a line ends in CRLF")
                continue
            verb, _, rest = command.partition(" ")
            self.sink.commands.append(command)
            self.sink.changed()
            await self._obey(verb.upper(), rest)
            if verb.upper() == "QUIT":
                return

    async def _obey(self, verb: str, rest: str) -> None:
        act = getattr(self, f"_on_{verb.lower()}", None)
        if act is None:
            self._say("502 not here")
        elif verb in ("MAIL", "RCPT", "DATA") and self.sink.login and self.user is None:
            self._say("530 5.7.0 authentication required")
        else:
            played = await self.sink.play(verb)
            if played:
                self._say(played)
            else:
                await act(rest)

    def _say(self, line: str) -> None:
        self.writer.write(line.encode("utf-8", "surrogateescape") + b"\r\n")

    def _forget(self) -> None:
        self.sender: str | None = None
        self.options = ""
        self.recipients: list[str] = []

    async def _on_ehlo(self, _: str) -> None:
        self._forget()
        offers = ["sink", "8BITMIME"]
        if self.sink.smtputf8:
            offers.append("SMTPUTF8")
        if self.sink.tls == "starttls" and not self.encrypted:
            offers.append("STARTTLS")
        if self.sink.login:
            offers.append(f"AUTH {self.sink.mechanisms}")
        for offer in offers[:-1]:
            self._say(f"250-{offer}")
        self._say(f"250 {offers[-1]}")

    async def _on_helo(self, _: str) -> None:
        self._forget()
        self._say("250 sink")

    async def _on_starttls(self, _: str) -> None:
        if self.sink.tls != "starttls" or self.encrypted:
            self._say("503 not now")
            return
        self._say("220 go on")
        await self.writer.drain()
        await self.writer.start_tls(self.sink.server_context)
        self.encrypted = True
        self.user = None
        self._forget()

    async def _on_auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            answer = _decoded(initial) if initial else await self._ask("")
            _, user, password = [*answer.split("\0"), "", ""][:3]
        else:
            user = _decoded(initial) if initial else await self._ask("Username:")
            password = await self._ask("Password:")
        if (user, password) == self.sink.login:
            self.user = user
            self._say("235 2.7.0 welcome")
        else:
            self._say(f"535 5.7.8 no such user and password: {user} {password}")

    async def _ask(self, question: str) -> str:
        self._say(f"334 {base64.b64encode(question.encode()).decode()}")
        return _decoded((await self.reader.readline()).decode("ascii").strip())

    async def _on_mail(self, rest: str) -> None:
        if self.sender is not None:
            self._say("503 5.5.1 one at a time")
            return
        address, _, self.options = rest.partition(":")[2].partition(" ")
        self.sender = address.strip("<>")
        self._say("250 2.1.0 ok")

    async def _on_rcpt(self, rest: str) -> None:
        address = rest.partition(":")[2].partition(" ")[0].strip("<>")
        if self.sender is None:
            self._say("503 5.5.1 MAIL first")
        elif not address.isascii() and "SMTPUTF8" not in self.options:
            self._say("553 5.6.7 SMTPUTF8 first")
        else:
            self.recipients.append(address)
            self._say("250 2.1.5 ok")

    async def _on_data(self, _: str) -> None:
        if self.sender is None or not self.recipients:
            self._say("503 5.5.1 RCPT first")
            return
        self._say("354 go on")
        raw = await self._body()
        # A refusal that is planned comes instead of keeping; whatever else after it.
        refusal = await self.sink.play("body", refusals=True)
        if refusal is None:
            self.sink.keep(self._mail(raw))
            await self.sink.play("body")
        self._say(refusal or "250 2.0.0 kept")
        self._forget()

    def _mail(self, raw: bytes) -> Mail:
        assert self.sender is not None
        return Mail(
            self.sender, tuple(self.recipients), raw, self.encrypted, self.user, self.options
        )

    async def _body(self) -> bytes:
        first = await self.reader.readexactly(3)
        if first == b".\r\n":
            return b""
        stuffed = b"\r\n" + first + await self.reader.readuntil(b"\r\n.\r\n")
        return stuffed.removesuffix(b".\r\n").replace(b"\r\n.", b"\r\n").removeprefix(b"\r\n")

    async def _on_rset(self, _: str) -> None:
        self._forget()
        self._say("250 ok")

    async def _on_noop(self, _: str) -> None:
        self._say("250 ok")

    async def _on_quit(self, _: str) -> None:
        self._say("221 bye")


def _decoded(text: str) -> str:
    return base64.b64decode(text).decode("utf-8")
