"""The whole benchmark with tiny numbers, against a real server on SQLite."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from bench.__main__ import main
from bench.load.outside import Failed
from bench.measure import mails
from bench.measure.addresses import BindEmail
from bench.measure.checks import Check, Differs
from bench.measure.operations import GetProfileFirst
from bench.measure.rounds import Ground, measured
from bench.measure.scene import now
from bench.plan import PLANS, Plan
from bench.report.results import Engine, Run
from bench.report.summary import OTHER_TITLES, TITLES
from bench.report.table import tables
from bench.run import run
from bench.site import Database, Site
from bench.stage import Stage
from bench.world.foundation import Foundation
from bench.world.people import People

TINY = Plan(
    name="tiny", users=300, engines=("sqlite",), rounds=1, concurrencies=(1, 4), between=(2,),
    seconds=0.1, most=20, newcomers=60, settled=60, others=8, traces=2,
    also_users=(100,),
    busy_seconds=0.2, workers=(2,), soak_seconds=0.1,
)  # fmt: skip


@dataclass
class OneServer(Site):
    """A site with one database and one server for all that is measured, and for what follows.

    To start a server takes more CPU than everything else that such a small run does.
    """

    open_until_the_end: ExitStack = field(default_factory=ExitStack)
    made: Database | None = None
    ground: Ground | None = None

    def database(self, users: int) -> Database:
        self.made = self.made or super().database(users)
        return self.made

    @contextmanager
    def serving(self, database: Database, workers: int = 1) -> Iterator[Ground]:
        if self.ground is None:
            self.ground = self.open_until_the_end.enter_context(super().serving(database))
        yield self.ground


@dataclass
class Ran:
    """A run that has ended, and the server that it left."""

    found: Run
    ground: Ground
    folder: Path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    folder = tmp_path_factory.mktemp("bench")
    sites = []
    until_the_end = ExitStack()

    @contextmanager
    def one_server(
        _: str, foundation: Foundation, people: People, place: Path
    ) -> Iterator[tuple[Site, str]]:
        make = f"sqlite:///{place}/{{}}.db".format
        sites.append(OneServer(foundation, people, place, make, None, until_the_end))
        yield sites[0], "3"

    with until_the_end, pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.run._site", one_server)
        found = run(TINY, folder)
        assert sites[0].ground is not None
        yield Ran(found, sites[0].ground, folder)


def test_measures_everything_and_finds_it_true(ran: Ran) -> None:
    engine = ran.found.engines[0]
    assert {figures.operation for figures in engine.rounds} == set(TITLES)
    assert all(figures.done and figures.p50 for figures in engine.rounds)
    assert [figures.operation for figures in engine.others] == list(OTHER_TITLES)
    # All of them, or as many as a busy machine does in the time there is.
    assert all(0 < figures.done <= TINY.others for figures in engine.others)
    assert {floor.operation for floor in engine.floors} < set(TITLES)
    assert {floor.concurrency for floor in engine.floors} == {1, 4}
    assert sum(delivery.mails for delivery in engine.deliveries) > 0
    assert engine.busy and engine.soak and engine.workers
    assert [len(size.rounds) for size in engine.sizes] == [2], "the first turn was counted"
    assert "SQLite" in tables(ran.found)
    lines = (ran.folder / "server.log").read_text().splitlines()
    levels = {json.loads(line)["level"] for line in lines if line.startswith("{")}
    assert levels == {"info"}, "the server had something to complain of"


class Boastful(BindEmail):
    """A bind that says it did more than it did."""

    def checks(self, done: int, since: int) -> list[Check]:
        return super().checks(done + 1, since)


def test_fails_when_rows_are_missing(ran: Ran) -> None:
    since = now()
    ran.ground.outside.let_mails_go()
    with pytest.raises(Differs, match="rows instead of"):
        measured(ran.ground, Boastful, 2, 0.2, 10)
    mails.all_came(ran.ground, since)


def test_fails_when_a_mail_is_missing(ran: Ran) -> None:
    ground, since = ran.ground, now()
    ground.outside.let_mails_go()
    done = measured(ground, BindEmail, 2, 0.2, 10).done
    mails.all_came(ground, since)
    ground.scene.bulk.each(
        "DELETE FROM outbox WHERE recipient IN"
        " (SELECT recipient FROM outbox WHERE created_at >= ? LIMIT 1)",
        [(since,)],
    )
    assert done > 1
    with pytest.raises(Differs, match="1} too many"):
        mails.all_came(ground, since)


def test_plans_are_known_by_their_names() -> None:
    assert {name: plan.name for name, plan in PLANS.items()} == {
        "quick": "quick", "usual": "usual", "full": "full", "sizes": "sizes",
    }  # fmt: skip
    of_operations = [plan for plan in PLANS.values() if not plan.only_sizes]
    assert all(64 in plan.concurrencies and 1 in plan.concurrencies for plan in of_operations)
    most = {name: max(plan.users, *plan.sizes) for name, plan in PLANS.items() if plan.sizes}
    assert most == {"usual": 100_000, "full": 1_000_000, "sizes": 1_000_000}


def test_only_sizes_leaves_out_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(Stage, "_size", lambda _, users: sizes.append(users))
    result = Stage(PLANS["sizes"], cast(Site, None), Engine(engine="sqlite", version="1")).run()
    assert sizes == [1_000, 10_000, 100_000, 1_000_000]
    assert not result.rounds and not result.soak


def test_users_are_the_most_of_all_sizes() -> None:
    assert replace(PLANS["sizes"], users=20_000).sizes == (1_000, 10_000, 20_000)
    assert replace(PLANS["usual"], users=5_000).sizes == PLANS["usual"].also_users


def test_only_is_said_with_any_plan(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[Plan] = []

    def stop(plan: Plan, *_: object) -> None:
        asked.append(plan)
        raise Failed("enough")

    monkeypatch.setattr("bench.__main__.run", stop)
    monkeypatch.setattr("bench.__main__.see_that_it_lasts", lambda _: None)
    words = ["usual", "--only", "sizes", "--engine", "sqlite", "--folder", str(tmp_path)]
    assert main(words) == 1
    assert asked == [replace(PLANS["sizes"], engines=("sqlite",))]


def test_a_first_call_is_by_a_token_that_the_server_has_not_met(ran: Ran) -> None:
    scene = ran.ground.scene
    people = scene.take("settled", 3)
    rounds = [GetProfileFirst(scene, people).flows() for _ in range(2)]
    sent = {step.head for flows in rounds for flow in flows for step in flow}
    assert len(sent) == 6
    assert measured(ran.ground, GetProfileFirst, 2, 0.2, 10).done
