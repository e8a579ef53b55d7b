"""Every route has tests: a file named after its function, or after the file that it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatepost.api.routes import ROUTES
from gatepost.api.routing import Route
from gatepost.web.routes import WEB_ROUTES

TESTS = Path(__file__).parents[1]
ALL = [*ROUTES, *WEB_ROUTES]


def candidates(route: Route) -> set[str]:
    """The names that the test file of a route may have."""
    module = route.function.__module__.rpartition(".")[2]
    return {f"test_{route.function.__name__}.py", f"test_{module}.py"}


@pytest.mark.parametrize("route", ALL, ids=lambda route: f"{route.method} {route.path}")
def test_has_a_test_file(route: Route) -> None:
    files = {path.name for path in TESTS.rglob("test_*.py")}
    assert candidates(route) & files, f"none of {sorted(candidates(route))} is there"


def test_no_two_routes_share_method_and_path() -> None:
    lines = [(route.method, route.path) for route in ALL]
    assert len(lines) == len(set(lines))


def test_a_path_of_the_api_says_the_name_of_its_function() -> None:
    for route in ROUTES:
        if route.path.startswith("/api/v3/"):
            last = route.path.rsplit("/", 1)[-1].replace("-", "")
            assert last == route.function.__name__.replace("_", "")
