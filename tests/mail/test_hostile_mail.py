"""Whatever is in a mail and whatever the server does: one message, one recipient, our headers."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from os import fsdecode

import msgspec
import pytest

from gatepost.mail.composing import compose
from gatepost.mail.message import Message, Sender
from gatepost.mail.mime import encode
from gatepost.mail.smtp import SmtpTransport
from gatepost.mail.smtp_pool import Patience
from gatepost.mail.transport import Deferred, Delivered, Delivery, Refused
from gatepost.server_keys import ServerKeys, generate
from gatepost.storage.outbox import MAIL_SEAL, QueuedMail, State
from gatepost.vocabulary.language import Language
from tests.support.office import Office
from tests.support.received_mail import Mail
from tests.support.smtp_sink import Point, SmtpSink

NOW = 1_777_900_800_000
GATEPOST = Sender("no-reply@gatepost.example", "Gatepost")
KEYS = ServerKeys.parse(generate(secrets.token_bytes), secrets.token_bytes)
QUICK = Patience(connect_seconds=0.3, command_seconds=0.3)
OUR_HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted",
    "Content-Language", "Content-Type",
]  # fmt: skip
BREAKS = ["\r", "\n", "\r\n", "\n\r", "\0", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"]
BODIES = [
    "a\rb\rc",
    "a\nb\nc",
    "a\r\rb\n\nc\n\r\n",
    ".\n..\n...\n.a\n. ",
    "before\r\n.\r\nMAIL FROM:<mallory@example.com>\r\nRCPT TO:<bob@example.com>\r\nDATA\r\nx",
    "before\n.\nMAIL FROM:<mallory@example.com>\n",
    "before\r.\rMAIL FROM:<mallory@example.com>\r",
    "before\r\n.\rRCPT TO:<bob@example.com>",
    "before\n.\r\nQUIT\r\n",
    "a\0b\x0bc\x85d\u2028e\u2029f",
    "." * 2000,
    "",
]


def hostile(name: str, template: str = "login_verify_code") -> Message:
    """A mail of an app whose name somebody hostile chose."""
    facts = {"verify_code": f"482913{name}", "expires_at": str(NOW + 300_000)}
    mail = QueuedMail(
        id="0123456789abcdef01234567",
        user_pool_id="p",
        app_name=name,
        template=template,
        language=Language.JA_JP.value,
        recipient="ann@example.com",
        variables_sealed=KEYS.seal(MAIL_SEAL, msgspec.json.encode(facts)),
        created_at=NOW,
        give_up_at=NOW + 300_000,
        attempts=0,
    )
    return compose(mail, KEYS, GATEPOST, NOW)


@asynccontextmanager
async def going_to(sink: SmtpSink) -> AsyncIterator[SmtpTransport]:
    transport = SmtpTransport.from_url(sink.url, GATEPOST, patience=QUICK)
    try:
        yield transport
    finally:
        await transport.close()


def expect_only(message: Message, mail: Mail) -> None:
    """What arrived is this mail, byte for byte, to its one recipient."""
    assert mail.raw == encode(message)
    assert (mail.sender, mail.recipients) == ("no-reply@gatepost.example", ("ann@example.com",))
    assert mail.message.keys() == OUR_HEADERS
    assert not mail.message.defects


@pytest.mark.parametrize("end", BREAKS)
async def test_a_name_with_a_line_end_adds_no_header_and_no_recipient(end: str) -> None:
    message = hostile(f"Shop{end}Bcc: mallory@example.com{end}{end}<b>Hi</b>{end}.{end}")
    async with SmtpSink() as sink, going_to(sink) as transport:
        assert await transport.send(message) == Delivered()

        (mail,) = sink.mails
        expect_only(message, mail)
        assert mail.subject.count("Bcc: mallory@example.com") == 2
        assert not any(line.startswith(("Bcc", ".", "<b>")) for line in mail.text.splitlines())
        assert [command.split()[0] for command in sink.commands] == ["EHLO", "MAIL", "RCPT", "DATA"]


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_ends_where_we_end_it(body: str) -> None:
    message = replace(hostile("Shop"), text=body, html=body)
    async with SmtpSink() as sink, going_to(sink) as transport:
        assert await transport.send(message) == Delivered()
        assert await transport.send(message) == Delivered()

        for mail in await sink.wait_for(2):
            expect_only(message, mail)
            lines = body.replace("\r\n", "\n").replace("\r", "\n")
            assert mail.text.replace("\r\n", "\n") == lines
        assert len(sink.mails) == 2
        assert [c.split()[0] for c in sink.commands] == ["EHLO", *["MAIL", "RCPT", "DATA"] * 2]


@pytest.mark.parametrize("point", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body"])
@pytest.mark.parametrize("misdeed", ["drop", "hang", "421 4.3.2 bye", "451 4.7.1 later", "550 no"])
async def test_a_server_that_misbehaves_gets_the_same_mail_again_or_none(
    point: Point, misdeed: str
) -> None:
    message = replace(hostile("Shop\r\nBcc: mallory@example.com"), text=BODIES[4])
    async with SmtpSink() as sink, going_to(sink) as transport:
        sink.plan((point, misdeed))
        if point == "EHLO":
            sink.plan(("HELO", misdeed))
        async with asyncio.timeout(10):
            outcome = await transport.send(message)
        sink.release()

        assert isinstance(outcome, _expected(point, misdeed))
        assert isinstance(await transport.send(message), Delivered)
        for mail in sink.mails:
            expect_only(message, mail)
        kept_before = point == "body" and misdeed in ("drop", "hang")
        assert len(sink.mails) == (2 if kept_before else 1)
        recipients = {command for command in sink.commands if command.startswith("RCPT")}
        assert recipients == {"RCPT TO:<ann@example.com>"}


@pytest.mark.parametrize(
    "what", [b"Empf\xe4nger gesperrt", b"nul \0 and \x1b[31m", "\u202e".encode()]
)
@pytest.mark.parametrize(("status", "state"), [("550", State.REFUSED), ("451", State.QUEUED)])
async def test_an_answer_that_is_no_text_is_kept_with_what_became_of_the_mail(
    office: Office, what: bytes, status: str, state: State
) -> None:
    await office.put()
    async with SmtpSink() as sink:
        sink.plan(("RCPT", f"{status} {fsdecode(what)}"))
        await office.work(sink, lambda sink: bool(sink.commands) and "RCPT" in sink.commands[-1])
    mail = await office.only()
    assert (mail.state, mail.attempts) == (state, 1)
    assert (mail.due_at > mail.created_at) is (state is State.QUEUED)
    said = mail.last_answer or ""
    assert said.startswith(f"recipient: {status} ") and "\ufffd" in said and said.isprintable()


def _expected(point: Point, misdeed: str) -> type[Delivery]:
    """Only a 5xx to this recipient or this mail is final."""
    final = misdeed.startswith("5") and point in ("RCPT", "DATA", "body")
    return Refused if final else Deferred
