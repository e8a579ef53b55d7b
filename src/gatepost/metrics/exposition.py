"""Figures in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from gatepost.tally import Family, Sample

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def text_of(shared: Sequence[Family], workers: Mapping[int, Sequence[Family]]) -> bytes:
    """What all nodes share as it is; what is of one process with its number as a label."""
    metrics = {family.name: _metric(family) for family in shared}
    for family in shared:
        _add(metrics[family.name], family, {})
    for number, families in sorted(workers.items()):
        for family in families:
            metric = metrics.setdefault(family.name, _metric(family))
            _add(metric, family, {"worker": str(number)})
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Given(metrics.values()))
    return generate_latest(registry)


class _Given(Collector):
    def __init__(self, metrics: object) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics  # type: ignore[misc]


def _metric(family: Family) -> Metric:
    return Metric(family.name, family.help, family.kind)


def _add(metric: Metric, family: Family, worker: dict[str, str]) -> None:
    for sample in family.samples:
        labels = worker | dict(zip(family.labels, sample.labels, strict=True))
        if family.kind == "histogram":
            _add_histogram(metric, family, sample, labels)
        else:
            suffix = "_total" if family.kind == "counter" else ""
            metric.add_sample(family.name + suffix, labels, sample.value)


def _add_histogram(metric: Metric, family: Family, sample: Sample, labels: dict[str, str]) -> None:
    """Buckets are told as Prometheus wants them: each holds all that is smaller as well."""
    bounds = [*(repr(bound) for bound in family.bounds), "+Inf"]
    below = list(accumulate(sample.counts))
    for bound, count in zip(bounds, below, strict=True):
        metric.add_sample(f"{family.name}_bucket", labels | {"le": bound}, count)
    metric.add_sample(f"{family.name}_count", labels, below[-1])
    metric.add_sample(f"{family.name}_sum", labels, sample.value)
