"""From a message to the bytes of RFC 5322 and MIME, by hand.

The standard library's EmailMessage does the same in over a millisecond; this takes
some tens of microseconds, which matters to a server that mails at every sign-in.
"""

from __future__ import annotations

import re
from binascii import b2a_base64, b2a_qp
from datetime import UTC, datetime
from email.utils import format_datetime

from gatepost.mail.message import Message, Sender, has_control_character, is_one_address

_LINE = 76
_WORD_OPEN, _WORD_CLOSE = "=?utf-8?B?", "?="
_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{1,60}")


def encode(message: Message) -> bytes:
    """The mail as it goes over the wire: CRLF line ends, exactly our headers, text before HTML.

    Line breaks of any kind in the bodies become CRLF; everything else comes back
    unchanged. Refuses with ValueError what does not belong in a header: control
    characters and line separators anywhere, anything but one recipient, an odd
    message id. 7-bit throughout, unless the recipient's address is not ASCII: then it
    stands in To as UTF-8 (RFC 6532) and the mail needs SMTPUTF8.
    """
    if not _MESSAGE_ID.fullmatch(message.message_id):
        raise ValueError("the message id must be 1 to 60 letters, digits, '-' or '_'")
    # No quoted-printable text holds "=_", so the boundary cannot occur in a body.
    boundary = f"=_{message.message_id}"
    mark = f"\r\n--{boundary}".encode("ascii")
    return b"".join(
        (
            _headers(message, boundary).encode("utf-8"),
            mark,
            _part("plain", message.text),
            mark,
            _part("html", message.html),
            mark,
            b"--\r\n",
        )
    )


def _headers(message: Message, boundary: str) -> str:
    if not is_one_address(message.recipient):
        raise ValueError("the recipient must be one plain e-mail address")
    date = format_datetime(datetime.fromtimestamp(message.sent_at // 1000, UTC))
    return (
        f"From: {_from(message.sender)}\r\n"
        f"To: {message.recipient}\r\n"
        f"Subject: {_text('Subject', message.subject)}\r\n"
        f"Date: {date}\r\n"
        f"Message-ID: <{message.message_id}@{message.sender.domain}>\r\n"
        "MIME-Version: 1.0\r\n"
        "Auto-Submitted: auto-generated\r\n"
        f"Content-Language: {message.language.value}\r\n"
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n'
    )


def _part(subtype: str, body: str) -> bytes:
    # Broken lines first, then the encoding, then CRLF: b2a_qp lets a bare CR through
    # and picks its own line end where the text has none.
    lines = body.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
    return (
        b"\r\nContent-Type: text/%s; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n%s"
    ) % (subtype.encode("ascii"), b2a_qp(lines, istext=True).replace(b"\n", b"\r\n"))


def _from(sender: Sender) -> str:
    if not sender.name:
        return sender.address
    name = sender.name
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if _is_plain(name) and len(quoted) <= _LINE - len("From: "):
        return f"{quoted}\r\n <{sender.address}>"
    return f"{_encoded_words(name, len('From: '))}\r\n <{sender.address}>"


def _text(header: str, value: str) -> str:
    """A header that is free text (RFC 5322, section 3.6.5), as encoded-words where it must be."""
    if has_control_character(value):
        raise ValueError(f"the {header} holds a control character")
    taken = len(header) + 2
    if _is_plain(value) and len(value) <= _LINE - taken:
        return value
    return _encoded_words(value, taken)


def _is_plain(value: str) -> bool:
    # White space at the ends or doubled may be lost on the way; "=?" would be decoded.
    return value.isascii() and "=?" not in value and "  " not in value and value == value.strip()


def _encoded_words(value: str, taken: int) -> str:
    """RFC 2047: lines of at most 76 characters, split between characters, never inside one."""
    data = value.encode("utf-8")
    words, start = [], 0
    while start < len(data):
        room = _LINE - taken - len(_WORD_OPEN) - len(_WORD_CLOSE)
        end = min(start + room // 4 * 3, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        word = b2a_base64(data[start:end], newline=False).decode("ascii")
        words.append(f"{_WORD_OPEN}{word}{_WORD_CLOSE}")
        start, taken = end, 1
    return "\r\n ".join(words)
