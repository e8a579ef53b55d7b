"""The whole benchmark with tiny numbers, against a real server on SQLite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from bench.__main__ import main
from bench.load.outside import Failed
from bench.measure import mails
from bench.measure.addresses import BindEmail
from bench.measure.checks import Check, Differs
from bench.measure.rounds import measured
from bench.measure.scene import now
from bench.plan import PLANS, Plan
from bench.report.results import Engine
from bench.report.summary import TITLES
from bench.report.table import tables
from bench.run import run
from bench.site import Site
from bench.stage import Stage
from bench.world.foundation import Foundation, founded
from bench.world.people import gathered

TINY = Plan(
    name="tiny", users=300, engines=("sqlite",), rounds=1, concurrencies=(1, 4), between=(2,),
    seconds=0.2, most=30, newcomers=80, settled=80, traces=2, also_users=(100,),
    busy_seconds=0.3, workers=(2,), soak_seconds=0.1,
)  # fmt: skip


@pytest.fixture(scope="module")
def foundation(tmp_path_factory: pytest.TempPathFactory) -> Foundation:
    return founded(tmp_path_factory.mktemp("foundation"))


@pytest.fixture
def site(foundation: Foundation, tmp_path: Path) -> Site:
    people = gathered(foundation, 40, 40, now() // 1000 - 60)
    return Site(foundation, people, tmp_path, lambda name: f"sqlite:///{tmp_path / name}.db")


def test_measures_everything_and_finds_it_true(tmp_path: Path) -> None:
    found = run(TINY, tmp_path)
    engine = found.engines[0]
    assert {figures.operation for figures in engine.rounds} == set(TITLES)
    assert all(figures.done and figures.p50 for figures in engine.rounds)
    assert {floor.operation for floor in engine.floors} < set(TITLES)
    assert sum(delivery.mails for delivery in engine.deliveries) > 0
    assert engine.busy and engine.soak and engine.workers and engine.sizes
    assert "SQLite" in tables(found)
    lines = (tmp_path / "sqlite" / "server.log").read_text().splitlines()
    levels = {json.loads(line)["level"] for line in lines if line.startswith("{")}
    assert levels == {"info"}, "the server had something to complain of"


class Boastful(BindEmail):
    """A bind that says it did more than it did."""

    def checks(self, done: int, since: int) -> list[Check]:
        return super().checks(done + 1, since)


def test_fails_when_rows_are_missing(site: Site) -> None:
    database = site.database(100)
    with site.serving(database) as ground, pytest.raises(Differs, match="rows instead of"):
        measured(ground, Boastful, 2, 0.2, 10)


def test_fails_when_a_mail_is_missing(site: Site) -> None:
    database = site.database(100)
    with site.serving(database) as ground:
        since = now()
        ground.outside.let_mails_go()
        done = measured(ground, BindEmail, 2, 0.2, 10).done
        mails.all_came(ground, since)
        ground.scene.bulk.each(
            "DELETE FROM outbox WHERE recipient IN (SELECT recipient FROM outbox LIMIT ?)", [(1,)]
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
