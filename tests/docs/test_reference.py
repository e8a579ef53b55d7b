"""The pages made from the code tell all of it, and nothing that is gone."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Struct

from docs.making import PAGES, meanings
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
