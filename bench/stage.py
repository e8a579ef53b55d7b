"""One engine from the first row to the last figure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bench.measure import floors
from bench.measure.accounting import resident
from bench.measure.addresses import BindEmail, Journey, SendEmail, UpdateEmail
from bench.measure.busy import busy
from bench.measure.entering import Refresh, SignIn, SignInByCode
from bench.measure.figures import Figures
from bench.measure.mails import all_came, delivered
from bench.measure.operations import GetProfile, GetProfileFirst, Nothing, Operation
from bench.measure.others import OTHERS
from bench.measure.rounds import Ground, measured
from bench.measure.scene import Scene, now
from bench.measure.soak import soaked
from bench.plan import Plan
from bench.progress import say
from bench.report.results import Engine, Size
from bench.site import Database, Site
from gatepost.settings import Settings

HELD: tuple[type[Operation], ...] = (
    Nothing, GetProfile, GetProfileFirst, SendEmail, BindEmail, UpdateEmail, SignInByCode,
    SignIn, Refresh,
)  # fmt: skip
"""Measured while mails wait; the journey is measured before, while they flow."""

TRACED = (GetProfile, SendEmail, BindEmail, UpdateEmail, SignInByCode, SignIn, Refresh)
CURVED = (GetProfile, SendEmail, BindEmail)
SIZED = (GetProfile, BindEmail)

SLOW_TRACES = 32
"""Of a sign-in by password, which takes 25 ms however little the rest of it is."""

FIRST_TURN = 128
"""How many people are enough for every statement to be prepared on every connection."""

ALONE = 0.5
"""For what share of the time of sign-ins argon2id alone is measured: it has fewer ups and downs."""

ONE_CALLER = 0.3
"""What share of an operation's people is enough where one calls at a time."""


