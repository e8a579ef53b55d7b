"""Mails: held while operations are measured, then let go, counted, and compared with the rows."""

from __future__ import annotations

import time

from msgspec import Struct

from bench.measure.checks import Differs, mails_came
from bench.measure.rounds import Ground

LONGEST_SECONDS = 300.0
LOOK_EVERY_SECONDS = 0.05


class Delivery(Struct, frozen=True, kw_only=True):
    """A backlog that was delivered; costs in microseconds a mail."""

    mails: int
    rate: float
    server_cpu: float
    database_cpu: float


def delivered(ground: Ground, since: int) -> Delivery:
    """Let every mail that was due since an instant go out, and see that each came once.

    Raises Differs.
    """
    before = ground.spent()
    ground.outside.let_mails_go()
    _wait(ground)
    after = ground.spent()
    post = ground.outside.post()
    mails_came(ground.scene.bulk, since, post.by_domain)
    number = max(1, len(post.instants))
    return Delivery(
        mails=len(post.instants),
        rate=post.rate,
        server_cpu=after[0].since(before[0]) / number * 1e6,
        database_cpu=after[1].since(before[1]) / number * 1e6,
    )


def all_came(ground: Ground, since: int) -> None:
    """The same where mails were never held. Raises Differs."""
    _wait(ground)
    mails_came(ground.scene.bulk, since, ground.outside.post().by_domain)


def _wait(ground: Ground) -> None:
    """Until nothing waits in the outbox; asked seldom, so that asking costs little."""
    deadline, pause = time.monotonic() + LONGEST_SECONDS, LOOK_EVERY_SECONDS
    while ground.scene.bulk.ask("SELECT 1 FROM outbox WHERE state = 'queued' LIMIT 1"):
        if time.monotonic() > deadline:
            raise Differs("mails still wait after five minutes")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
