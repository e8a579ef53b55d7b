"""The load driver: a process of callers and mailboxes."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from bench.load.job import Flow, Job, Needs, Request
from bench.load.outside import Failed, Outside

ADDRESS = "ann@run1.example.com"


@pytest.fixture
def outside() -> Iterator[Outside]:
    with Outside() as outside:
        yield outside


@contextmanager
def answering(
    outside: Outside, *answers: bytes, status: bytes = b"200 OK"
) -> Iterator[list[bytes]]:
    """A server that gives one connection these answers, in pieces; what it was asked."""
    asked: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))
    outside.address = listener.getsockname()[:2]

    def serve() -> None:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            for answer in answers:
                asked.append(connection.recv(65_536))
                head = b"HTTP/1.1 %s\r\ncontent-length: %d\r\n\r\n" % (status, len(answer))
                for piece in (head[:20], head[20:] + answer[:1], answer[1:]):
                    connection.sendall(piece)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield asked
    finally:
        thread.join(10)
        listener.close()


def mail(outside: Outside, recipient: str, subject: str) -> None:
    with smtplib.SMTP("127.0.0.1", outside.smtp_port, timeout=10) as smtp:
        text = f"From: a@example.com\r\nSubject: {subject}\r\n\r\nHello\r\n.dot\r\n"
        smtp.sendmail("a@example.com", [recipient], text)


def run(outside: Outside, flows: list[Flow]) -> int:
    outside.load(Job(flows, 1, 10.0))
    outside.go()
    return outside.outcome().done


def test_answers_are_put_together_and_counted(outside: Outside) -> None:
    flows: list[Flow] = [(Request(b"one", b"good"),), (Request(b"two", b"good"),)]
    with answering(outside, b"a good one", b"a good two") as asked:
        assert run(outside, flows) == 2
    assert asked == [b"one", b"two"]


def test_a_wrong_answer_fails_the_run(outside: Outside) -> None:
    with answering(outside, b"something else"), pytest.raises(Failed, match="something else"):
        run(outside, [(Request(b"one", b"good"),)])


def test_a_call_that_is_turned_away_says_that_the_machine_was_too_busy(outside: Outside) -> None:
    with (
        answering(outside, b"come later", status=b"503 Service Unavailable"),
        pytest.raises(Failed, match=r"(?s)the machine was too busy: .* \(a 503\).*\scome later"),
    ):
        run(outside, [(Request(b"one", b"good"),)])


def test_a_server_that_hangs_up_fails_the_run(outside: Outside) -> None:
    flows: list[Flow] = [(Request(b"one", b"good"),), (Request(b"two", b"good"),)]
    with answering(outside, b"a good one"), pytest.raises(Failed, match="closed the connection"):
        run(outside, flows)


def test_a_step_takes_what_it_needs_from_the_answer_before(outside: Outside) -> None:
    second = Request(b"<", b"good", b">", Needs.ANSWER, b'"token":"')
    with answering(outside, b'good "token":"abc"', b"good") as asked:
        assert run(outside, [(Request(b"one", b"good"), second)]) == 1
    assert asked[1] == b"<abc>"


def test_a_step_waits_for_the_code_in_a_mail(outside: Outside) -> None:
    mail(outside, ADDRESS, "123456 is your code")
    second = Request(b"<", b"good", b">", Needs.MAIL, ADDRESS.encode())
    with answering(outside, b"good", b"good") as asked:
        assert run(outside, [(Request(b"one", b"good"), second)]) == 1
    assert asked[1] == b"<123456>"


def test_mails_are_counted_by_domain_and_anew_when_let_go(outside: Outside) -> None:
    mail(outside, ADDRESS, "Hello")
    mail(outside, "bob@run1.example.com", "Hello")
    assert outside.post().by_domain == {b"run1.example.com": 2}
    outside.let_mails_go()
    mail(outside, "bob@run2.example.com", "Hello")
    assert outside.post().by_domain == {b"run2.example.com": 1}


def test_held_mails_wait_and_then_come(outside: Outside) -> None:
    outside.hold_mails()
    sender = Thread(target=mail, args=(outside, ADDRESS, "Hello"))
    sender.start()
    sender.join(0.2)
    assert sender.is_alive() and not outside.post().by_domain
    outside.let_mails_go()
    sender.join(10)
    assert outside.post().by_domain == {b"run1.example.com": 1}


def test_more_callers_than_flows_go_home(outside: Outside) -> None:
    with answering(outside, b"good") as asked:
        outside.load(Job([(Request(b"one", b"good"),)], 5, 10.0))
        outside.go()
        assert outside.outcome().done == 1
    assert asked == [b"one"]
