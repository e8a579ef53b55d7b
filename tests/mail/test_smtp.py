"""Mail over real sockets, to a server that keeps it or misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest

from gatepost.mail.message import Message, Sender
from gatepost.mail.mime import encode
from gatepost.mail.smtp import SmtpTransport
from gatepost.mail.smtp_pool import Patience
from gatepost.mail.smtp_server import SmtpServer
from gatepost.mail.transport import Deferred, Delivered, Delivery, Refused
from gatepost.vocabulary.language import Language
from tests.support.certificates import Certificate
from tests.support.smtp_sink import Point, SmtpSink

GATEPOST = Sender("no-reply@gatepost.example", "Gatepost")
TO_ANN = Message(
    message_id="0123456789abcdef01234567",
    sender=GATEPOST,
    recipient="ann@example.com",
    subject="482913 is your code",
    text="Your code:\n\n482913\n",
    html="<p>482913</p>\n",
    language=Language.EN_US,
    sent_at=1_767_323_045_678,
)
QUICK = Patience(connect_seconds=0.3, command_seconds=0.3)


@asynccontextmanager
async def going_to(
    sink: SmtpSink,
    query: str = "",
    *,
    connections: int = 4,
    patience: Patience | None = None,
    trusting: Certificate | None = None,
) -> AsyncIterator[SmtpTransport]:
    certificate = trusting or sink.certificate
    transport = SmtpTransport.from_url(
        sink.url + query,
        GATEPOST,
        connections=connections,
        patience=patience,
        tls_context=certificate.client_context if certificate else None,
    )
    try:
        yield transport
    finally:
        await transport.close()


async def test_a_mail_arrives_byte_for_byte() -> None:
    dotted = replace(TO_ANN, text=".\n..\n.hidden\n...three\nend.", html=".\n<p>.</p>\n.")
    async with SmtpSink() as sink, going_to(sink) as transport:
        assert await transport.send(dotted) == Delivered()

        (mail,) = sink.mails
        assert mail.raw == encode(dotted)
        assert mail.sender == "no-reply@gatepost.example"
        assert mail.recipients == ("ann@example.com",)
        assert mail.text.replace("\r\n", "\n") == dotted.text
        assert not mail.tls


async def test_twenty_mails_go_over_four_connections() -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        mails = [replace(TO_ANN, recipient=f"user{n}@example.com") for n in range(20)]
        outcomes = await asyncio.gather(*map(transport.send, mails))

        assert set(outcomes) == {Delivered()}
        assert sorted(m.recipients[0] for m in sink.mails) == sorted(m.recipient for m in mails)
        assert sink.connections <= 4
        verbs = {command.split()[0] for command in sink.commands}
        assert verbs == {"EHLO", "MAIL", "RCPT", "DATA"}


async def test_one_connection_carries_mails_one_after_another() -> None:
    async with SmtpSink() as sink, going_to(sink, connections=1) as transport:
        await asyncio.gather(*(transport.send(TO_ANN) for _ in range(5)))

        assert sink.connections == 1
        await transport.close()
        await sink.until(lambda sink: sink.open_connections == 0)
        assert sink.commands[-1] == "QUIT"
        assert isinstance(await transport.send(TO_ANN), Deferred)


async def test_a_connection_is_given_up_after_so_many_mails() -> None:
    patience = Patience(mails_per_connection=2)
    async with SmtpSink() as sink, going_to(sink, patience=patience) as transport:
        for _ in range(5):
            assert await transport.send(TO_ANN) == Delivered()

        assert sink.connections == 3


async def test_an_idle_connection_is_closed_with_a_goodbye() -> None:
    patience = Patience(idle_seconds=0.02)
    async with SmtpSink() as sink, going_to(sink, patience=patience) as transport:
        await transport.send(TO_ANN)
        await sink.until(lambda sink: sink.open_connections == 0)

        assert sink.commands[-1] == "QUIT"
        assert await transport.send(TO_ANN) == Delivered()
        assert sink.connections == 2


@pytest.mark.parametrize("answer", ["drop", "421 4.4.2 idle for too long", "503 5.5.1 lost track"])
async def test_a_connection_that_died_in_the_pool_costs_no_mail(answer: str) -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        await transport.send(TO_ANN)
        sink.plan(("MAIL", answer))

        assert await transport.send(TO_ANN) == Delivered()
        assert (len(sink.mails), sink.connections) == (2, 2)


async def test_a_server_that_went_away_and_came_back() -> None:
    async with SmtpSink() as sink:
        transport = SmtpTransport.from_url(sink.url, GATEPOST, patience=QUICK)
        assert await transport.send(TO_ANN) == Delivered()
    assert isinstance(await transport.send(TO_ANN), Deferred)
    async with SmtpSink(port=sink.port) as again:
        assert await transport.send(TO_ANN) == Delivered()
        assert len(again.mails) == 1
        await transport.close()


@pytest.mark.parametrize("point", ["RCPT", "DATA", "body"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("421 4.3.2 closing", Deferred),
        ("451 4.7.1 greylisted", Deferred),
        ("452 4.2.2 full", Deferred),
        ("550 5.1.1 no such user", Refused),
        ("554 5.7.1 spam", Refused),
        ("nonsense", Deferred),
        ("drop", Deferred),
    ],
)
async def test_what_the_server_says_to_a_mail_decides(
    point: Point, answer: str, outcome: type[Delivery]
) -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        sink.plan((point, answer))

        assert isinstance(await transport.send(TO_ANN), outcome)
        assert await transport.send(TO_ANN) == Delivered()
        assert sink.connections == 2


@pytest.mark.parametrize("point", ["greeting", "EHLO", "MAIL"])
@pytest.mark.parametrize("answer", ["421 4.3.2 busy", "554 5.7.1 go away", "drop"])
async def test_a_server_that_does_not_want_us_costs_no_mail(point: Point, answer: str) -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        sink.plan((point, answer), ("HELO", answer))

        assert isinstance(await transport.send(TO_ANN), Deferred)
        assert not sink.mails


@pytest.mark.parametrize("point", ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body"])
async def test_a_server_that_hangs_holds_a_mail_no_longer_than_the_limit(point: Point) -> None:
    async with SmtpSink() as sink, going_to(sink, patience=QUICK) as transport:
        sink.plan((point, "hang"))

        async with asyncio.timeout(5):
            assert isinstance(await transport.send(TO_ANN), Deferred)
        sink.release()
        assert await transport.send(TO_ANN) == Delivered()


async def test_a_lost_answer_sends_the_same_mail_again_with_the_same_id() -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        sink.plan(("body", "drop"))

        assert isinstance(await transport.send(TO_ANN), Deferred)
        assert await transport.send(TO_ANN) == Delivered()
        assert len({mail.message["Message-ID"] for mail in sink.mails}) == 1
        assert len(sink.mails) == 2


async def test_a_mail_that_is_called_off_leaves_no_connection_half_way() -> None:
    async with SmtpSink() as sink, going_to(sink, connections=1) as transport:
        sink.plan(("RCPT", "hang"))
        sending = asyncio.create_task(transport.send(TO_ANN))
        await sink.until(lambda sink: "RCPT TO:<ann@example.com>" in sink.commands)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        sink.release()

        assert await transport.send(TO_ANN) == Delivered()


async def test_a_reason_repeats_no_address_and_no_code() -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        sink.plan(("body", "550 5.7.1 <ann@example.com>: '482913 is your code'\tis spam"))

        assert await transport.send(TO_ANN) == Refused("data: 550 5.7.1 … '… is your code' is spam")


async def test_what_is_no_mail_is_refused_without_a_connection() -> None:
    async with SmtpSink() as sink, going_to(sink) as transport:
        outcome = await transport.send(replace(TO_ANN, subject="Hi\r\nBcc: mallory@example.com"))

        assert isinstance(outcome, Refused)
        assert "mallory" not in outcome.reason
        assert sink.connections == 0


async def test_a_password_is_shown_to_the_server() -> None:
    for mechanisms in ("PLAIN", "LOGIN", "LOGIN PLAIN"):
        async with (
            SmtpSink(tls="implicit", login=("ann", "s3cret"), mechanisms=mechanisms) as sink,
            going_to(sink) as transport,
        ):
            assert await transport.send(TO_ANN) == Delivered()
            assert (sink.mails[0].user, sink.mails[0].tls) == ("ann", True)


@pytest.mark.parametrize("mechanisms", ["PLAIN", "LOGIN", "PLAIN LOGIN", "GSSAPI"])
async def test_a_wrong_password_waits_for_the_operator_and_is_not_repeated(
    mechanisms: str,
) -> None:
    async with SmtpSink(login=("ann", "s3cret"), mechanisms=mechanisms) as sink:
        server = replace(SmtpServer.parse(sink.url), password="hunter22")
        transport = SmtpTransport(server, GATEPOST, patience=QUICK)
        outcome = await transport.send(TO_ANN)
        await transport.close()

        assert isinstance(outcome, Deferred)
        assert "hunter" not in outcome.reason
        assert not sink.mails


async def test_starttls_is_used_where_it_is_offered() -> None:
    async with SmtpSink(tls="starttls", login=("ann", "s3cret")) as sink:
        for query in ("", "?starttls=require"):
            async with going_to(sink, query) as transport:
                assert await transport.send(TO_ANN) == Delivered()
                assert sink.mails[-1].tls


async def test_required_starttls_sends_nothing_to_a_server_without_it() -> None:
    async with SmtpSink(login=("ann", "s3cret")) as sink:
        async with going_to(sink, "?starttls=require") as transport:
            outcome = await transport.send(TO_ANN)

        assert isinstance(outcome, Deferred)
        assert "STARTTLS" in outcome.reason
        assert {command.split()[0] for command in sink.commands} == {"EHLO"}


async def test_a_server_that_offers_starttls_and_then_will_not_gets_no_mail() -> None:
    async with SmtpSink(tls="starttls") as sink, going_to(sink) as transport:
        sink.plan(("STARTTLS", "454 4.7.0 not now"))

        assert isinstance(await transport.send(TO_ANN), Deferred)
        assert not sink.mails


async def test_starttls_can_be_declined() -> None:
    async with (
        SmtpSink(tls="starttls") as sink,
        going_to(sink, "?starttls=never") as transport,
    ):
        assert await transport.send(TO_ANN) == Delivered()
        assert not sink.mails[0].tls


@contextmanager
def _quiet_loop() -> Iterator[None]:
    # The server's side of a refused handshake is reported to the loop; it is expected here.
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda *_: None)
    try:
        yield
    finally:
        loop.set_exception_handler(None)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_a_certificate_of_somebody_else_is_refused(tls: str) -> None:
    mallorys = Certificate.for_hosts("mallory.example")
    strangers = Certificate.for_hosts("localhost", "127.0.0.1")
    with _quiet_loop():
        for shown, trusted in ((mallorys, mallorys), (strangers, mallorys)):
            async with (
                SmtpSink(
                    tls="starttls" if tls == "starttls" else "implicit",
                    certificate=shown,
                    login=("ann", "s3cret"),
                ) as sink,
                going_to(sink, patience=QUICK, trusting=trusted) as transport,
            ):
                outcome = await transport.send(TO_ANN)

                assert isinstance(outcome, Deferred)
                assert "certificate" in outcome.reason.lower()
                assert not any(command.startswith("AUTH") for command in sink.commands)


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    to_an = replace(TO_ANN, recipient="安@xn--fiq228c.test")
    async with SmtpSink() as sink, going_to(sink) as transport:
        assert await transport.send(to_an) == Delivered()
        assert sink.mails[0].recipients == ("安@xn--fiq228c.test",)
        assert sink.mails[0].options == "SMTPUTF8 BODY=8BITMIME"
        assert sink.mails[0].raw == encode(to_an)
    async with SmtpSink(smtputf8=False) as sink, going_to(sink) as transport:
        assert isinstance(await transport.send(to_an), Refused)
        assert await transport.send(TO_ANN) == Delivered()
