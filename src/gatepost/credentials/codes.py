"""One-time codes: made, mailed again, looked at, spent.

A code is derived, not stored: the row holds a random nonce, and the digits come from it by a
server key. It belongs to a pool, a channel, an address, and the signed-in user who asked for
it, if one did. Every look is counted before it compares, and every wrong one also against a
budget that no resend can reset (NIST SP 800-63B-4 section 3.2.2).
"""

from __future__ import annotations

import hmac

from msgspec import Struct

from gatepost.server_keys import ServerKeys
from gatepost.storage import failure_budgets, verification_codes
from gatepost.storage.database import CLOCKS_MAY_DIFFER, Reader, Transaction
from gatepost.storage.failure_budgets import Budget
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.identifiers import Chance, new_row_id
from gatepost.vocabulary.refusals import CodeExpired, CodeIncorrect, TooManyRequests
from gatepost.vocabulary.user_pool import UserPool
from gatepost.vocabulary.verification_code import ANYBODY, LONG_DIGITS, VerificationCode

WORTH_MAILING_AGAIN = 180
"""Seconds that a code must still live for a resend to mail the same one."""

STRICT_RETRY_SECONDS = 3600

_PURPOSE = "verification code"


class Purpose(Struct, frozen=True):
    """What a code is for: nothing else can be done with it.

    `subject` is the id of the user who asked while signed in, or ANYBODY.
    """

    pool: UserPool
    channel: Channel
    email: EmailAddress
    subject: str

    @property
    def budgets(self) -> list[Budget]:
        """The failure budgets that a look at such a code draws on, in one order everywhere."""
        limits = self.pool.settings.limits
        names = [f"address {self.pool.id} {self.channel} {self.email}"]
        if self.subject != ANYBODY:
            names.append(f"user {self.subject}")
        return [
            Budget(
                name,
                per_hour=limits.codeFailuresPerHour,
                in_a_row=limits.codeFailuresInARow,
                cool_down_seconds=limits.codeFailuresCoolDown,
            )
            for name in names
        ]


class IssuedCode(Struct, frozen=True):
    """A code to be mailed, by the id of its row. `expires_at` is in milliseconds.

    One that is `refused` is not to be mailed, and whoever asked not to be told so.
    """

    id: str
    digits: str
    expires_at: int
    refused: bool = False


class Proof(Struct, frozen=True):
    """A right answer, and every code that was counted at the look that found it right."""

    purpose: Purpose
    code: VerificationCode
    looked_at: list[VerificationCode]
    prover: str | None


async def issue(
    tx: Transaction,
    keys: ServerKeys,
    chance: Chance,
    purpose: Purpose,
    prover: str | None = None,
    *,
    tells: bool = True,
) -> IssuedCode:
    """The code to mail now: the same as before while that one is worth it, else a new one.

    `prover` names who asks: at one that anybody may show they have all their own tries again,
    as long as that leaves others theirs. `tells` is False where the budgets are those of
    somebody else, of whom the refusal would tell.

    Refuses: TooManyRequests, where the pool is strict and the failure budget is used up.
    """
    settings = purpose.pool.settings
    live, over = await verification_codes.live(
        tx,
        purpose.pool.id,
        purpose.channel,
        str(purpose.email),
        purpose.subject,
        budgets=purpose.budgets,
    )
    refused = over and settings.strictCodeBudget
    if refused and tells:
        raise TooManyRequests(STRICT_RETRY_SECONDS)
    digits = LONG_DIGITS if over else settings.verifyCodeLength
    again = await _extended(tx, keys, purpose, live, digits)
    if again is not None:
        if prover is not None and _leaves_others_theirs(purpose, again):
            await verification_codes.forgive(tx, again, prover)
        return IssuedCode(again.id, digits_of(keys, again), again.expires_at, refused)
    code = VerificationCode(
        id=new_row_id(chance, tx.now),
        user_pool_id=purpose.pool.id,
        channel=purpose.channel,
        email=str(purpose.email),
        subject=purpose.subject,
        nonce=chance(16).hex(),
        key_id=keys.first_id,
        digits=digits,
        tries=0,
        first_made_at=tx.now,
        expires_at=tx.now
        + min(settings.verifyCodeExpiresIn, settings.verifyCodeLongestLife) * 1000,
    )
    await verification_codes.replace(tx, code)
    return IssuedCode(code.id, digits_of(keys, code), code.expires_at, refused)


async def length(reader: Reader, purpose: Purpose) -> int:
    """How many digits a code has that is mailed now; the same whether one is or not."""
    over = await failure_budgets.are_over(reader, purpose.budgets)
    return LONG_DIGITS if over else purpose.pool.settings.verifyCodeLength


async def _extended(
    tx: Transaction,
    keys: ServerKeys,
    purpose: Purpose,
    code: VerificationCode | None,
    digits: int,
) -> VerificationCode | None:
    """The live code, given more time, so that a late first mail still works."""
    settings = purpose.pool.settings
    if code is None or code.digits < digits or code.key_id not in keys.ids:
        return None
    if code.tries >= _most_tries(purpose, code):
        return None
    longest = code.first_made_at + settings.verifyCodeLongestLife * 1000
    expires_at = min(tx.now + settings.verifyCodeExpiresIn * 1000, longest)
    worth = min(WORTH_MAILING_AGAIN, settings.verifyCodeExpiresIn) * 1000
    # A clock that stepped back makes a code from the future, which may live on too long.
    if expires_at - tx.now < worth or code.first_made_at > tx.now:
        return None
    return await verification_codes.extend(tx, code, expires_at)


