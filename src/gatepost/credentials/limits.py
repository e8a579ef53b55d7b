"""How often one mailbox, one user and one client address may ask for things.

Counted in the database, so that a limit holds across processes and restarts. What many callers
share, a client address or an app, is counted in one short unit before the work itself, or all
of them would wait for each other; what is one mailbox's, in the unit of the mail. The same for
addresses that have an account and those that have none.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from msgspec import Struct

from gatepost.storage import password_attempts, rate_limits
from gatepost.storage.database import Database, Reader, Transaction
from gatepost.storage.rate_limits import Allowance
from gatepost.vocabulary.channel import OF_THE_OWNER, Channel
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


class Asked(Struct, frozen=True):
    """A mail that is asked for: of what channel, to whom, and by whom if they are signed in."""

    channel: Channel
    email: EmailAddress
    user_id: str | None = None


def _resend(pool: UserPool, asked: Asked) -> Allowance:
    """One mail of a channel to an address in a while.

    Mails that go to an account's owner only are counted apart for that user: that strangers
    are told to wait must not tell them that somebody with this address was just there.
    """
    of_owner = asked.channel in OF_THE_OWNER and asked.user_id is not None
    who = f" {asked.user_id}" if of_owner else ""
    interval = pool.settings.verifyCodeResendInterval
    return Allowance(f"resend {pool.id} {asked.channel} {asked.email}{who}", 1, interval)


async def seconds_to_resend(reader: Reader, pool: UserPool, asked: Asked) -> int:
    """How long until such a mail may be asked for again; 0 is now."""
    return await rate_limits.seconds_left(reader, [_resend(pool, asked).id], at_least=0)


async def count_ask(database: Database, pool: UserPool, origin: Origin) -> None:
    """Count one call that asks for a mail, whatever becomes of it. Refuses: TooManyRequests."""
    limits = pool.settings.limits
    await _count_call(
        database,
        origin.allowance("send", limits.sendsPerClientHour, limits.callsPerTrustedAppHour),
    )


async def count_mail(tx: Transaction, pool: UserPool, origin: Origin, asked: Asked) -> None:
    """Count one mail, in the unit that writes it: neither is there without the other.

    Refuses: SentTooRecently, TooManyRequests; nothing is counted then.
    """
    interval = _resend(pool, asked)
    refused = await rate_limits.count(tx, [interval, *_of_mailbox(pool, origin, asked)])
    if interval.id in refused:
        raise SentTooRecently(await rate_limits.seconds_left(tx, [interval.id]))
    if refused:
        raise TooManyRequests(await rate_limits.seconds_left(tx, refused))


def _of_mailbox(pool: UserPool, origin: Origin, asked: Asked) -> Sequence[Allowance]:
    """One mailbox, all channels together; what signed-in users ask for is counted apart."""
    limits, user_id = pool.settings.limits, asked.user_id
    mailbox = f"{pool.id} {asked.email.limit_key}"
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
    if not await rate_limits.count_alone(database, allowance):
        raise TooManyRequests(await rate_limits.seconds_left(database.reader(), [allowance.id]))


def password_attempt(pool: UserPool, origin: Origin, identifier: str) -> str:
    """What wrong passwords are counted by: what was typed, and where it came from."""
    # Cut off before NFC, which takes the square of a run of combining marks.
    typed = unicodedata.normalize("NFC", identifier[:320]).casefold()
    return f"{pool.id} {origin.key} {typed}"


async def count_password_attempt(database: Database, pool: UserPool, attempt: str) -> None:
    """Count an attempt before it is made. Refuses: TooManyRequests, while a delay runs."""
    limits = pool.settings.limits

    if not await password_attempts.count(
        database,
        attempt,
        allowed=limits.passwordFailures,
        window_seconds=limits.passwordFailuresWindow,
    ):
        raise TooManyRequests(await password_attempts.seconds_left(database.reader(), attempt))
