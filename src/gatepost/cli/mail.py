"""`gatepost mail`."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec
from msgspec import Struct

from gatepost.app import sender_of, system_clock
from gatepost.cli.running import settings_here, with_storage
from gatepost.mail.message import Message, Sender
from gatepost.mail.rendering import render, template_names
from gatepost.mail.samples import sample_variables
from gatepost.mail.smtp import SmtpTransport
from gatepost.mail.transport import Delivered, Delivery
from gatepost.mail.wording import moment
from gatepost.server_keys import ServerKeys
from gatepost.settings import SettingError, Settings
from gatepost.storage import outbox
from gatepost.storage.database import Database
from gatepost.storage.outbox import ListedMail, State
from gatepost.vocabulary.email_address import ANY_ADDRESS, EmailAddress
from gatepost.vocabulary.fields import iso
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.language import Language

TEST_MAIL = "test_mail"

in_language = click.option(
    "--language",
    type=click.Choice([language.value for language in Language], case_sensitive=False),
    default=Language.EN_US.value,
    show_default=True,
)


class ShownMail(Struct, rename="camel"):
    """A mail of the outbox, fit for a screen: neither whole address nor content."""

    id: str
    state: str
    template: str
    recipient: str
    attempts: int
    created_at: str | None
    due_at: str | None
    ended_at: str | None
    last_answer: str


@click.group()
def mail() -> None:
    """Look at mails, try the mail server, and see what became of each mail."""


@mail.command()
@click.argument("template", type=click.Choice(sorted(template_names()), case_sensitive=False))
@in_language
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file instead of standard output; its text, where the name ends in .txt.",
)
def preview(template: str, language: str, output: Path | None) -> None:
    """Write a mail as HTML, with sample values."""
    spoken = Language(language)
    words = render(template, spoken, sample_variables(template, spoken))
    if output is None:
        click.echo(words.html, nl=False)
        return
    body = words.text if output.suffix == ".txt" else words.html
    output.write_text(body, encoding="utf-8")
    click.echo(f"{output}: {words.subject}")


@mail.command("test")
@click.argument("address")
@in_language
def send_test(address: str, language: str) -> None:
    """Send one mail by the mail server that is set, and say what it answered."""
    settings = settings_here()
    recipient = EmailAddress.parse(address, ANY_ADDRESS)
    message = _test_mail(sender_of(settings), str(recipient), Language(language))
    delivery = asyncio.run(_sent(settings, message))
    if isinstance(delivery, Delivered):
        click.echo(f"The server took the mail to {recipient.masked}: {delivery.answer}")
        return
    outcome = type(delivery).__name__.lower()
    click.echo(f"gatepost: the mail was {outcome}: {delivery.reason}", err=True)
    sys.exit(1)


@mail.command("list")
@click.option("--state", type=click.Choice([state.value for state in State]))
@click.option("--most", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def list_mails(state: str | None, most: int, as_json: bool) -> None:
    """What became of each mail, the newest first."""
    wanted = State(state) if state else None

    async def work(database: Database, _: ServerKeys) -> Sequence[ListedMail]:
        return await outbox.newest(database.reader(), wanted, most)

    mails = [_shown(mail) for mail in with_storage(work)]
    if as_json:
        click.echo(msgspec.json.encode(mails))
        return
    if not mails:
        click.echo("No mails.")
    for shown in mails:
        click.echo(_line(shown))


def _test_mail(sender: Sender, recipient: str, language: Language) -> Message:
    now = system_clock()
    variables = {"app_name": "Gatepost", "user_email": recipient, "datetime": moment(now)}
    words = render(TEST_MAIL, language, variables)
    return Message(
        message_id=new_id(secrets.token_bytes),
        sender=sender,
        recipient=recipient,
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=language,
        sent_at=now,
        template=TEST_MAIL,
    )


async def _sent(settings: Settings, message: Message) -> Delivery:
    if not settings.smtp_url:
        raise SettingError("GATEPOST_SMTP_URL is not set: there is no mail server to try")
    try:
        transport = SmtpTransport.from_url(settings.smtp_url, message.sender)
    except ValueError as error:
        raise SettingError(f"GATEPOST_SMTP_URL: {error}") from None
    try:
        return await transport.send(message)
    finally:
        await transport.close()


def _shown(mail: ListedMail) -> ShownMail:
    waits = mail.state == State.QUEUED
    return ShownMail(
        id=mail.id,
        state=mail.state,
        template=mail.template,
        recipient=EmailAddress.stored(mail.recipient).masked,
        attempts=mail.attempts,
        created_at=iso(mail.created_at),
        due_at=iso(mail.due_at) if waits else None,
        ended_at=iso(mail.ended_at),
        last_answer=mail.last_answer or "",
    )


def _line(mail: ShownMail) -> str:
    when = f"due {mail.due_at}" if mail.due_at else str(mail.ended_at)
    tries = "1 attempt" if mail.attempts == 1 else f"{mail.attempts} attempts"
    words = [str(mail.created_at), mail.state, mail.template, mail.recipient, tries, when]
    return "  ".join([*words, mail.last_answer]).rstrip()
