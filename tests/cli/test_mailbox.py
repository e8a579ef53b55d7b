"""`gatepost mailbox`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gatepost.app import opened
from gatepost.settings import Settings
from gatepost.storage.dev_mailbox import KeptMail, add

Told = Callable[..., Any]
RECIPIENTS = ("ann@xn--bcher-kva.example", "jörg@example.com", "bob@example.com")


async def keep_mails(settings: Settings) -> None:
    """A mail to each recipient, in the order that they are named."""
    async with opened(settings) as (database, _):
        for number, recipient in enumerate(RECIPIENTS):
            mail = KeptMail(f"m{number}", number, recipient, "email_bound", "Hello", None, "", "")
            await database.unit(partial(add, mail=mail))


@pytest.mark.parametrize(
    ("to", "recipient"),
    [
        ("ann@bücher.example", RECIPIENTS[0]),
        ("ANN@BÜCHER.EXAMPLE", RECIPIENTS[0]),
        ("ann@xn--bcher-kva.example", RECIPIENTS[0]),
        ("JO\u0308RG@example.com", RECIPIENTS[1]),
        (" Bob@example.com ", RECIPIENTS[2]),
    ],
)
def test_an_address_is_found_however_it_is_written(
    told: Told, folder: Path, to: str, recipient: str
) -> None:
    asyncio.run(keep_mails(Settings()))
    assert [mail["to"] for mail in told("mailbox", "--json", "--to", to)] == [recipient]


@pytest.mark.parametrize("to", ["eve@example.com", "bob", "@", "bob@example.com, ann"])
def test_nobody_and_no_address_have_no_mails(told: Told, folder: Path, to: str) -> None:
    asyncio.run(keep_mails(Settings()))
    assert told("mailbox", "--json", "--to", to) == []
    assert len(told("mailbox", "--json")) == len(told("mailbox", "--json", "--to", " ")) == 3
