"""The engine of one-time codes by itself: a database, keys, a stopped clock, no HTTP."""

from __future__ import annotations

import secrets
from typing import Any

import msgspec

from gatepost.credentials import codes
from gatepost.credentials.codes import IssuedCode, Proof, Purpose
from gatepost.server_keys import ServerKeys
from gatepost.storage import verification_codes
from gatepost.storage.database import Database, Transaction
from gatepost.storage.statement import sql
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import AddressRules, EmailAddress
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.refusals import Refusal
from gatepost.vocabulary.user_pool import Limits, PoolSettings, UserPool
from gatepost.vocabulary.verification_code import VerificationCode

RIGHT = "right"
KEYS = ServerKeys({"first": bytes(range(32))}, secrets.token_bytes)
_TRIES = sql(
    "SELECT subject, tries FROM verification_codes"
    " WHERE user_pool_id = :pool_id AND spent_at IS NULL"
)
_FAILURES = sql("SELECT hour_failures FROM failure_budgets WHERE id = :id")


def address(text: str) -> EmailAddress:
    return EmailAddress.parse(text, AddressRules(special_use_domains=True, international=False))


def new_pool(limits: dict[str, int] | None = None, **settings: Any) -> UserPool:
    """A pool that is in no database: codes only look at its settings."""
    told = PoolSettings(limits=Limits(**(limits or {})), **settings)
    return UserPool(new_id(secrets.token_bytes), msgspec.json.encode(told).decode())


def wrong(digits: str) -> str:
    """Another answer of the same length."""
    return f"{(int(digits) + 1) % 10 ** len(digits):0{len(digits)}d}"


class StoppedClock:
    """A time that only moves when a test moves it."""

    def __init__(self) -> None:
        self.now = 1_800_000_000_000

    def __call__(self) -> int:
        return self.now

    def advance(self, seconds: int) -> None:
        """Move on; a negative number steps back."""
        self.now += seconds * 1000


class CodeBench:
    """Asks for codes and answers them; every step is a unit of its own."""

    def __init__(self, database: Database, clock: StoppedClock) -> None:
        self.database = database
        self.clock = clock
        self.keys = KEYS

    def purpose(
        self,
        pool: UserPool | None = None,
        channel: Channel = Channel.BIND_EMAIL,
        email: str = "ann@example.com",
        subject: str = "ann",
    ) -> Purpose:
        return Purpose(pool or new_pool(), channel, address(email), subject)

    async def issue(self, purpose: Purpose, prover: str | None = None) -> IssuedCode:
        return await self.database.unit(
            lambda tx: codes.issue(tx, self.keys, secrets.token_bytes, purpose, prover)
        )

    async def code(self, purpose: Purpose, digits: str, prover: str | None = None) -> Proof:
        """What an answer proves, unspent; raises what it refuses."""

        async def work(tx: Transaction) -> Proof:
            proof = await codes.check(tx, self.keys, purpose, digits, prover)
            await codes.give_back(tx, proof)
            return proof

        return await self.database.unit(work)

    async def look(self, purpose: Purpose, digits: str, prover: str | None = None) -> str:
        """RIGHT, or the name of the refusal."""
        try:
            await self.code(purpose, digits, prover)
        except Refusal as refusal:
            return type(refusal).__name__
        return RIGHT

    async def looks(self, times: int, purpose: Purpose, digits: str, prover: str = "") -> set[str]:
        """What so many looks in turn answer."""
        return {await self.look(purpose, digits, prover or None) for _ in range(times)}

    async def use(self, purpose: Purpose, digits: str, prover: str | None = None) -> str:
        """Look and spend in one unit: RIGHT, or the name of the refusal."""

        async def work(tx: Transaction) -> None:
            await codes.spend(tx, await codes.check(tx, self.keys, purpose, digits, prover))

        try:
            await self.database.unit(work)
        except Refusal as refusal:
            return type(refusal).__name__
        return RIGHT

    async def spend(self, proof: Proof) -> None:
        await self.database.unit(lambda tx: codes.spend(tx, proof))

    async def live(self, purpose: Purpose) -> VerificationCode | None:
        code, _ = await verification_codes.live(
            self.database.reader(),
            purpose.pool.id,
            purpose.channel,
            str(purpose.email),
            purpose.subject,
            budgets=purpose.budgets,
        )
        return code

    async def tries(self, purpose: Purpose) -> dict[str, int]:
        """The tries taken from each live code of a pool, by its subject."""
        rows = await self.database.reader().all(_TRIES, pool_id=purpose.pool.id)
        return {row[0]: row[1] for row in rows}

    async def failures(self, purpose: Purpose) -> list[int]:
        """What the budgets of a purpose have counted in this hour: address, then user."""
        reader = self.database.reader()
        rows = [await reader.one(_FAILURES, id=budget.id) for budget in purpose.budgets]
        return [row[0] if row else 0 for row in rows]