async def check(
    tx: Transaction, keys: ServerKeys, purpose: Purpose, answer: str, prover: str | None
) -> Proof:
    """Look whether an answer is right. What it proves is still unspent.

    The look is counted, and stays so if it is wrong. After a right one comes `spend`, which
    forgets the counting, or `give_back`, or a refusal, which undoes the unit and it.
    `prover` names who answers: at a code that anybody may show, each has tries of their own
    (None: not known, so only the tries of all count).

    Refuses: CodeIncorrect, CodeExpired; TooManyRequests where the pool's budget is strict.
    """
    looked_at, over = await _count(tx, purpose, prover)
    if not looked_at:  # there was nothing to guess
        await failure_budgets.give_back(tx, purpose.budgets)
        raise CodeIncorrect
    right = None
    try:
        if over and purpose.pool.settings.strictCodeBudget:
            raise TooManyRequests(STRICT_RETRY_SECONDS)
        # What was mailed before the budget was used up is too short now.
        alive = [code for code in looked_at if not over or code.digits >= LONG_DIGITS]
        right = next((code for code in alive if _answers(keys, code, answer.strip())), None)
    finally:
        # Wrong, or the comparison broke: the look counts all the same.
        if right is None:
            tx.keep()
    if right is None:
        await failure_budgets.failed(tx, purpose.budgets)
        tx.keep()
        raise CodeIncorrect
    proof = Proof(purpose, right, looked_at, prover)
    # Clocks of several nodes may differ a little; more is one that has stepped back since.
    if right.expires_at <= tx.now or right.first_made_at > tx.now + CLOCKS_MAY_DIFFER:
        await give_back(tx, proof)
        raise CodeExpired
    return proof


async def check_all(
    tx: Transaction, keys: ServerKeys, shown: list[tuple[Purpose, str]], prover: str | None
) -> list[Proof]:
    """Look at several answers in turn. Of those before a wrong one, no look stays counted.

    Refuses as `check` does.
    """
    proofs: list[Proof] = []
    try:
        for purpose, answer in shown:
            if proofs:  # it was no failure, and the next look draws on the same budget of the user
                await failure_budgets.give_back(tx, proofs[-1].purpose.budgets)
            proofs.append(await check(tx, keys, purpose, answer, prover))
    except (CodeIncorrect, TooManyRequests):
        for proof in proofs:
            await _give_back_tries(tx, proof, proof.looked_at)
        tx.keep()
        raise
    return proofs


async def spend(tx: Transaction, proof: Proof) -> None:
    """Use a code up, in the unit of what it permits; the failures before it are forgotten.

    Refuses: CodeIncorrect, if somebody was quicker.
    """
    others = [code for code in proof.looked_at if code != proof.code]
    await _give_back_tries(tx, proof, others)
    await verification_codes.spend(tx, proof.code)
    await failure_budgets.reset(tx, proof.purpose.budgets)


async def give_back(tx: Transaction, proof: Proof) -> None:
    """Undo the counting of a right look, where its code is not spent."""
    await _give_back_tries(tx, proof, proof.looked_at)
    await failure_budgets.give_back(tx, proof.purpose.budgets)


def digits_of(keys: ServerKeys, code: VerificationCode) -> str:
    """The digits of a code, uniform over all that have its length."""
    mac = keys.mac(
        code.key_id,
        _PURPOSE,
        code.user_pool_id,
        code.channel,
        code.email,
        code.subject,
        code.nonce,
    )
    # 256 bits against at most 34: the bias of the remainder is below 2 ** -222.
    return str(int.from_bytes(mac) % 10**code.digits).zfill(code.digits)


def _answers(keys: ServerKeys, code: VerificationCode, answer: str) -> bool:
    if code.key_id not in keys.ids:
        return False
    return hmac.compare_digest(digits_of(keys, code).encode(), answer.encode())


def _most_tries(purpose: Purpose, code: VerificationCode) -> int:
    settings = purpose.pool.settings
    if code.subject == ANYBODY:
        return settings.limits.codeTriesOfAllClients
    return settings.verifyCodeMaxAttempts


def _leaves_others_theirs(purpose: Purpose, code: VerificationCode) -> bool:
    """Whether one client could use up all own tries anew, and another still had as many.

    Else a stranger who asks again and again would use up the tries of all alone.
    """
    settings = purpose.pool.settings
    spoken_for = code.tries + 2 * settings.verifyCodeMaxAttempts
    return code.subject == ANYBODY and spoken_for <= settings.limits.codeTriesOfAllClients


async def _count(
    tx: Transaction, purpose: Purpose, prover: str | None
) -> tuple[list[VerificationCode], bool]:
    """Take a try at each code that the answer may be meant for, and count a failure.

    Those codes that had a try left, and whether a failure budget was used up before.
    """
    settings = purpose.pool.settings
    counted, over = await verification_codes.count_try(
        tx,
        purpose.pool.id,
        purpose.channel,
        str(purpose.email),
        purpose.subject,
        most_tries=settings.verifyCodeMaxAttempts,
        tries_of_all=settings.limits.codeTriesOfAllClients,
        budgets=purpose.budgets,
    )
    if prover is None:
        return counted, over
    return [code for code in counted if await _count_prover(tx, purpose, code, prover)], over


async def _count_prover(
    tx: Transaction, purpose: Purpose, code: VerificationCode, prover: str
) -> bool:
    if code.subject != ANYBODY:
        return True
    own_tries = purpose.pool.settings.verifyCodeMaxAttempts
    if await verification_codes.count_prover(tx, code, prover, own_tries):
        return True
    # Who has used up their own tries must not use up those of others.
    await verification_codes.give_back(tx, code, None)
    return False


async def _give_back_tries(
    tx: Transaction, proof: Proof, looked_at: list[VerificationCode]
) -> None:
    for code in looked_at:
        prover = proof.prover if code.subject == ANYBODY else None
        await verification_codes.give_back(tx, code, prover)
