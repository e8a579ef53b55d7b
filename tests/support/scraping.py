"""What a server's metrics say, read as Prometheus reads them."""

from __future__ import annotations

import httpx
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]


class Scrape:
    """One answer of `/metrics`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.values: dict[str, dict[Labels, float]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                of_name = self.values.setdefault(sample.name, {})
                key = frozenset(sample.labels.items())
                assert key not in of_name, f"two figures for {sample.name} {sample.labels}"
                of_name[key] = sample.value

    def sum(self, name: str, **labels: str) -> float:
        """The sum of a figure over everything that has these labels."""
        wanted = labels.items()
        return sum(
            value for key, value in self.values.get(name, {}).items() if wanted <= dict(key).items()
        )

    def values_of(self, name: str, label: str) -> set[str]:
        """The values that a label of a figure has."""
        return {dict(key)[label] for key in self.values.get(name, {})}


def scraped(url: str, token: str = "") -> Scrape:
    """Ask a server process for its metrics."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    response = httpx.get(url, headers=headers, timeout=30)
    assert response.status_code == 200, response.text
    return Scrape(response.text)