@dataclass
class Stage:
    """Everything that is measured on one engine."""

    plan: Plan
    site: Site
    result: Engine

    def run(self) -> Engine:
        """Measure what the plan says. Raises Failed and Differs."""
        if not self.plan.only_sizes:
            self._everything()
        for users in self.plan.sizes:
            self._size(users)
        return self.result

    def _everything(self) -> None:
        plan, result = self.plan, self.result
        database = self._database(plan.users)
        result.seeded_in_seconds = database.seconds
        self._floors(database)
        with self.site.serving(database) as ground:
            result.answers_after_seconds = ground.server.seconds_to_answer
            result.resident_at_start = resident(ground.server.pid)
            for number in range(plan.rounds):
                self._say(f"round {number + 1} of {plan.rounds}")
                self._round(ground)
            self._between(ground)
            self._others(ground)
            self._busy(ground)
            result.resident_at_end = resident(ground.server.pid)
            self._soak(ground)
        for workers in plan.workers:
            self._with_workers(database, workers)

    def _say(self, text: str) -> None:
        say(f"{self.result.engine}: {text}")

    def _database(self, users: int) -> Database:
        self._say(f"seeding {users:,} users")
        return self.site.database(users)

    def _floors(self, database: Database) -> None:
        """Bare statements, once with each concurrency."""
        self._say("tracing statements, and running them by themselves")
        scene = database.scene
        for kind in TRACED:
            self._floors_of(kind, scene, self.site.settings(database))
        scene.bulk.each("DELETE FROM outbox WHERE state <> ?", [("sent",)])  # nobody asked for them

    def _floors_of(self, kind: type[Operation], scene: Scene, settings: Settings) -> None:
        """One operation; traced for all concurrencies together, since to begin takes a while."""
        plan, pid = self.plan, self.site.database_pid
        most = min(SLOW_TRACES, plan.traces) if kind is SignIn else plan.traces
        operation = kind(scene, scene.take(kind.kind, most * len(plan.concurrencies)))
        traces = floors.traced(self.site.foundation, settings, operation.flows())
        for turn, at_once in enumerate(plan.concurrencies):
            share = traces[turn :: len(plan.concurrencies)]
            self.result.floors.append(floors.replayed(kind.name, at_once, share, settings, pid))
        operation.note(len(traces))

    def _round(self, ground: Ground) -> None:
        """Every operation once with each concurrency: first with mails, then without."""
        rounds = self.result.rounds
        since = now()
        ground.outside.let_mails_go()
        rounds += [self._measured(ground, Journey, number) for number in self.plan.concurrencies]
        all_came(ground, since)
        since = now()
        ground.outside.hold_mails()
        for kind in HELD:
            rounds += [self._measured(ground, kind, number) for number in self.plan.concurrencies]
        self._let_go(ground, since)

    def _let_go(self, ground: Ground, since: int) -> None:
        self._say("letting the mails go")
        delivery = delivered(ground, since)
        self.result.deliveries.append(delivery)
        self._say(
            f"{delivery.mails:,} mails, {delivery.rate:,.0f} a second,"
            f" {delivery.server_cpu:,.0f} µs of CPU each"
        )

    def _between(self, ground: Ground) -> None:
        """Other concurrencies, for the curve of latency against load."""
        since = now()
        ground.outside.hold_mails()
        for kind in CURVED:
            for concurrency in self.plan.between:
                self.result.between.append(self._measured(ground, kind, concurrency))
        delivered(ground, since)

    def _others(self, ground: Ground) -> None:
        """Every other endpoint, shortly and with the most callers.

        The first turn is not counted: a few hundred calls would carry what a server pays once.
        """
        since, at_once = now(), max(self.plan.concurrencies)
        ground.outside.hold_mails()
        self._say("every other endpoint: a first turn that is not counted")
        for kind in OTHERS:
            measured(ground, kind, at_once, self.plan.seconds, min(FIRST_TURN, self.plan.others))
        for number in range(self.plan.rounds):
            self._say(f"every other endpoint: round {number + 1} of {self.plan.rounds}")
            for kind in OTHERS:
                found = self._measured(ground, kind, at_once, self.plan.others)
                self.result.others.append(found)
        delivered(ground, since)

    def _busy(self, ground: Ground) -> None:
        """Argon2id alone is measured beside each round, before it and after it by turns."""
        seconds, at_once = self.plan.busy_seconds, max(self.plan.concurrencies)
        alone = partial(floors.argon2_rate, self.site.foundation.password_hash, seconds * ALONE)
        for number in range(self.plan.rounds):
            found = busy(ground, seconds, at_once, alone, first=number % 2 == 0)
            self.result.busy.append(found)
            self._say(
                f"{found.sign_ins:.0f} sign-ins a second; argon2id alone {found.alone:.0f};"
                f" readers' p99 {found.read_p99 / 1000:.1f} ms"
            )

    def _soak(self, ground: Ground) -> None:
        if self.plan.soak_seconds:
            self._say(f"soaking for {self.plan.soak_seconds:.0f} s")
            self.result.soak = soaked(ground, self.plan.soak_seconds, self.plan.most)

    def _with_workers(self, database: Database, workers: int) -> None:
        self._say(f"with {workers} workers")
        found = self.result.workers.setdefault(workers, [])
        at_once = max(self.plan.concurrencies)
        with self.site.serving(database, workers) as ground:
            since = now()
            ground.outside.hold_mails()
            for kind in HELD:
                for _ in range(self.plan.rounds):
                    found.append(self._measured(ground, kind, at_once))
            delivered(ground, since)

    def _size(self, users: int) -> None:
        """The same among fewer or more users.

        The first turn is not counted: a server that has just started prepares its statements,
        which weighs more where few people call, and would make many look cheap beside them.
        """
        database = self._database(users)
        rounds: list[Figures] = []
        at_once = max(self.plan.concurrencies)
        with self.site.serving(database) as ground:
            since = now()
            ground.outside.hold_mails()
            for turn in range(1 + self.plan.rounds):
                found = [self._measured(ground, kind, at_once) for kind in SIZED]
                rounds += found if turn else []
            delivered(ground, since)
        self.result.sizes.append(Size(users, rounds))

    def _measured(
        self, ground: Ground, kind: type[Operation], concurrency: int, most: int | None = None
    ) -> Figures:
        if most is None:
            most = self.plan.most if concurrency > 1 else int(self.plan.most * ONE_CALLER)
        found = measured(ground, kind, concurrency, self.plan.seconds, most)
        database = f" + {found.database_cpu:,.0f}" if ground.database_pid else ""
        slow = "" if found.p99 is None else f" p99 {found.p99 / 1000:.1f} ms,"
        self._say(
            f"  {kind.title}, {concurrency} at once: {found.rate:,.0f} a second,"
            f"{slow} CPU {found.server_cpu:,.0f}{database} µs"
        )
        return found
