"""Bytes that every other program reads as we meant them."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import Parser
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatepost.mail.message import Message, Sender
from gatepost.mail.mime import encode
from gatepost.vocabulary.language import Language

MESSAGE = Message(
    message_id="0123456789abcdef01234567",
    sender=Sender("no-reply@gatepost.example", "Gatepost"),
    recipient="ann@example.com",
    subject="482913 is your code",
    text="Your code:\n\n482913\n",
    html="<p>Your code:</p>\n<p>482913</p>\n",
    language=Language.EN_US,
    sent_at=1_767_323_045_678,
)
OUR_HEADERS = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
    "Content-Language",
    "Content-Type",
]
CONTROLS = [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u2029", "\ud800"]

bodies = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200) | st.text(
    alphabet=' =?_"\\.,<>@aé安👩\u200d🚀', max_size=120
)


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def test_a_mail_has_exactly_our_headers_each_once() -> None:
    message = read(encode(MESSAGE))

    assert message.keys() == OUR_HEADERS
    assert message["From"] == "Gatepost <no-reply@gatepost.example>"
    assert message["To"] == "ann@example.com"
    assert message["Message-ID"] == "<0123456789abcdef01234567@gatepost.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en-US"
    assert message["Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert parsedate_to_datetime(message["Date"]).timestamp() == MESSAGE.sent_at // 1000


def test_text_comes_before_html() -> None:
    message = read(encode(MESSAGE))

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == [
        "text/plain",
        "text/html",
    ]


@settings(deadline=None)
@given(subject=lines, text=bodies, html=bodies, name=lines)
@example(subject="", text="", html="", name="")
@example(subject=" ", text="...\n.\n..\nFrom x\n", html=".", name=" ")
@example(subject="=?utf-8?q?x?=", text="a\rb\r\nc\nd \n\t\n", html="=\x00\u2028", name="=?x")
@example(subject="a" * 500, text="a" * 2000, html="安" * 700, name='a "b" \\c')
@example(subject="安👩\u200d🚀" * 40, text="👩\u200d🚀" * 300, html=" " * 300, name="店" * 60)
def test_every_text_comes_back_exactly(subject: str, text: str, html: str, name: str) -> None:
    data = encode(
        replace(
            MESSAGE,
            subject=subject,
            text=text,
            html=html,
            sender=Sender("no-reply@gatepost.example", name),
        )
    )
    message = read(data)

    assert message.keys() == OUR_HEADERS
    assert message["Subject"] == subject
    assert [a.addr_spec for a in message["To"].addresses] == ["ann@example.com"]
    assert [a.addr_spec for a in message["From"].addresses] == ["no-reply@gatepost.example"]
    assert body(message, "plain") == with_line_feeds(text)
    assert body(message, "html") == with_line_feeds(html)
    assert not message.defects
    assert data.isascii()
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", data)
    assert max(map(len, data.split(b"\r\n"))) <= 76


@settings(deadline=None)
@given(name=lines.filter(lambda name: len(name.encode()) <= 36).map(str.split).map(" ".join))
@example(name='Shop, "Inc." \\')
def test_a_senders_name_comes_back(name: str) -> None:
    data = encode(replace(MESSAGE, sender=Sender("no-reply@gatepost.example", name)))

    assert read(data)["From"].addresses[0].display_name == name


def test_a_senders_long_name_is_split_into_words_that_join_again() -> None:
    name = "小店 👩\u200d🚀" * 20
    raw = encode(replace(MESSAGE, sender=Sender("no-reply@gatepost.example", name)))
    words = Parser(policy=policy.compat32).parsestr(raw.decode("ascii"))["From"]

    assert str(make_header(decode_header(words))) == f"{name} <no-reply@gatepost.example>"


def test_encoded_words_break_between_characters_never_inside_one() -> None:
    data = encode(replace(MESSAGE, subject="a" + "安👩🚀é" * 30))
    header = data[data.index(b"Subject:") : data.index(b"\r\nDate:")].decode("ascii")

    words = re.findall(r"=\?utf-8\?B\?([A-Za-z0-9+/=]+)\?=", header)
    assert len(words) > 5
    for word in words:
        assert "\ufffd" not in _decoded(word)


def _decoded(word: str) -> str:
    return base64.b64decode(word).decode("utf-8", "replace")


@pytest.mark.parametrize("control", CONTROLS)
def test_mallory_cannot_start_a_header_of_her_own(control: str) -> None:
    hostile = f"Hello{control}Bcc: mallory@example.com"

    with pytest.raises(ValueError, match="Subject"):
        encode(replace(MESSAGE, subject=hostile))
    with pytest.raises(ValueError, match="recipient"):
        encode(replace(MESSAGE, recipient=f"ann@example.com{control}"))
    with pytest.raises(ValueError, match="sender"):
        Sender("no-reply@gatepost.example", hostile)
    with pytest.raises(ValueError, match="message id"):
        encode(replace(MESSAGE, message_id=f"a{control}b"))


@pytest.mark.parametrize("recipient", ["", "ann", "a@b.example,c@d.example", "A <a@b.example>"])
def test_anything_but_one_recipient_is_refused(recipient: str) -> None:
    with pytest.raises(ValueError, match="recipient"):
        encode(replace(MESSAGE, recipient=recipient))


def test_an_address_beyond_ascii_stands_in_to_as_utf8() -> None:
    data = encode(replace(MESSAGE, recipient="安@xn--fiq228c.test"))

    assert "\r\nTo: 安@xn--fiq228c.test\r\n".encode() in data
    assert read(data).keys() == OUR_HEADERS


def test_a_body_that_imitates_the_boundary_stays_a_body() -> None:
    hostile = f"--=_{MESSAGE.message_id}--\r\n--=_{MESSAGE.message_id}\r\nContent-Type: x/y\r\n\r\n"
    message = read(encode(replace(MESSAGE, text=hostile, html=hostile)))

    assert body(message, "plain") == with_line_feeds(hostile)
    assert len(list(message.iter_parts())) == 2
