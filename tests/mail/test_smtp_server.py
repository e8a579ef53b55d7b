"""One URL says which server; a mistake in it is said without giving the password away."""

from __future__ import annotations

import pytest

from gatepost.mail.message import Sender
from gatepost.mail.smtp import SmtpTransport
from gatepost.mail.smtp_server import SmtpServer, is_loopback


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25)),
        ("smtp://mail.example/", SmtpServer("mail.example", 25)),
        ("smtp://mail.example:2525", SmtpServer("mail.example", 2525)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, tls=True)),
        ("smtp://[::1]:2525", SmtpServer("::1", 2525)),
        (
            "smtp://mail.example?starttls=require",
            SmtpServer("mail.example", 25, start_tls="require"),
        ),
        ("smtp://mail.example?starttls=never", SmtpServer("mail.example", 25, start_tls="never")),
        (
            "smtps://ann:s3cret@mail.example",
            SmtpServer("mail.example", 465, tls=True, user="ann", password="s3cret"),
        ),
        (
            "smtp://ann%40example.com:s%2F%3a%40%25@mail.example:2525",
            SmtpServer("mail.example", 2525, False, "require", "ann@example.com", "s/:@%"),
        ),
        (
            "smtp://ann:s3cret@localhost:2525",
            SmtpServer("localhost", 2525, user="ann", password="s3cret"),
        ),
    ],
)
def test_a_url_says_which_server(url: str, server: SmtpServer) -> None:
    assert SmtpServer.parse(url) == server


def test_a_password_goes_to_another_machine_by_tls_only() -> None:
    server = SmtpServer.parse("smtp://ann:s3cret@mail.example")

    assert (server.port, server.start_tls) == (587, "require")
    with pytest.raises(ValueError, match="in clear"):
        SmtpServer.parse("smtp://ann:s3cret@mail.example?starttls=never")
    assert SmtpServer.parse("smtp://ann:s3cret@127.0.0.1?starttls=never").start_tls == "never"


@pytest.mark.parametrize("password", ["hunter22", "hunter%4022"])
@pytest.mark.parametrize(
    "shape",
    [
        "{0}",
        "smtp:ann:{0}@mail.example",
        "http://ann:{0}@mail.example",
        "ann:{0}@mail.example",
        "smtp://ann:{0}@",
        "smtp://ann:{0}@mail.example:port",
        "smtp://ann:{0}@mail.example:99999",
        "smtp://ann:{0}@mail.example:0",
        "smtp://ann:a/{0}@mail.example",
        "smtp://ann:a?{0}@mail.example",
        "smtp://ann:a#{0}@mail.example",
        "smtp://ann:a@{0}@mail example",
        "smtp://ann:{0}@[mail.example",
        "smtp://ann:{0}@mail.example?starttls=maybe",
        "smtp://ann:{0}@mail.example?password={0}",
        "smtp://ann:{0}@mail.example/{0}",
        "smtp://ann:{0}%00@mail.example",
        "smtp://ann:{0}%ff@mail.example",
        "smtp://ann:{0}\n@mail.example",
        "smtp://:{0}@mail.example",
        "smtp://{0}@mail.example",
        "smtp://{0}:@mail.example",
        "smtp://ann:{0}@mail_{0}.example",
        "smtp://ann:{0}@mail.example?starttls=never",
    ],
)
def test_a_mistake_is_one_line_that_never_holds_the_password(shape: str, password: str) -> None:
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as caught:
        SmtpServer.parse(shape.format(password))

    seen: BaseException | None = caught.value
    while seen:
        assert "hunter" not in f"{seen} {seen!r}"
        seen = seen.__cause__ or seen.__context__


async def test_no_repr_holds_the_password() -> None:
    url = "smtp://ann:hunter22@mail.example:2525"
    transport = SmtpTransport.from_url(url, Sender("no-reply@gatepost.example"))

    assert repr(transport) == "<SmtpTransport smtp://mail.example:2525>"
    assert "hunter" not in repr(SmtpServer.parse(url))
    await transport.close()


@pytest.mark.parametrize("host", ["localhost", "mail.localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example", "10.0.0.1", "127.0.0.1.example", "::2"])
def test_another_machine(host: str) -> None:
    assert not is_loopback(host)
