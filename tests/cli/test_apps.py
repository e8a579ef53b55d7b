"""`gatepost app`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.cli.test_pools import ID, SECRET

Told = Callable[..., Any]


@pytest.fixture
def pool(told: Told) -> str:
    return str(told("pool", "create", "Shop", "--json")["userPoolId"])


def test_a_new_app(told: Told, cli: Cli, pool: str) -> None:
    made = told("app", "create", "Web", "--pool", pool, "--json")
    assert list(made) == ["appId", "appSecret", "userPoolId"]
    assert re.fullmatch(ID, made["appId"]) and re.fullmatch(SECRET, made["appSecret"])
    assert made["userPoolId"] == pool
    shown = cli("app", "create", "Web", "--pool", pool).output.splitlines()
    assert [line.split(": ")[0] for line in shown] == list(made)


@pytest.mark.parametrize("auth", ["none", "client_secret_post", "client_secret_basic"])
def test_how_an_app_proves_itself(told: Told, pool: str, auth: str) -> None:
    uris = ["https://shop.example/back", "com.example.shop:/back"]
    words = [word for uri in uris for word in ("--redirect-uri", uri)]
    app = told("app", "create", "Web", "--pool", pool, "--client-auth", auth, *words, "--json")
    settings = told("app", "set", app["appId"], "access_token_expires_in=600")
    assert settings["token_endpoint_auth_method"] == auth
    assert settings["redirectUris"] == uris
    assert settings["access_token_expires_in"] == 600
    assert settings["lenientClientAuth"] is False


def test_every_setting_can_be_changed(told: Told, pool: str) -> None:
    app = told("app", "create", "Web", "--pool", pool, "--json")["appId"]
    settings = told(
        "app",
        "set",
        app,
        "lenientClientAuth=true",
        "id_token_signed_response_alg=HS256",
        "id_token_expires_in=601",
        "refresh_token_expires_in=602",
        "token_endpoint_auth_method=none",
        "redirectUris=https://one.example/a,https://two.example/b",
        "logoutRedirectUris=https://one.example/gone",
        "skip_consent=false",
    )
    assert settings["lenientClientAuth"] is True
    assert settings["id_token_signed_response_alg"] == "HS256"
    assert (settings["id_token_expires_in"], settings["refresh_token_expires_in"]) == (601, 602)
    assert settings["token_endpoint_auth_method"] == "none"
    assert settings["redirectUris"] == ["https://one.example/a", "https://two.example/b"]
    assert settings["logoutRedirectUris"] == ["https://one.example/gone"]
    assert settings["skip_consent"] is False


@pytest.mark.parametrize(
    "pair",
    [
        "lenientClientAuth=maybe",
        "access_token_expires_in=59",
        "id_token_signed_response_alg=none",
        "token_endpoint_auth_method=private_key_jwt",
        "redirectUris=not a url",
        "redirectUris=https://one.example/#part",
        "redirectUris=http://one.example/",
        "redirectUris=javascript:alert(1)",
        "logoutRedirectUris=https://ann@one.example/",
        "secret_digest=00",
    ],
)
def test_a_mistake_is_one_line_that_names_it(told: Told, cli: Cli, pool: str, pair: str) -> None:
    app = told("app", "create", "Web", "--pool", pool, "--json")["appId"]
    assert cli("app", "set", app, pair).refused().startswith(pair.partition("=")[0])


def test_what_nobody_made(told: Told, cli: Cli, pool: str) -> None:
    line = cli("app", "create", "Web", "--pool", "0" * 24).refused()
    assert line == "There is no user pool with this id."
    assert "not known" in cli("app", "set", "0" * 24, "lenientClientAuth=true").refused()
    assert cli("app", "create", " ", "--pool", pool).refused().startswith("name ")
    assert cli("app", "create", "Web", "--pool", pool, "--client-auth", "x").status == 2
