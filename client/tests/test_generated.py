"""The two clients are one."""

from __future__ import annotations

import inspect

import genauth  # type: ignore[import-untyped]
import pytest

from client.generate import PACKAGE, synchronous_files
from gatepost.api.routes import ENDPOINTS
from gatepost_client import AsyncAuthenticationClient, AuthenticationClient

OURS = {
    "check_app_id_secret",
    "set_tokens",
    "for_user",
    "close",
}
"""What the official client has none of."""
NOT_SERVED = {
    "/oidc/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/oidc",
    "/healthz",
    "/readyz",
    "/assets/person.svg",
}
"""Nothing that an app does with an account."""


def methods(kind: type) -> dict[str, inspect.Signature]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: inspect.signature(it) for name, it in found if not name.startswith("_")}


def test_the_synchronous_client_is_what_is_made() -> None:
    files = synchronous_files()
    assert len(files) >= 9
    for path, text in files.items():
        assert path.read_text() == text, f"run client/generate.py: {path.name} is not what it makes"
    there = {path.name for path in (PACKAGE / "synchronous").glob("*.py")}
    assert there == {path.name for path in files} | {"primitives.py"}


def test_both_take_the_same() -> None:
    one, other = methods(AuthenticationClient), methods(AsyncAuthenticationClient)
    assert one.keys() == other.keys()
    for name, signature in one.items():
        assert signature.parameters == other[name].parameters, name


@pytest.mark.parametrize("name", sorted(methods(AuthenticationClient).keys() - OURS))
def test_moving_is_a_change_of_import(name: str) -> None:
    """Parameters have the official names, in the official order, and need no more."""
    ours = methods(AuthenticationClient)[name].parameters.values()
    mine = [it.name for it in ours if it.kind is not inspect.Parameter.KEYWORD_ONLY]
    official = inspect.signature(getattr(genauth.AuthenticationClient, name)).parameters
    theirs = [it for it in official if it != "service"]  # of CAS, which is another protocol
    assert mine[: len(theirs)] == theirs
    needed = {it.name for it in ours if it.default is inspect.Parameter.empty}
    assert needed <= {it.name for it in official.values() if it.default is inspect.Parameter.empty}


def test_what_is_called_ours_is_in_no_official_client() -> None:
    assert {name for name in OURS if hasattr(genauth.AuthenticationClient, name)} == set()


def test_the_client_itself_is_made_the_same_way() -> None:
    official = list(inspect.signature(genauth.AuthenticationClient).parameters)
    ours = list(inspect.signature(AuthenticationClient).parameters)
    assert [name for name in official if not name.startswith("websocket")][:-1] == ours[:13]
    assert "real_ip" in ours


def test_everything_that_is_served_has_its_method() -> None:
    written = "".join(path.read_text() for path in (PACKAGE / "asynchronous").glob("*.py"))
    served = {route.path for route in ENDPOINTS} - NOT_SERVED
    assert {path for path in served if f'"{path}"' not in written} == set()
