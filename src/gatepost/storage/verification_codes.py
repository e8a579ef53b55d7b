"""One-time codes. The digits are nowhere in here: they derive from the nonce and a server key."""

from __future__ import annotations

from collections.abc import Sequence

from gatepost.storage import failure_budgets
from gatepost.storage.database import Reader, Transaction
from gatepost.storage.failure_budgets import Budget
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.refusals import CodeIncorrect
from gatepost.vocabulary.verification_code import ANYBODY, VerificationCode

_CODE = columns(VerificationCode)
_SAME = "user_pool_id = :pool_id AND channel = :channel AND email = :email"

_LIVE = sql(
    f"SELECT {_CODE} FROM verification_codes"
    f" WHERE {_SAME} AND subject = :subject AND spent_at IS NULL"
)
_REPLACE = sql(
    f"INSERT INTO verification_codes ({_CODE})"
    " VALUES (:id, :user_pool_id, :channel, :email, :subject, :nonce, :key_id, :digits,"
    " :tries, :first_made_at, :expires_at)"
    " ON CONFLICT (user_pool_id, channel, email, subject) DO UPDATE SET"
    " id = excluded.id, nonce = excluded.nonce, key_id = excluded.key_id,"
    " digits = excluded.digits, tries = excluded.tries, first_made_at = excluded.first_made_at,"
    " expires_at = excluded.expires_at, spent_at = NULL"
)
_EXTEND = sql(
    "UPDATE verification_codes SET expires_at = :expires_at WHERE id = :id AND spent_at IS NULL"
    f" RETURNING {_CODE}"
)
# A look takes a try from the caller's own code and from the one that anybody may show.
_COUNT = sql(
    "UPDATE verification_codes SET tries = tries + 1"
    f" WHERE {_SAME} AND subject IN (:subject, '') AND spent_at IS NULL"
    " AND tries < CASE WHEN subject = '' THEN CAST(:tries_of_all AS bigint)"
    " ELSE CAST(:most_tries AS bigint) END"
    f" RETURNING {_CODE}"
)
_COUNT_PROVER = sql(
    "INSERT INTO verification_tries (nonce, prover, tries, expires_at)"
    " VALUES (:nonce, :prover, 1, :expires_at)"
    " ON CONFLICT (nonce, prover) DO UPDATE SET tries = verification_tries.tries + 1"
    " WHERE verification_tries.tries < :most_tries"
    " RETURNING tries"
)
_GIVE_BACK = sql("UPDATE verification_codes SET tries = tries - 1 WHERE id = :id AND tries > 0")
_GIVE_BACK_PROVER = sql(
    "UPDATE verification_tries SET tries = tries - 1"
    " WHERE nonce = :nonce AND prover = :prover AND tries > 0"
)
_FORGIVE = sql("DELETE FROM verification_tries WHERE nonce = :nonce AND prover = :prover")
_SPEND = sql(
    "UPDATE verification_codes SET spent_at = :now WHERE id = :id AND spent_at IS NULL",
    missed=CodeIncorrect,
)
_VOID_OF_USER = sql(
    "UPDATE verification_codes SET spent_at = :now"
    # The index of subjects leaves out the codes that anybody may show.
    " WHERE subject = :user_id AND subject <> '' AND spent_at IS NULL"
)
# The index has the channel before the address: without it every code of the pool would be read.
_VOID_OF_ADDRESS = sql(
    "UPDATE verification_codes SET spent_at = :now WHERE user_pool_id = :pool_id"
    f" AND channel IN ({', '.join(repr(str(channel)) for channel in Channel)})"
    " AND email = :email AND subject IN ('', :user_id) AND spent_at IS NULL"
)
_KEYS_IN_USE = sql(
    "SELECT DISTINCT key_id FROM verification_codes WHERE spent_at IS NULL AND expires_at > :now"
)


