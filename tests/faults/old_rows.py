"""Rows that have had their time, by the thousand, in every table that is swept."""

from __future__ import annotations

from gatepost.storage import sweeping
from gatepost.storage.statement import Statement

OLD = "'old ' || CAST(i AS text)"
"""What tells these rows from others, in one column of each table."""

_SESSION = "(SELECT id FROM sessions WHERE id NOT LIKE 'old %' LIMIT 1)"
_PERSON = "(SELECT id FROM users LIMIT 1)"
_POOL = "(SELECT id FROM user_pools LIMIT 1)"
_APP = "(SELECT id FROM applications LIMIT 1)"

ROWS: dict[str, dict[str, str]] = {
    "verification_codes": {
        "id": OLD, "user_pool_id": "''", "channel": "''", "email": OLD, "subject": "''",
        "nonce": "''", "key_id": "''", "digits": "6", "tries": "0", "first_made_at": "1",
        "expires_at": "1",
    },
    "verification_tries": {"nonce": OLD, "prover": "''", "tries": "1", "expires_at": "1"},
    "failure_budgets": {
        "id": OLD, "hour_started_at": "1", "hour_failures": "1", "in_a_row": "1",
        "over_until": "1", "last_failed_at": "1",
    },
    "rate_limits": {"id": OLD, "count": "1", "allowed": "1", "expires_at": "1"},
    "password_attempts": {"id": OLD, "started_at": "1", "failures": "1", "next_at": "1"},
    "outbox": {
        "id": OLD, "user_pool_id": "''", "app_name": "''", "template": "'email_bound'",
        "language": "'en-US'", "recipient": "''", "created_at": "1", "due_at": "1",
        "give_up_at": "1", "attempts": "1", "leased_until": "0", "state": "'sent'",
        "ended_at": "1",
    },
    "dev_mailbox": {
        "id": OLD, "sent_at": "1", "recipient": "''", "template": "''", "subject": "''",
        "text_body": "''", "html_body": "''",
    },
    "refresh_tokens": {
        "digest": OLD, "session_id": _SESSION, "app_id": "''", "issued_at": "1",
        "expires_at": "1",
    },
    "authorization_codes": {
        "digest": OLD, "app_id": "''", "user_id": _PERSON, "session_id": "''",
        "redirect_uri": "''", "scope": "''", "expires_at": "1",
    },
    "step_tokens": {
        "digest": OLD, "purpose": OLD, "user_id": _PERSON, "session_id": "''", "stamp": "1",
        "expires_at": "1",
    },
    "links": {
        "digest": OLD, "purpose": "''", "user_pool_id": "''", "app_name": "''",
        "subject": "''", "email": "''", "expires_at": "1",
    },
    "mail_stops": {"email": OLD, "user_pool_id": "''", "expires_at": "1"},
    "sessions": {
        "id": OLD, "user_pool_id": _POOL, "app_id": _APP, "user_id": _PERSON,
        "method": "''", "scope": "''", "authenticated_at": "1", "expires_at": "1",
    },
}  # fmt: skip
"""The columns of such a row. Some belong to somebody, who must be there and signed in."""

KEYS = {table: next(iter(row)) for table, row in ROWS.items()}
"""The column in which an old row says that it is one."""

assert set(ROWS) == set(sweeping.SWEEPS), "a table that is swept needs its old rows here"


def filling(table: str, count: int) -> Statement:
    """Leave so many old rows in a table."""
    row = ROWS[table]
    numbers = f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
    text = (
        f"INSERT INTO {table} ({', '.join(row)}) {numbers} SELECT {', '.join(row.values())} FROM n"
    )
    return Statement(text, text, ())
