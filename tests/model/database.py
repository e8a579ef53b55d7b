"""What the database must have at the end, as far as the rules determine it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from tests.model.stage import Ground
from tests.model.state import Account, Change, Pool
from tests.model.words import NOBODY
from tests.support.backstage import rows
from tests.support.code_model import ModelCode
from tests.support.world import World

Found = Iterable[tuple[Any, ...]]

_OF_POOL = "(SELECT id FROM users WHERE user_pool_id = :pool)"
QUERIES = {
    "users": "SELECT id, username, email, email_verified_at IS NOT NULL,"
    " password_hash IS NOT NULL, status, nickname, email_probation_until, changes_paused_until"
    " FROM users WHERE user_pool_id = :pool",
    "sessions": "SELECT id, user_id, authenticated_at, expires_at, ended_at IS NOT NULL"
    " FROM sessions WHERE user_pool_id = :pool",
    "refresh_tokens": "SELECT t.session_id, t.expires_at, t.used_at FROM refresh_tokens t"
    " JOIN sessions s ON s.id = t.session_id WHERE s.user_pool_id = :pool",
    # Whoever is no account has another subject for each address, made to look like an id.
    "verification_codes": "SELECT channel, email, CASE WHEN subject = ''"
    f" OR subject IN {_OF_POOL} THEN subject ELSE '{NOBODY}' END, digits, tries, first_made_at,"
    " expires_at FROM verification_codes WHERE user_pool_id = :pool AND spent_at IS NULL",
    "step_tokens": "SELECT purpose, user_id, session_id, new_email, expires_at FROM step_tokens"
    f" WHERE user_id IN {_OF_POOL}",
    "email_changes": "SELECT user_id, event, old_email, new_email, voided_at IS NOT NULL"
    f" FROM email_changes WHERE user_id IN {_OF_POOL}",
    "links": "SELECT purpose, email, expires_at, used_at IS NOT NULL FROM links"
    " WHERE user_pool_id = :pool",
    "outbox": "SELECT template, recipient FROM outbox WHERE user_pool_id = :pool",
    "mail_stops": "SELECT email, expires_at FROM mail_stops WHERE user_pool_id = :pool",
}


def _told(pool: Pool, at: Callable[[float], int]) -> dict[str, Found]:
    """The same tables out of the model; `at` turns its seconds into instants."""
    return {
        "users": (_account(account, at) for account in pool.accounts),
        "sessions": (
            (s.id, s.account.id, at(s.began), at(s.expires), s.ended) for s in pool.sessions
        ),
        "refresh_tokens": (
            (t.session.id, at(t.expires), None if t.used_at is None else at(t.used_at))
            for t in pool.refresh_tokens
        ),
        "verification_codes": (
            (f"CHANNEL_{channel}", email, subject, *_code(code, at))
            for channel, email, subject, code in pool.live_codes()
        ),
        "step_tokens": (
            (s.kind, s.account.id, s.session.id if s.session else "", s.email, at(s.expires))
            for s in pool.steps
        ),
        "email_changes": (_change(change) for change in pool.changes),
        "links": ((k.purpose, k.email, at(k.expires), k.used) for k in pool.links),
        "outbox": pool.posted,
        "mail_stops": ((email, at(until)) for email, until in pool.stops.items()),
    }


def _account(account: Account, at: Callable[[float], int]) -> tuple[Any, ...]:
    return (
        account.id,
        account.username,
        account.email,
        account.proved,
        account.password is not None,
        "Activated" if account.active else "Suspended",
        account.nickname,
        at(account.probation_until) if account.probation_until else 0,
        at(account.paused_until) if account.paused_until else 0,
    )


def _code(code: ModelCode, at: Callable[[float], int]) -> tuple[Any, ...]:
    return len(code.digits), code.tries, at(code.made), at(code.expires)


def _change(change: Change) -> tuple[Any, ...]:
    return change.account.id, change.event, change.old, change.new, change.voided


async def compare(world: World, ground: Ground, at: Callable[[float], int]) -> None:
    """Every table, row by row, in whatever order."""
    told = _told(ground.pool, at)
    for table, found in (await contents(world, ground.app.pool_id)).items():
        expected = Counter(_plain(row) for row in told[table])
        assert found == expected, (table, found - expected, expected - found)


async def contents(world: World, pool_id: str) -> dict[str, Counter[tuple[Any, ...]]]:
    """What these tables have of a pool."""
    return {
        table: Counter(_plain(row) for row in await rows(world, query, pool=pool_id))
        for table, query in QUERIES.items()
    }


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    # One engine has 0 and 1 where the other has truth values.
    return tuple(int(value) if isinstance(value, bool) else value for value in row)
