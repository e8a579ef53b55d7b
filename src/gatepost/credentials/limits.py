"""How often one mailbox, one user and one client address may ask for things.

Counted in the database in one short unit before the work itself, so that a limit holds across
processes and restarts. The same for addresses that have an account and those that have none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from gatepost.storage import password_attempts, rate_limits
from gatepost.storage.database import Database, Reader, Transaction
from gatepost.storage.rate_limits import Allowance
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.client_address import client_network
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.refusals import SentTooRecently, TooManyRequests
from gatepost.vocabulary.user_pool import UserPool

HOUR = 3600
DAY = 86_400


class Origin(Struct, frozen=True):
    """Where a call comes from: a client address, or an app whose back-end names none."""

    user_pool_id: str
    app_id: str
    client: str | None

    @property
    def prover(self) -> str | None:
        """Whose tries at a code count together; None where nobody's address is known."""
        return client_network(self.client) if self.client else None

    @property
    def key(self) -> str:
        """What limits of one origin are counted by."""
        return f"client {self.prover}" if self.prover else f"app {self.app_id}"

    def allowance(self, what: str, per_hour: int, of_app_per_hour: int) -> Allowance:
        """So many an hour from one client, or, where none is named, through one app."""
        allowed = per_hour if self.client else of_app_per_hour
        return Allowance(f"{what} {self.user_pool_id} {self.key}", allowed, HOUR)


def _resend(pool: UserPool, channel: Channel, email: EmailAddress) -> Allowance:
    interval = pool.settings.verifyCodeResendInterval
    return Allowance(f"resend {pool.id} {channel} {email}", 1, interval)


async def seconds_to_resend(
    reader: Reader, pool: UserPool, channel: Channel, email: EmailAddress
) -> int:
    """How long until another mail of a channel may go to an address; 0 is now."""
    resend = _resend(pool, channel, email)
    return await rate_limits.seconds_left(reader, [resend.id], at_least=0)


async def count_send(
    database: Database,
    pool: UserPool,
    origin: Origin,
    channel: Channel,
    email: EmailAddress,
    user_id: str | None,
) -> None:
    """Count one mail that is asked for.

    Refuses: SentTooRecently, TooManyRequests; then nothing is counted but the call itself.
    """
    settings = pool.settings
    interval = _resend(pool, channel, email)
    call = origin.allowance(
        "send",
        settings.limits.sendsPerClientHour,
        settings.limits.callsPerTrustedAppHour,
    )
    mailbox = _of_mailbox(pool, origin, email, user_id)

    async def work(tx: Transaction) -> None:
        refused = await rate_limits.count(tx, [interval, call, *mailbox])
        if not refused:
            return
        counted = {limit.id for limit in (interval, *mailbox)} - refused
        await rate_limits.give_back(tx, counted)
        tx.keep()
        if interval.id in refused:
            raise SentTooRecently(await rate_limits.seconds_left(tx, [interval.id]))
        raise TooManyRequests(await rate_limits.seconds_left(tx, refused))

    await database.unit(work)


def _of_mailbox(
    pool: UserPool, origin: Origin, email: EmailAddress, user_id: str | None
) -> Sequence[Allowance]:
    """One mailbox, all channels together; what signed-in users ask for is counted apart."""
    limits = pool.settings.limits
    mailbox = f"{pool.id} {email.limit_key}"
    if user_id is not None:
        return [
            Allowance(f"user mails {mailbox} hour", limits.sendsToMailboxByUsersPerHour, HOUR),
            Allowance(f"user mails {mailbox} day", limits.sendsToMailboxByUsersPerDay, DAY),
            Allowance(
                f"user mails {mailbox} {origin.key}",
                limits.sendsToMailboxByUsersPerHourFromOneClient
                if origin.client
                else limits.sendsToMailboxByUsersPerHour,
                HOUR,
            ),
            Allowance(f"sends of user {user_id}", limits.sendsPerUserHour, HOUR),
        ]
    return [
        Allowance(f"mails {mailbox} hour", limits.sendsPerMailboxHour, HOUR),
        Allowance(f"mails {mailbox} day", limits.sendsPerMailboxDay, DAY),
        Allowance(
            f"mails {mailbox} {origin.key}",
            limits.sendsPerMailboxHourFromOneClient
            if origin.client
            else limits.sendsPerMailboxHour,
            HOUR,
        ),
    ]


async def count_sign_in(database: Database, pool: UserPool, origin: Origin) -> None:
    """Count one attempt to sign in. Refuses: TooManyRequests."""
    limits = pool.settings.limits
    await _count_call(
        database,
        origin.allowance("sign-in", limits.signInsPerClientHour, limits.callsPerTrustedAppHour),
    )


async def count_sign_up(database: Database, pool: UserPool, origin: Origin) -> None:
    """Count one attempt to make an account. Refuses: TooManyRequests."""
    limits = pool.settings.limits
    await _count_call(
        database,
        origin.allowance("sign-up", limits.signUpsPerClientHour, limits.callsPerTrustedAppHour),
    )


async def _count_call(database: Database, allowance: Allowance) -> None:
    async def work(tx: Transaction) -> None:
        if await rate_limits.count(tx, [allowance]):
            raise TooManyRequests(await rate_limits.seconds_left(tx, [allowance.id]))

    await database.unit(work)


def password_attempt(pool: UserPool, origin: Origin, identifier: str) -> str:
    """What wrong passwords are counted by: what was typed, and where it came from."""
    typed = unicodedata.normalize("NFC", identifier).casefold()[:320]
    return f"{pool.id} {origin.key} {typed}"


async def count_password_attempt(database: Database, pool: UserPool, attempt: str) -> None:
    """Count an attempt before it is made. Refuses: TooManyRequests, while a delay runs."""
    limits = pool.settings.limits

    async def work(tx: Transaction) -> None:
        if not await password_attempts.count(
            tx,
            attempt,
            allowed=limits.passwordFailures,
            window_seconds=limits.passwordFailuresWindow,
        ):
            raise TooManyRequests(await password_attempts.seconds_left(tx, attempt))

    await database.unit(work)
