"""How many requests of each route ended how, and how long they took."""

from __future__ import annotations

from gatepost.api.routing import Route
from gatepost.tally import Family, Histogram, Sample, spread
from gatepost.vocabulary.refusals import Refusal

NO_ROUTE = ("other", "other")
"""Method and path of every request that no route answers: strangers must not make up labels."""

Outcome = tuple[int, int, int]
"""HTTP status, status in the envelope, apiCode; 0 for none."""


class RequestTally:
    """The requests that one process has answered."""

    def __init__(self) -> None:
        self._outcomes: dict[tuple[str, str], dict[Outcome, int]] = {}
        self._seconds: dict[tuple[str, str], Histogram] = {}

    def note(
        self, route: Route | None, http_status: int, refusal: Refusal | None, seconds: float
    ) -> None:
        """Count one answer."""
        key = (route.method, route.path) if route is not None else NO_ROUTE
        outcomes = self._outcomes.get(key)
        if outcomes is None:
            outcomes = self._outcomes[key] = {}
            self._seconds[key] = Histogram()
        if refusal is None:
            outcome = (http_status, http_status, 0)
        else:
            outcome = (http_status, refusal.status, refusal.api_code or 0)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        self._seconds[key].note(seconds)

    def families(self) -> list[Family]:
        """The figures so far."""
        samples = tuple(
            Sample((*key, str(http), str(status), str(code or "")), count)
            for key, outcomes in self._outcomes.items()
            for (http, status, code), count in outcomes.items()
        )
        return [
            Family(
                "gatepost_requests",
                "counter",
                "Requests answered, by route and outcome",
                samples,
                ("method", "route", "http_status", "status", "api_code"),
            ),
            spread(
                "gatepost_request_duration_seconds",
                "From the head of a request to its answer",
                list(self._seconds.items()),
                ("method", "route"),
            ),
        ]
