"""What `/metrics` tells, whom, and what it never tells."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator

import msgspec
import pytest

from gatepost.api.request_tally import RequestTally
from gatepost.metrics.exposition import text_of
from gatepost.settings import Settings
from gatepost.tally import Histogram, spread
from tests.support.backstage import OK, change, mails_are_done, said, wrong
from tests.support.codes import roomy_app
from tests.support.scraping import Scrape
from tests.support.world import World, new_world

TOKEN = "a-token-for-the-monitoring"
EMAIL = "ann@example.com"


@pytest.fixture
async def watched(settings: Settings) -> AsyncIterator[World]:
    """A server that tells its metrics for a token."""
    settings = msgspec.structs.replace(settings, metrics_token=TOKEN)
    async with new_world(settings) as world:
        yield world


async def scraped(world: World) -> Scrape:
    answer = await world.http.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return Scrape(answer.text)


async def test_without_a_token_set_there_is_no_such_path(world: World) -> None:
    for headers in ({}, {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}"}):
        answer = await world.http.get("/metrics", headers=headers)
        assert (answer.status_code, answer.json()["statusCode"]) == (404, 404)
    assert (await world.http.post("/metrics")).status_code == 404


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
async def test_without_the_right_token_it_is_an_unknown_path(watched: World, shown: str) -> None:
    headers = {"authorization": shown.encode("latin-1")}
    hidden = (await watched.http.get("/metrics", headers=headers)).json()  # type: ignore[arg-type]
    unknown = (await watched.http.get("/no-such-path")).json()
    assert hidden.keys() == unknown.keys()
    assert hidden | {"requestId": ""} == unknown | {"requestId": ""}


async def test_requests_are_told_by_route_and_outcome(watched: World) -> None:
    ann = await watched.person("ann", await roomy_app(watched))
    await ann.asks_to_bind(EMAIL)
    code = await watched.code(EMAIL)
    for _ in range(2):
        await ann.binds(EMAIL, wrong(code))
    assert said(await ann.binds(EMAIL, code)) == OK
    scrape = await scraped(watched)
    bind = {"method": "POST", "route": "/api/v3/bind-email", "http_status": "200", "worker": "0"}
    assert scrape.sum("gatepost_requests_total", **bind, status="200", api_code="") == 1
    assert scrape.sum("gatepost_requests_total", **bind, status="400", api_code="2001") == 2
    assert scrape.sum("gatepost_requests_total", route="/api/v3/signin", status="200") == 1
    timed = "gatepost_request_duration_seconds"
    assert scrape.sum(f"{timed}_count", route="/api/v3/bind-email") == 3
    assert scrape.sum(f"{timed}_bucket", route="/api/v3/bind-email", le="+Inf") == 3
    assert scrape.sum(f"{timed}_sum", route="/api/v3/signin") > 0


async def test_strangers_make_up_no_labels(watched: World) -> None:
    await watched.http.get("/healthz")
    for _ in range(30):
        await watched.http.get(f"/{secrets.token_hex(4)}")
        await watched.http.request(secrets.token_hex(4).upper(), "/healthz")
    scrape = await scraped(watched)
    assert scrape.values_of("gatepost_requests_total", "route") == {"other", "/healthz"}
    assert scrape.values_of("gatepost_requests_total", "method") == {"other", "GET"}
    assert scrape.sum("gatepost_requests_total", route="other", status="404") == 30
    assert scrape.sum("gatepost_requests_total", route="other", status="405") == 30


async def test_units_mails_and_the_queue_of_hashes(watched: World) -> None:
    ann = await watched.person("ann", await roomy_app(watched))
    await ann.asks_to_bind(EMAIL)
    code = await watched.code(EMAIL)
    before = await scraped(watched)
    await ann.binds(EMAIL, wrong(code))
    after = await scraped(watched)

    def grown(name: str, **labels: str) -> float:
        return after.sum(name, **labels) - before.sum(name, **labels)

    assert grown("gatepost_units_total", outcome="refused") == 1
    assert grown("gatepost_unit_duration_seconds_count") >= 1
    assert after.sum("gatepost_units_total", outcome="failed") == 0
    on_sqlite = watched.settings.on_sqlite
    assert (after.sum("gatepost_batch_units_count") > 0) is on_sqlite
    assert after.sum("gatepost_database_connections_most") == (1 if on_sqlite else 10)
    assert after.sum("gatepost_database_waiting") == 0
    assert after.sum("gatepost_password_work", state="running") == 0
    assert after.sum("gatepost_password_work_waiting_most") > 0
    assert (after.sum("gatepost_workers"), after.sum("gatepost_workers_answered")) == (1, 1)
    async with asyncio.timeout(10):  # what became of a mail is noted after it was sent
        while (await scraped(watched)).sum("gatepost_mails_total", outcome="delivered") < 1:
            pass


async def test_the_outbox_shows_what_waits_and_for_how_long(watched: World) -> None:
    ann = await watched.person("ann", await roomy_app(watched))
    assert (await scraped(watched)).sum("gatepost_outbox_oldest_seconds") == 0
    await ann.asks_to_bind(EMAIL)
    await watched.code(EMAIL)
    await mails_are_done(watched)
    later = watched.clock() + 3_600_000
    await change(
        watched, "UPDATE outbox SET state = 'queued', due_at = :later, created_at = 0", later=later
    )
    await change(watched, "UPDATE outbox SET created_at = :at", at=watched.clock() - 90_000)
    scrape = await scraped(watched)
    assert scrape.sum("gatepost_outbox_mails") == 1
    assert 90 <= scrape.sum("gatepost_outbox_oldest_seconds") < 120


async def test_nothing_of_anybody_is_told(watched: World) -> None:
    ann = await watched.person("ann-lee", await roomy_app(watched))
    await ann.asks_to_bind(EMAIL)
    code = await watched.code(EMAIL)
    await ann.binds(EMAIL, code)
    text = (await scraped(watched)).text
    for secret in (EMAIL, "ann-lee", ann.user_id, ann.app.app_id, ann.app.pool_id, code, TOKEN):
        assert secret not in text


def test_a_histogram_tells_sums_of_what_is_below_each_bound() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 9.0):
        histogram.note(value)
    family = spread("h", "", [((), histogram)])
    scrape = Scrape(text_of([], {3: [family], 7: [family]}).decode())
    below = {
        bound: scrape.sum("h_bucket", le=bound, worker="3") for bound in ("1.0", "2.0", "+Inf")
    }
    assert below == {"1.0": 2, "2.0": 3, "+Inf": 4}
    assert (scrape.sum("h_count", worker="7"), scrape.sum("h_sum", worker="7")) == (4, 12)


def test_a_route_that_is_unknown_is_one_label() -> None:
    tally = RequestTally()
    tally.note(None, 404, None, 0.1)
    (sample,) = tally.families()[0].samples
    assert sample.labels == ("other", "other", "404", "404", "")
