"""From a row of the outbox to a mail."""

from __future__ import annotations

import secrets

import msgspec
import pytest

from gatepost.mail.composing import compose
from gatepost.mail.message import Sender
from gatepost.mail.rendering import template_names, variables_of
from gatepost.server_keys import SealBroken, ServerKeys, UnknownServerKey, generate
from gatepost.storage.outbox import MAIL_SEAL, QueuedMail
from gatepost.vocabulary.language import Language

NOW = 1_777_900_800_000
GATEPOST = Sender("no-reply@gatepost.example", "Gatepost")
LINK = "https://id.example.com/link/undo?token=abc"
FACTS = {
    "verify_code": "482913",
    "expires_at": str(NOW + 72 * 3_600_000),
    "happened_at": str(NOW),
    "new_email_masked": "a•••@example.net",
    "login_url": "https://shop.example.com/",
}


@pytest.fixture
def keys() -> ServerKeys:
    return new_keys()


def new_keys() -> ServerKeys:
    return ServerKeys.parse(generate(secrets.token_bytes), secrets.token_bytes)


def row(keys: ServerKeys, template: str, language: Language, **facts: str) -> QueuedMail:
    return QueuedMail(
        id="0123456789abcdef01234567",
        user_pool_id="p",
        app_name="Shop",
        template=template,
        language=language.value,
        recipient="ann@example.com",
        variables_sealed=keys.seal(MAIL_SEAL, msgspec.json.encode(facts)),
        created_at=NOW,
        give_up_at=NOW + 1,
        attempts=0,
    )


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("template", sorted(template_names()))
def test_what_steps_know_is_enough_for_every_mail(
    template: str, language: Language, keys: ServerKeys
) -> None:
    names = variables_of(template, language, None)
    links = {name: f"{LINK}-{name}" for name in names if name.endswith("_link")}
    message = compose(row(keys, template, language, **FACTS, **links), keys, GATEPOST, NOW)

    assert message.recipient == "ann@example.com"
    assert "{{" not in message.subject + message.text + message.html
    assert all(link in message.text for link in links.values())


def test_a_notice_says_when_who_and_for_how_long(keys: ServerKeys) -> None:
    mail = row(keys, "email_changed_from", Language.EN_US, undo_link=LINK, **FACTS)
    message = compose(mail, keys, GATEPOST, NOW)

    for words in ("2026-05-04 13:20 UTC", "a•••@example.net", "ann@example.com", "72 hours", LINK):
        assert words in message.text


def test_the_time_left_is_that_of_the_sending(keys: ServerKeys) -> None:
    mail = row(
        keys, "login_verify_code", Language.EN_US, verify_code="1", expires_at=str(NOW + 300_000)
    )

    assert "5 minutes" in compose(mail, keys, GATEPOST, NOW).text
    assert "3 minutes" in compose(mail, keys, GATEPOST, NOW + 120_000).text


def test_what_is_no_fact_of_ours_is_not_passed_on(keys: ServerKeys) -> None:
    facts = FACTS | {"app_name": "Mallory", "user_email": "mallory@example.com"}
    message = compose(row(keys, "login_verify_code", Language.EN_US, **facts), keys, GATEPOST, NOW)

    assert "Mallory" not in message.text
    assert "mallory" not in message.text


def test_a_row_that_was_sealed_with_another_key_is_not_guessed_at(keys: ServerKeys) -> None:
    with pytest.raises((SealBroken, UnknownServerKey)):
        compose(row(keys, "test_mail", Language.EN_US, **FACTS), new_keys(), GATEPOST, NOW)
