"""`gatepost mail`, as an operator types it."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from functools import partial
from pathlib import Path

import pytest

from gatepost.app import opened, system_clock
from gatepost.settings import Settings
from gatepost.storage import outbox
from gatepost.storage.outbox import QueuedMail, State
from tests.support.process import command, environment
from tests.support.smtp_sink import SmtpSink

KEY = f"test:{b64encode(bytes(range(32))).decode()}"


def test_a_mail_can_be_looked_at_as_html_and_as_text(tmp_path: Path) -> None:
    env = environment(tmp_path)
    words = ("mail", "preview", "login_verify_code")
    html = command(tmp_path, env, *words)
    said = command(
        tmp_path, env, *words[:2], "LOGIN_VERIFY_CODE", "--language", "ja-jp", "--output", "a.txt"
    )

    assert html.startswith("<!doctype html>")
    assert "482913" in html and "not-asked" not in html
    assert said == "a.txt: 482913 は Example Shop にログインするための確認コードです\n"
    assert "\n482913\n" in (tmp_path / "a.txt").read_text("utf-8")


def test_a_mail_that_does_not_exist_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no_such_mail"):
        command(tmp_path, environment(tmp_path), "mail", "preview", "no_such_mail")


async def test_an_operator_tries_the_mail_server(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        env = environment(tmp_path, SMTP_URL=sink.url, MAIL_FROM="Shop <no-reply@shop.example>")
        said = await asyncio.to_thread(command, tmp_path, env, "mail", "test", "Ann@Example.com")

        (mail,) = sink.mails
        assert mail.recipients == ("ann@example.com",)
        assert mail.message["From"] == "Shop <no-reply@shop.example>"
        assert mail.subject == "Mail from Gatepost works"
        assert said == "The server took the mail to a•••@example.com: 250 2.0.0 kept\n"


async def test_an_operator_reads_why_the_mail_server_will_not(tmp_path: Path) -> None:
    async with SmtpSink() as sink:
        sink.plan(("RCPT", "550 5.7.1 relaying denied for <ann@example.com>"))
        env = environment(tmp_path, SMTP_URL=sink.url)

        with pytest.raises(AssertionError) as failure:
            await asyncio.to_thread(command, tmp_path, env, "mail", "test", "ann@example.com")
    line = "gatepost: the mail was refused: recipient: 550 5.7.1 relaying denied for …\n"
    assert str(failure.value).endswith(f"ended with 1: {line}")


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "gatepost: GATEPOST_SMTP_URL is not set: there is no mail server to try\n"),
        ({"SMTP_URL": "smtp://a:b@mail.example.com?starttls=never"}, "leave out starttls=never\n"),
    ],
)
def test_without_a_mail_server_there_is_nothing_to_try(
    settings: dict[str, str], line: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError) as failure:
        command(tmp_path, environment(tmp_path, **settings), "mail", "test", "ann@example.com")
    assert str(failure.value).endswith(line)


async def test_an_operator_sees_what_became_of_each_mail(
    settings: Settings, tmp_path: Path
) -> None:
    await _put_two(settings)
    env = environment(tmp_path, DATABASE_URL=settings.database_url, SERVER_KEYS=KEY)
    mails = await asyncio.to_thread(command, tmp_path, env, "mail", "list", "--json")
    queued = await asyncio.to_thread(command, tmp_path, env, "mail", "list", "--state", "queued")

    assert [(mail["recipient"], mail["state"], mail["lastAnswer"]) for mail in mails] == [
        ("b•••@example.com", "refused", "recipient: 550 no"),
        ("a•••@example.com", "queued", ""),
    ]
    assert (mails[0]["dueAt"], mails[1]["endedAt"]) == (None, None)
    assert mails[1]["dueAt"] == mails[1]["createdAt"]
    assert queued.count("\n") == 1
    assert "  queued  login_verify_code  a•••@example.com  0 attempts  due 20" in queued


async def _put_two(settings: Settings) -> None:
    async with opened(settings) as (database, _):
        for number, recipient in enumerate(("ann@example.com", "bob@example.com")):
            mail = _queued(number, recipient)
            await database.unit(partial(outbox.put, mail=mail))
        await database.unit(
            lambda tx: outbox.end(tx, f"{1:024}", State.REFUSED, "recipient: 550 no")
        )


def _queued(number: int, recipient: str) -> QueuedMail:
    now = system_clock()
    return QueuedMail(
        id=f"{number:024}",
        user_pool_id="p",
        app_name="Shop",
        template="login_verify_code",
        language="en-US",
        recipient=recipient,
        variables_sealed=None,
        created_at=now + number,
        give_up_at=now + 300_000,
        attempts=number,
    )
