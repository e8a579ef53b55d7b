"""Latencies, rates and spreads of the benchmark."""

from __future__ import annotations

import pytest

from bench.load.job import Post
from bench.measure.figures import Spread, figures, quantile


def test_a_quantile_is_a_value_that_was_measured() -> None:
    ordered = list(range(1, 101))
    assert [quantile(ordered, share) for share in (0.5, 0.99, 0.999, 1.0)] == [50, 99, 100, 100]
    assert quantile([7], 0.5) == 7


def test_nothing_measured_has_no_quantile() -> None:
    with pytest.raises(ValueError, match="no latencies"):
        quantile([], 0.5)


def test_a_spread_has_the_middle_and_the_ends() -> None:
    assert Spread.of([9.0, 1.0, 4.0]) == Spread(4.0, 1.0, 9.0)
    with pytest.raises(ValueError, match="no rounds"):
        Spread.of([])


@pytest.mark.parametrize(
    ("calls", "p99", "p999"),
    [(99, None, None), (100, 99.0, None), (999, 990.0, None), (1000, 990.0, 999.0)],
)
def test_the_slowest_of_a_few_calls_is_no_quantile(
    calls: int, p99: float | None, p999: float | None
) -> None:
    latencies = [1000 * (n + 1) for n in range(calls)]
    found = figures(
        "x", 1, latencies, 1.0, server_seconds=0.0, database_seconds=0.0, client_seconds=0.0
    )
    assert (found.p99, found.p999) == (p99, p999)


def test_figures_are_per_operation() -> None:
    found = figures(
        "bind-email",
        2,
        [3_000_000, 1_000_000, 2_000_000, 4_000_000],
        seconds=0.5,
        server_seconds=0.001,
        database_seconds=0.002,
        client_seconds=0.0004,
    )
    assert (found.done, found.rate, found.p50) == (4, 8.0, 2000.0)
    assert (found.server_cpu, found.database_cpu, found.client_cpu) == (250.0, 500.0, 100.0)


def test_the_rate_of_mails_leaves_the_slow_ends_out() -> None:
    post = Post()
    post.instants.append(0.0)  # the first came at once, the others waited for a retry
    post.instants.extend(10.0 + n / 1000 for n in range(98))
    post.instants.append(30.0)
    assert post.rate == pytest.approx(1000.0)


def test_a_single_mail_has_no_rate() -> None:
    post = Post()
    post.instants.append(1.0)
    assert post.rate == 0.0
