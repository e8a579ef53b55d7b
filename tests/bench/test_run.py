"""The whole benchmark with tiny numbers, against a real server on SQLite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.measure import mails
from bench.measure.addresses import BindEmail
from bench.measure.checks import Check, Differs
from bench.measure.rounds import measured
from bench.measure.scene import now
from bench.plan import PLANS, Plan
from bench.report.summary import TITLES
from bench.report.table import tables
from bench.run import run
from bench.site import Site
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
        "quick": "quick", "usual": "usual", "full": "full",
    }  # fmt: skip
    assert all(64 in plan.concurrencies and 1 in plan.concurrencies for plan in PLANS.values())
