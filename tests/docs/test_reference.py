"""The pages made from the code tell all of it, and nothing that is gone."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec
import pytest
from msgspec import Struct

import gatepost_client
from docs.making import PAGES, meanings
from gatepost import testing
from gatepost.api.routes import ENDPOINTS
from gatepost.settings import Settings
from gatepost.vocabulary import refusals
from gatepost.vocabulary.application import AppSettings
from gatepost.vocabulary.user_pool import ChangeEmailStrategy, Limits, PoolSettings

GROUPS = {"limits", "changeEmailStrategy"}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (Settings, meanings.SERVER),
        (PoolSettings, meanings.POOL),
        (ChangeEmailStrategy, meanings.STRATEGY),
        (Limits, meanings.LIMITS),
        (AppSettings, meanings.APP),
    ],
)
def test_every_setting_has_a_meaning_and_every_meaning_a_setting(
    kind: type[Struct], told: dict[str, str]
) -> None:
    names = {field.name for field in msgspec.structs.fields(kind)}
    assert names - GROUPS == told.keys()


def test_every_endpoint_and_its_refusals_are_told() -> None:
    page = PAGES["reference/endpoints.md"]()
    for route in ENDPOINTS:
        if not route.tag:
            continue
        part = page.partition(f"### `{route.method} {route.path}`\n")[2].partition("\n### ")[0]
        for refusal in route.refuses if not route.oauth else ():
            assert f"| `{refusal.__name__}` |" in part, f"{route.path} {refusal.__name__}"


def test_refusals_are_told_with_their_codes() -> None:
    lines = PAGES["reference/refusals.md"]().splitlines()
    (taken,) = [line for line in lines if line.startswith("| `EmailTaken` |")]
    status, api_code = refusals.EmailTaken.status, refusals.EmailTaken.api_code
    assert taken.startswith(f"| `EmailTaken` | {status} | {api_code} |")


def test_commands_are_told_down_to_the_last() -> None:
    page = PAGES["reference/commands.md"]()
    for name in ("gatepost", "gatepost keys rotate", "gatepost audit verify"):
        assert f"\n## `{name}`\n" in page
    assert "--expect HEAD" in page


def part(page: str, name: str) -> str:
    """What a page has below a heading."""
    return page.partition(f" `{name}`\n")[2].partition("\n#")[0]


def in_one_line(text: Any) -> str:
    return " ".join(str(text).split())


def methods_of(kind: type) -> list[tuple[str, Any]]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return [(name, it) for name, it in found if not name.startswith("_")]


@pytest.mark.parametrize(("name", "method"), methods_of(gatepost_client.AuthenticationClient))
def test_every_method_of_the_client_is_told_with_all_it_takes(name: str, method: Any) -> None:
    told = part(PAGES["reference/python-client.md"](), name)
    assert in_one_line(inspect.getdoc(method)) in in_one_line(told)
    for word, it in list(inspect.signature(method).parameters.items())[1:]:
        default = "" if it.default is it.empty else f" = {it.default!r}"
        assert f"{word}: {it.annotation}{default}" in told


@pytest.mark.parametrize(
    ("place", "package"),
    [("reference/python-client.md", gatepost_client), ("reference/testing.md", testing)],
)
def test_every_type_that_python_people_import_is_told(place: str, package: Any) -> None:
    page = PAGES[place]()
    for name in package.__all__:
        kind = getattr(package, name)
        if inspect.isclass(kind) and name not in ("Answer", "AsyncAuthenticationClient"):
            assert in_one_line(inspect.getdoc(kind)) in in_one_line(part(page, name)), name


def test_what_a_test_is_handed_is_told_with_all_it_does() -> None:
    page = PAGES["reference/testing.md"]()
    for kind in (testing.Gatepost, testing.Mailbox, testing.Clock, testing.Emulator):
        for name, method in methods_of(kind):
            told = part(page, f"{kind.__name__}.{name}")
            assert in_one_line(inspect.getdoc(method)) in in_one_line(told)
    assert "`gatepost_emulator`" in page