async def live(
    reader: Reader,
    pool_id: str,
    channel: str,
    email: str,
    subject: str,
    *,
    budgets: Sequence[Budget],
) -> tuple[VerificationCode | None, bool]:
    """The unspent code of a subject, whether its time is over or not.

    The second answer is whether any of the budgets is used up and has not cooled down.
    """
    look = failure_budgets.looking(budgets, reader.now)
    rows, ends = await reader.both(
        _LIVE,
        look.statement,
        pool_id=pool_id,
        channel=channel,
        email=email,
        subject=subject,
        **look.parameters,
    )
    return VerificationCode(*rows[0]) if rows else None, look.any_over(ends)


async def replace(tx: Transaction, code: VerificationCode) -> None:
    """Keep a new code in the place of the one before it, if there was one."""
    tx.later(
        _REPLACE,
        **{name: getattr(code, name) for name in VerificationCode.__struct_fields__},
    )


async def extend(
    tx: Transaction, code: VerificationCode, expires_at: int
) -> VerificationCode | None:
    """Let a code live longer; None if it was spent meanwhile.

    It is returned as it is now, and held against every look until the unit ends.
    """
    row = await tx.one(_EXTEND, id=code.id, expires_at=expires_at)
    return VerificationCode(*row) if row else None


async def count_try(
    tx: Transaction,
    pool_id: str,
    channel: str,
    email: str,
    subject: str,
    *,
    most_tries: int,
    tries_of_all: int,
    budgets: Sequence[Budget],
) -> tuple[list[VerificationCode], bool]:
    """Take a try from every unspent code that a subject may show and that has one left.

    Those codes are returned, the subject's own first, held against every other look until the
    unit ends. `most_tries` bounds a code of one user, `tries_of_all` one that anybody may show.

    In the same journey a failure is counted against the budgets, whether there is a code or not;
    the second answer is whether any of them was used up before.
    """
    look = failure_budgets.counting(budgets, tx.now)
    rows, counted = await tx.both(
        _COUNT,
        look.statement,
        pool_id=pool_id,
        channel=channel,
        email=email,
        subject=subject,
        most_tries=most_tries,
        tries_of_all=tries_of_all,
        **look.parameters,
    )
    codes = [VerificationCode(*row) for row in rows]
    codes.sort(key=lambda code: code.subject == ANYBODY)
    return codes, look.any_over(counted)


async def count_prover(
    tx: Transaction, code: VerificationCode, prover: str, most_tries: int
) -> bool:
    """Take one of a prover's own tries at a code that anybody may show; False if none is left."""
    row = await tx.one(
        _COUNT_PROVER,
        nonce=code.nonce,
        prover=prover,
        most_tries=most_tries,
        expires_at=code.expires_at + 86_400_000,
    )
    return row is not None


async def give_back(tx: Transaction, code: VerificationCode, prover: str | None) -> None:
    """Undo the counting of one look; `prover` is None where none was counted."""
    await tx.run(_GIVE_BACK, id=code.id)
    if prover is not None:
        await tx.run(_GIVE_BACK_PROVER, nonce=code.nonce, prover=prover)


async def forgive(tx: Transaction, code: VerificationCode, prover: str) -> None:
    """Give a prover all their own tries at a code again; among those of all they stay counted."""
    await tx.run(_FORGIVE, nonce=code.nonce, prover=prover)


async def spend(tx: Transaction, code: VerificationCode) -> None:
    """Use a code up. Refuses: CodeIncorrect, if somebody was quicker."""
    tx.later(_SPEND, id=code.id, now=tx.now)


async def void_of_user(tx: Transaction, user_id: str) -> None:
    """Make every code of a user worthless."""
    tx.later(_VOID_OF_USER, user_id=user_id, now=tx.now)


async def void_of_address(tx: Transaction, pool_id: str, email: str, user_id: str) -> None:
    """Make the codes of an address that an account leaves worthless, but those of others."""
    tx.later(_VOID_OF_ADDRESS, pool_id=pool_id, email=email, user_id=user_id, now=tx.now)


async def keys_in_use(reader: Reader) -> list[str]:
    """The server keys that live codes derive from."""
    return [row[0] for row in await reader.all(_KEYS_IN_USE, now=reader.now)]
