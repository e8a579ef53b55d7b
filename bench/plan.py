"""How much is run: a glance, the usual, everything, or one question about the number of users."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

ENGINES = ("sqlite", "postgresql")


class Plan(Struct, frozen=True, kw_only=True):
    """One kind of run. Durations are seconds.

    `most` is how many people an operation takes at the highest concurrency in a round, and
    `newcomers` and `settled` how many there are that call at all; `others` is how many each of
    the endpoints takes that are not measured at length. `only_sizes` leaves out all
    but the cost of a few operations among `also_users` and among `users`.
    """

    name: str
    users: int = 100_000
    engines: tuple[str, ...] = ENGINES
    rounds: int = 3
    concurrencies: tuple[int, ...] = (1, 64)
    between: tuple[int, ...] = (4, 16)
    seconds: float = 1.0
    most: int = 4_000
    newcomers: int = 5_000
    settled: int = 4_000
    others: int = 400
    traces: int = 300
    also_users: tuple[int, ...] = (1_000, 10_000)
    busy_seconds: float = 4.0
    workers: tuple[int, ...] = ()
    soak_seconds: float = 0.0
    only_sizes: bool = False

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers of users that a few operations are measured among by themselves."""
        if not self.only_sizes:
            return self.also_users
        return (*(users for users in self.also_users if users < self.users), self.users)

    def is_like(self, other: Plan) -> bool:
        """Whether the other says the same of every engine that both have."""
        return replace(self, engines=other.engines) == other


PLANS = {
    plan.name: plan
    for plan in (
        Plan(
            name="quick",
            users=10_000,
            rounds=1,
            between=(),
            seconds=0.7,
            most=2_500,
            newcomers=3_000,
            settled=2_500,
            others=250,
            traces=80,
            also_users=(),
            busy_seconds=2.0,
        ),
        Plan(name="usual"),
        Plan(
            name="full",
            concurrencies=(1, 16, 64),
            between=(2, 4, 8, 32, 128),
            seconds=2.0,
            most=6_000,
            newcomers=7_000,
            settled=6_000,
            others=1_000,
            traces=600,
            also_users=(1_000, 10_000, 1_000_000),
            busy_seconds=10.0,
            workers=(2,),
            soak_seconds=600.0,
        ),
        Plan(
            name="sizes",
            users=1_000_000,
            concurrencies=(64,),
            between=(),
            also_users=(1_000, 10_000, 100_000),
            only_sizes=True,
        ),
    )
}
