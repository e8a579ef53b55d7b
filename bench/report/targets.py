"""What the server is to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from bench.report.results import Engine, Run
from bench.report.summary import OTHER_TITLES, TITLES, Missing, median, sizes
from bench.report.svg import short

MIB = 2**20
NOT_PASSWORDS = (
    "get-profile", "get-profile-first", "send-email", "bind-email", "sign-in-by-code", "refresh",
)  # fmt: skip
"""Those of one call that are measured at length; the steps of the others stand among the rest."""

MOST_USERS = 1_000_000


class Target(Struct, frozen=True):
    """A figure, its bound for each engine (None: none is set), and which way is better."""

    what: str
    unit: str
    bounds: dict[str, float]
    find: Callable[[Run, Engine], float]
    at_least: bool = False
    among: Callable[[Run, Engine], str] = lambda _run, _engine: ""
    """What a value was found among, where runs differ in that, to be said beside it."""
    aimed: str = ""
    """The same of the bound."""

    def reached(self, engine: str, value: float) -> bool:
        """Whether a value is good enough; where no bound is set everything is."""
        bound = self.bounds.get(engine)
        if bound is None:
            return True
        return value >= bound if self.at_least else value <= bound


def _both(bound: float) -> dict[str, float]:
    return {"sqlite": bound, "postgresql": bound}


def _at_most_concurrency(operation: str, measure: str) -> Callable[[Run, Engine], float]:
    return lambda run, engine: median(
        engine.rounds, operation, max(run.plan.concurrencies), measure
    )


def _without_password(run: Run, engine: Engine) -> dict[str, float]:
    """CPU of every call that checks no password, by its title. Raises Missing for any."""
    at_once, rounds = max(run.plan.concurrencies), engine.rounds + engine.others
    titles = {name: TITLES[name] for name in NOT_PASSWORDS} | OTHER_TITLES
    return {title: median(rounds, name, at_once, "server_cpu") for name, title in titles.items()}


def _dearest(run: Run, engine: Engine) -> float:
    return max(_without_password(run, engine).values())


def _which_is_dearest(run: Run, engine: Engine) -> str:
    costs = _without_password(run, engine)
    return max(costs, key=lambda title: costs[title])


def _median_of(values: list[float]) -> float:
    if not values:
        raise Missing
    return sorted(values)[len(values) // 2]


def _sign_in_share(_: Run, engine: Engine) -> float:
    return _median_of([busy.share for busy in engine.busy])


def _growth(run: Run, engine: Engine) -> float:
    """How many times dearer a bind is among the most users than among the fewest."""
    at_once = max(run.plan.concurrencies)
    costs = [
        median(rounds, "bind-email", at_once, "server_cpu")
        + median(rounds, "bind-email", at_once, "database_cpu")
        for rounds in sizes(run, engine).values()
    ]
    if len(costs) < 2:
        raise Missing
    return costs[-1] / costs[0]


def _range(run: Run, engine: Engine) -> str:
    measured = list(sizes(run, engine))
    only = " only" if measured[-1] < MOST_USERS else ""
    return f"{short(measured[0])} → {short(measured[-1])} users{only}"


TARGETS = (
    Target("bind-email, CPU of the server", "µs", {"sqlite": 250, "postgresql": 350},
           _at_most_concurrency("bind-email", "server_cpu")),
    Target("bind-email, CPU of the database", "µs", {"postgresql": 350},
           _at_most_concurrency("bind-email", "database_cpu")),
    Target("bind-email, most at once", "a second", {"sqlite": 3000, "postgresql": 2000},
           _at_most_concurrency("bind-email", "rate"), at_least=True),
    Target("get-profile, CPU of the server", "µs", {"sqlite": 90, "postgresql": 160},
           _at_most_concurrency("get-profile", "server_cpu")),
    Target("send-email, CPU of the server", "µs", {"sqlite": 300, "postgresql": 450},
           _at_most_concurrency("send-email", "server_cpu")),
    Target("the dearest call without a password, CPU of the server", "µs", {"sqlite": 600},
           _dearest, among=_which_is_dearest),
    Target("sign-in by password, share of argon2id alone", "%", _both(90), _sign_in_share,
           at_least=True),
    Target("get-profile while all cores check passwords, p99", "ms", _both(10),
           lambda _, engine: _median_of([busy.read_p99 for busy in engine.busy]) / 1000),
    Target("mails delivered to a local sink", "a second", _both(3000),
           lambda _, engine: _median_of([done.rate for done in engine.deliveries]),
           at_least=True),
    Target("bind-email among most users against fewest", "times", _both(1.5), _growth,
           among=_range, aimed=f"1k → {short(MOST_USERS)} users"),
    Target("start to first answer", "s", _both(1),
           lambda _, engine: engine.answers_after_seconds),
    Target("memory after all of it", "MiB", _both(120),
           lambda _, engine: engine.resident_at_end / MIB),
)  # fmt: skip
