"""`gatepost pool`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Cli

Told = Callable[..., Any]
ID, SECRET = r"[0-9a-f]{24}", r"[0-9a-f]{32}"


def test_a_new_pool(told: Told, cli: Cli) -> None:
    made = told("pool", "create", "Shop", "--json")
    assert list(made) == ["userPoolId", "accessKeyId", "accessKeySecret"]
    assert re.fullmatch(ID, made["userPoolId"]) and re.fullmatch(ID, made["accessKeyId"])
    assert re.fullmatch(SECRET, made["accessKeySecret"])
    shown = cli("pool", "create", "Shop").output.splitlines()
    assert [line.split(": ")[0] for line in shown] == list(made)


def test_settings_by_their_names(told: Told) -> None:
    pool = told("pool", "create", "Shop", "--json")["userPoolId"]
    settings = told(
        "pool",
        "set",
        pool,
        "verifyCodeLength=8",
        "language=ja-JP",
        "allowedOrigins=https://shop.example, https://www.shop.example",
        "changeEmailStrategy.verifyOldEmail=false",
        "limits.sendsPerUserHour=7",
        "codesNeedSignIn=true",
    )
    assert settings["verifyCodeLength"] == 8
    assert settings["language"] == "ja-JP"
    assert settings["allowedOrigins"] == ["https://shop.example", "https://www.shop.example"]
    assert settings["changeEmailStrategy"]["verifyOldEmail"] is False
    assert settings["limits"]["sendsPerUserHour"] == 7
    assert settings["codesNeedSignIn"] is True
    again = told("pool", "set", pool, 'allowedOrigins=["https://one.example"]')
    assert again == settings | {"allowedOrigins": ["https://one.example"]}


@pytest.mark.parametrize(
    "pair",
    [
        "verifyCodeLength=3",
        "verifyCodeLength=eight",
        "verifyCodeLength=",
        "verifyCodeMaxAttempts=0",
        "language=tlh",
        "codesNeedSignIn=perhaps",
        "limits=none",
        'limits={"sendsPerUserHour":5}',
        "changeEmailStrategy={}",
        "allowedOrigins=https://shop.example/",
        'allowedOrigins=["https://shop.example\\n"]',
        "limits.unheardOf=1",
        "limits.sendsPerUserHour=-1",
        "unheardOf=1",
        "changeEmailStrategy.verifyOldEmail.deeper=1",
        "language.deeper=1",
        "=1",
    ],
)
def test_a_mistake_is_one_line_that_names_it_and_changes_nothing(
    told: Told, cli: Cli, pair: str
) -> None:
    pool = told("pool", "create", "Shop", "--json")["userPoolId"]
    before = told("pool", "set", pool, "verifyCodeResendInterval=61")
    line = cli("pool", "set", pool, "verifyCodeResendInterval=62", pair).refused()
    assert line.startswith(pair.partition("=")[0])
    assert told("pool", "set", pool, "verifyCodeResendInterval=61") == before


def test_a_pair_without_its_value(told: Told, cli: Cli) -> None:
    pool = told("pool", "create", "Shop", "--json")["userPoolId"]
    assert cli("pool", "set", pool, "language").refused() == (
        "language is not of the form KEY=VALUE"
    )
    assert cli("pool", "set", pool).status == 2


def test_a_pool_that_nobody_made(cli: Cli) -> None:
    line = cli("pool", "set", "0" * 24, "language=en-US").refused()
    assert line == "There is no user pool with this id."
