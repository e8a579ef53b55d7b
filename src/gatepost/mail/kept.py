"""A kept mail, as the mailbox's command and page show it."""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.dev_mailbox import KeptMail
from gatepost.vocabulary.fields import iso


class ShownMail(Struct, rename="camel"):
    """A mail; `code` is null where it carries none."""

    to: str
    subject: str
    template: str
    code: str | None
    sent_at: str | None
    text: str
    html: str


def shown(mail: KeptMail) -> ShownMail:
    """A mail in the words of the answer."""
    return ShownMail(
        to=mail.recipient,
        subject=mail.subject,
        template=mail.template,
        code=mail.code,
        sent_at=iso(mail.sent_at),
        text=mail.text_body,
        html=mail.html_body,
    )
