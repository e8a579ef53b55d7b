"""`gatepost user create`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.cli.test_pools import ID

Told = Callable[..., Any]


@pytest.fixture
def pool(told: Told) -> str:
    return str(told("pool", "create", "Shop", "--json")["userPoolId"])


def create(told: Told, pool: str, *words: str, **how: Any) -> Any:
    return told("user", "create", "--pool", pool, "--json", *words, **how)


def test_a_new_account(told: Told, pool: str) -> None:
    ann = create(told, pool, "--username", "ann")
    assert list(ann) == ["userId", "userPoolId", "username", "email", "emailVerified"]
    assert re.fullmatch(ID, ann["userId"]) and ann["userPoolId"] == pool
    assert (ann["username"], ann["email"], ann["emailVerified"]) == ("ann", None, False)
    bob = create(told, pool, "--username", "bob", "--email", "Bob@Example.com")
    assert (bob["email"], bob["emailVerified"]) == ("bob@example.com", False)
    eve = create(told, pool, "--username", "eve", "--email", "e@example.com", "--email-verified")
    assert eve["emailVerified"] is True


def test_a_password_is_never_shown(told: Told, pool: str) -> None:
    first = create(told, pool, "--username", "ann", "--password", "typed for all to see")
    second = create(told, pool, "--username", "bob", "--password-stdin", stdin="kept secret\n")
    assert "typed" not in str(first) and "kept" not in str(second)


def test_mistakes_are_one_line(told: Told, cli: Cli, pool: str) -> None:
    create(told, pool, "--username", "ann", "--email", "ann@example.com")

    def refused(*words: str, stdin: str = "") -> str:
        return cli("user", "create", "--pool", pool, *words, stdin=stdin).refused()

    assert "user name is already taken" in refused("--username", "ann")
    assert "already exists" in refused("--username", "bob", "--email", "ANN@example.com")
    assert "cannot be used" in refused("--username", "bob", "--email", "bob@")
    assert refused("--username", "a\nb").startswith("username ")
    assert refused("--username", "bob", "--password-stdin") == "the password is empty"
    assert refused("--username", "bob", "--password", "") == "the password is empty"
    assert refused("--username", "bob", "--password", "x" * 1025) == "password is too long."
    nowhere = cli("user", "create", "--pool", "0" * 24, "--username", "ann").refused()
    assert nowhere == "There is no user pool with this id."


@pytest.mark.parametrize(
    "words",
    [
        ("--username", "bob", "--password", "x", "--password-stdin"),
        ("--username", "bob", "--email-verified"),
        (),
    ],
)
def test_options_that_do_not_fit_together(cli: Cli, pool: str, words: tuple[str, ...]) -> None:
    assert cli("user", "create", "--pool", pool, *words).status == 2
