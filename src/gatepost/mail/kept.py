"""A kept mail, as the mailbox's command and page look for it and show it."""

from __future__ import annotations

from msgspec import Struct

from gatepost.storage.dev_mailbox import KeptMail
from gatepost.vocabulary.email_address import ANY_ADDRESS, EmailAddress
from gatepost.vocabulary.fields import iso
from gatepost.vocabulary.refusals import EmailInvalid


class ShownMail(Struct, rename="camel"):
    """A mail; `code` is null where it carries none."""

    to: str
    subject: str
    template: str
    code: str | None
    sent_at: str | None
    text: str
    html: str


def address_sought(typed: str) -> str:
    """The address that mails are looked for by, in the form that they are kept under.

    The empty text, which is everybody, stays empty. What is no address finds nothing.
    """
    text = typed.strip()
    try:
        return str(EmailAddress.parse(text, ANY_ADDRESS))
    except EmailInvalid:
        return text


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
