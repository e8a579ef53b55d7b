"""Tokens between two steps: proof was given, the change is still to come.

One of a purpose per user, so a second request voids the first.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class Step(StrEnum):
    """What a token lets its holder do next."""

    UPDATE_EMAIL = "update_email"
    RESET_PASSWORD = "reset_password"
    DELETE_ACCOUNT = "delete_account"


class StepToken(Struct, frozen=True):
    """What a token is tied to: user, session (empty where none is needed), the user's stamp."""

    purpose: str
    user_id: str
    digest: str
    session_id: str
    stamp: int
    new_email: str | None
    expires_at: int


_TOKEN = columns(StepToken)
_PUT = sql(
    f"INSERT INTO step_tokens ({_TOKEN}) VALUES (:purpose, :user_id, :digest, :session_id,"
    " :stamp, :new_email, :expires_at)"
    " ON CONFLICT (purpose, user_id) DO UPDATE SET digest = excluded.digest,"
    " session_id = excluded.session_id, stamp = excluded.stamp,"
    " new_email = excluded.new_email, expires_at = excluded.expires_at"
)
_TAKE = sql(
    f"DELETE FROM step_tokens WHERE digest = :digest AND purpose = :purpose RETURNING {_TOKEN}"
)
_FIND = sql(f"SELECT {_TOKEN} FROM step_tokens WHERE digest = :digest AND purpose = :purpose")
# For the primary key, whose first column is the purpose.
EVERY_PURPOSE = ", ".join(f"'{step}'" for step in Step)
_VOID = sql(f"DELETE FROM step_tokens WHERE user_id = :user_id AND purpose IN ({EVERY_PURPOSE})")


async def put(tx: Transaction, token: StepToken) -> None:
    """Keep a token in the place of the one before it."""
    tx.later(_PUT, **{name: getattr(token, name) for name in StepToken.__struct_fields__})


async def find(reader: Reader, purpose: Step, digest: str) -> StepToken | None:
    """A token that was not used yet, late or not."""
    row = await reader.one(_FIND, purpose=purpose, digest=digest)
    return StepToken(*row) if row else None


async def take(tx: Transaction, purpose: Step, digest: str) -> StepToken | None:
    """Use a token up, late or not; None if there is none such, or somebody was quicker."""
    row = await tx.one(_TAKE, purpose=purpose, digest=digest)
    return StepToken(*row) if row else None


async def void_of_user(tx: Transaction, user_id: str) -> None:
    """Make every token of a user worthless."""
    tx.later(_VOID, user_id=user_id)
