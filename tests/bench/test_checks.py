"""A run whose rows or mails differ from what was counted fails."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.measure.checks import Differs, addressed, codes_spent, counted, kept, mails_came
from bench.world.bulk import Bulk, bulk

OUTBOX = (
    "CREATE TABLE outbox (recipient text, template text, state text, created_at bigint)",
    "CREATE TABLE verification_codes (email text, spent_at bigint)",
)
MAILS = [
    ("ann@run1.example.com", "email_bound", "sent", 20),
    ("bob@run1.example.com", "email_bound", "sent", 21),
    ("bob@run2.example.com", "email_changed", "sent", 22),
    ("old@run1.example.com", "email_bound", "sent", 10),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Bulk:
    if request.param == "sqlite":
        found = bulk(f"sqlite:///{tmp_path / 'rows.db'}")
    else:
        from tests.support.engines import create_database

        found = bulk(asyncio.run(create_database(request.getfixturevalue("postgresql"))))
    for statement in OUTBOX:
        found.each(statement, [()])
    found.fill("outbox", ("recipient", "template", "state", "created_at"), MAILS)
    found.fill("verification_codes", ("email", "spent_at"), [("ann@run1.example.com", None)])
    return found


def test_rows_that_are_there_hold(store: Bulk) -> None:
    addressed("outbox", "recipient", "run1.example.com", 3, template="email_bound").hold(store)
    counted("outbox", "created_at", 20, 3).hold(store)
    counted("outbox", "created_at", 20, 1, template="email_changed").hold(store)
    kept("outbox", 1, template="email_changed", state="sent").hold(store)
    codes_spent("run1.example.com", 0).hold(store)


def test_a_row_too_few_or_too_many_does_not(store: Bulk) -> None:
    with pytest.raises(Differs, match="outbox email_bound: 3 rows instead of 4"):
        addressed("outbox", "recipient", "run1.example.com", 4, template="email_bound").hold(store)
    with pytest.raises(Differs, match="3 rows instead of 2"):
        counted("outbox", "created_at", 20, 2).hold(store)
    with pytest.raises(Differs, match="outbox email_changed: 1 rows instead of 0"):
        kept("outbox", 0, template="email_changed").hold(store)
    with pytest.raises(Differs, match="codes spent: 0 rows instead of 1"):
        codes_spent("run1.example.com", 1).hold(store)


def test_every_mail_must_come_once(store: Bulk) -> None:
    mails_came(store, 20, {b"run1.example.com": 2, b"run2.example.com": 1})
    with pytest.raises(Differs, match=r"'run2.example.com': 1\} too few"):
        mails_came(store, 20, {b"run1.example.com": 2})
    with pytest.raises(Differs, match=r"'run1.example.com': 1\} too many"):
        mails_came(store, 20, {b"run1.example.com": 3, b"run2.example.com": 1})


def test_a_mail_that_was_given_up_is_no_mail(store: Bulk) -> None:
    store.each("UPDATE outbox SET state = 'late' WHERE recipient = ?", [("bob@run2.example.com",)])
    with pytest.raises(Differs, match="not every mail was sent"):
        mails_came(store, 20, {b"run1.example.com": 2, b"run2.example.com": 1})
