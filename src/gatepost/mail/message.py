"""A mail as people see it, before it is bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gatepost.vocabulary.language import Language

_ADDRESS_CHARACTER = r"[^\s\x00-\x20\x7f-\x9f\ud800-\udfff()<>\[\]:;@\\,\"]"
_ONE_ADDRESS = re.compile(rf"{_ADDRESS_CHARACTER}{{1,64}}@{_ADDRESS_CHARACTER}{{1,253}}")
_NAMED = re.compile(r"\s*(?P<name>[^<>]*?)\s*<\s*(?P<address>[^<>\s]+)\s*>\s*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_one_address(text: str) -> bool:
    """Whether this can stand in a header and an envelope as exactly one plain address.

    The last wall, not the rule for what an account may hold: it keeps out whatever
    could end the address early, add a second one, or be decoded into another
    (an encoded-word, RFC 2047).
    """
    return _ONE_ADDRESS.fullmatch(text) is not None and "=?" not in text


def has_control_character(text: str) -> bool:
    """Whether the text holds what may end a line somewhere, or cannot be written as UTF-8."""
    return _CONTROL.search(text) is not None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a mail is from: an ASCII address, and a name shown beside it ("" for none)."""

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        if not (self.address.isascii() and is_one_address(self.address)):
            raise ValueError("the sender must be one plain ASCII e-mail address")
        if has_control_character(self.name):
            raise ValueError("the sender's name holds a control character")

    @classmethod
    def parse(cls, text: str) -> Sender:
        """Read `no-reply@example.com` or `Example <no-reply@example.com>`.

        Raises ValueError, with one line, for anything else.
        """
        if named := _NAMED.fullmatch(text):
            return cls(named["address"], named["name"].strip('"'))
        return cls(text.strip())

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Message:
    """One mail to one recipient.

    `message_id` is the part before the `@` of the Message-ID header; a mail that is
    sent again keeps it, so that servers can see it is the same. `sent_at` (ms) becomes
    the Date header. `template`, `code` and `user_pool_id` are for mailboxes of developers;
    they are in no header. One that is `withheld` is written, but goes to nobody.
    """

    message_id: str
    sender: Sender
    recipient: str
    subject: str
    text: str
    html: str
    language: Language
    sent_at: int
    template: str = ""
    code: str | None = None
    withheld: bool = False
    user_pool_id: str = ""
