"""A mail as a server took it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property


@dataclass(frozen=True)
class Mail:
    """One mail with its envelope, read only when someone looks."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    tls: bool
    user: str | None
    options: str

    @cached_property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @cached_property
    def text(self) -> str:
        return self._body("plain")

    @cached_property
    def html(self) -> str:
        return self._body("html")

    @property
    def code(self) -> str | None:
        """The line of the text that is digits only."""
        lines = (line.strip() for line in self.text.splitlines())
        return next((line for line in lines if line.isascii() and line.isdigit()), None)

    def as_json(self) -> str:
        words = {
            "to": self.recipients[0],
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "code": self.code,
        }
        return json.dumps(words, ensure_ascii=False)

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""
