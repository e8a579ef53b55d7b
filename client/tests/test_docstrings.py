"""What the docstrings say that the server refuses is what it refuses."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict

import pytest

from client.tests.test_generated import methods
from client.tests.test_refusals import CLIENTS
from gatepost.api.endpoint import needs_of
from gatepost.api.routes import ENDPOINTS
from gatepost_client import AuthenticationClient

PLACE = re.compile(r"\b(GET|POST) (/[\w./-]*\w)")
REFUSES = re.compile(r"Refuses:(.+?)(?=\bV3 API|\b(?:GET|POST) /|\Z)", re.DOTALL)
OF_MANY_WAYS = {("POST", "/api/v3/signin"), ("POST", "/api/v3/signup")}
"""Each of their methods names what its own way refuses, and together they name all of it."""
ANYWHERE = {"InvalidRequest"}
"""What every endpoint refuses that takes something: named where that is news."""
SERVED = {(route.method, route.path): route for route in ENDPOINTS}


def told() -> dict[tuple[str, str], dict[str, set[str]]]:
    """What each method says to be refused, by where it goes."""
    found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(dict)
    for name in methods(AuthenticationClient):
        text = inspect.getdoc(getattr(AuthenticationClient, name)) or ""
        refuses = REFUSES.search(text)
        words = set(re.findall(r"\w+", refuses[1])) if refuses else set()
        if place := PLACE.search(text):
            found[place[1], place[2]][name] = words & CLIENTS.keys()
    return found


TOLD = told()
OF_ONE_WAY = sorted(TOLD.keys() & SERVED.keys() - OF_MANY_WAYS)


def refused(place: tuple[str, str]) -> set[str]:
    """What the server's table says."""
    route = SERVED[place]
    signed_in = {"NotSignedIn", "SessionEnded"} if needs_of(route.function).signed_in else set()
    return {refusal.__name__ for refusal in route.refuses} | signed_in


def assert_same(who: str, said: set[str], place: tuple[str, str]) -> None:
    server = refused(place)
    lacks, drops = sorted(server - said), sorted(said - server - ANYWHERE)
    assert not lacks, f"{who}: write into 'Refuses:' what routes.py has for {place}: {lacks}"
    assert not drops, f"{who}: {place} refuses this no more, or routes.py lacks it: {drops}"


@pytest.mark.parametrize("place", OF_ONE_WAY, ids=" ".join)
def test_a_method_names_what_its_route_refuses(place: tuple[str, str]) -> None:
    for name, said in TOLD[place].items():
        assert_same(f"{name}()", said, place)


@pytest.mark.parametrize("place", sorted(OF_MANY_WAYS), ids=" ".join)
def test_methods_of_one_route_name_it_together(place: tuple[str, str]) -> None:
    assert_same(" and ".join(TOLD[place]), set.union(*TOLD[place].values()), place)


def test_every_method_that_calls_says_where() -> None:
    said = {name for of_place in TOLD.values() for name in of_place}
    silent = {"generate_code_challenge", "generate_code_challenge_digest"}
    setting = {"set_access_token", "set_tokens", "for_user", "close"}
    assert methods(AuthenticationClient).keys() - said == silent | setting
