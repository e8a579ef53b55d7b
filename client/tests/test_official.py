"""Every method with every parameter sends what the official client sends."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import genauth  # type: ignore[import-untyped]
import pytest

from client.tests.conftest import APP_ID, APP_SECRET, Connect
from client.tests.scripted import ScriptedServer, Seen, done
from client.tests.test_generated import OURS, methods
from gatepost_client import AuthenticationClient, UnexpectedAnswer

pytestmark = pytest.mark.parametrize("kind", ["asynchronous"], indirect=True)
"""The other client is made from this one, which a test holds."""

SETTINGS: dict[str, Any] = {"redirect_uri": "https://shop.example/back", "access_token": "a.b.c"}
SILENT = {
    "build_authorize_url",
    "build_logout_url",
    "generate_code_challenge",
    "generate_code_challenge_digest",
    "set_access_token",
    "introspect_token_offline",
}
"""They say nothing of what they take; test_links.py and test_signatures.py look at them."""

ADDED = {"sign_in_by_credentials": {"client_id": APP_ID, "client_secret": APP_SECRET}}
"""What ours sends of itself, where it was not said."""

ALL = methods(AuthenticationClient)
SENDING = sorted(ALL.keys() - OURS - SILENT)
OBJECTS = re.compile(r"\w+_payload|options|profile|custom_data")

WISHES = ({"scope": "s", "client_ip": "c"}, {"options": {"scope": "s", "clientIp": "c"}})
FROM = ({"client_ip": "c"}, {"options": {"clientIp": "c"}})
CODE = ({"email": "e", "pass_code": "p"}, {"email": "e", "passCode": "p"})

PLAIN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sign_in_by_email_password": WISHES,
    "sign_in_by_username_password": WISHES,
    "sign_in_by_account_password": WISHES,
    "sign_in_by_email_passcode": (
        WISHES[0] | {"auto_register": True},
        {"options": WISHES[1]["options"] | {"autoRegister": True}},
    ),
    "sign_up_by_email_password": FROM,
    "sign_up_by_username_password": FROM,
    "sign_up_by_email_passcode": FROM,
    "pre_check_code": (
        CODE[0] | {"channel": "c"},
        {"email_code_payload": CODE[1] | {"channel": "c"}},
    ),
    "verify_update_email_request": (
        {
            "new_email": "n",
            "new_email_pass_code": "np",
            "old_email": "o",
            "old_email_pass_code": "op",
        },
        {
            "email_pass_code_payload": {
                "newEmail": "n",
                "newEmailPassCode": "np",
                "oldEmail": "o",
                "oldEmailPassCode": "op",
            }
        },
    ),
    "verify_reset_password_request": (CODE[0], {"email_pass_code_payload": CODE[1]}),
    "verify_delete_account_request": (
        CODE[0] | {"password": "w"},
        {"email_pass_code_payload": CODE[1], "password_payload": {"password": "w"}},
    ),
}
"""What is said in plain keywords, and the same for the official client."""


def official_parameters(name: str) -> list[inspect.Parameter]:
    signature = inspect.signature(getattr(genauth.AuthenticationClient, name))
    return list(signature.parameters.values())[1:]


def values(parameters: Iterable[inspect.Parameter]) -> dict[str, Any]:
    """Something else for each, so that none can stand in the place of another."""
    return {
        it.name: {"it": it.name} if OBJECTS.fullmatch(it.name) else f"of-{it.name}"
        for it in parameters
    }


def wire(seen: Seen) -> tuple[str, str, Any, Any]:
    is_json = "json" in seen.headers.get("content-type", "")
    return seen.method, seen.path, seen.query, seen.json if is_json else seen.form


def sent(server: ScriptedServer, client: Any, name: str, /, *said: Any, **named: Any) -> Any:
    """What one call sends. That the answer is no use is no matter here."""
    server.seen.clear()
    server.decide = lambda _: done()
    with suppress(UnexpectedAnswer):
        getattr(client, name)(*said, **named)
    (seen,) = server.seen
    return wire(seen)


@pytest.fixture
def official(connect: Connect, server: ScriptedServer) -> Any:
    return genauth.AuthenticationClient(APP_ID, server.url, APP_SECRET, **SETTINGS)


@pytest.mark.parametrize("name", SENDING)
def test_it_sends_what_the_official_client_sends(
    connect: Connect, official: Any, server: ScriptedServer, name: str
) -> None:
    client = connect(**SETTINGS)
    every = values(official_parameters(name))
    needed = values(it for it in official_parameters(name) if it.default is it.empty)
    for given in (every, needed):
        theirs = sent(server, official, name, **ADDED.get(name, {}) | given)
        assert sent(server, client, name, **given) == theirs
    assert sent(server, client, name, *every.values()) == sent(server, official, name, **every)


@pytest.mark.parametrize("name", PLAIN)
def test_plain_words_send_it_too(
    connect: Connect, official: Any, server: ScriptedServer, name: str
) -> None:
    plain, officially = PLAIN[name]
    needed = values(it for it in official_parameters(name) if it.default is it.empty)
    theirs = sent(server, official, name, **needed | officially)
    needed = {word: value for word, value in needed.items() if word not in officially}
    assert sent(server, connect(**SETTINGS), name, **needed, **plain) == theirs


def test_every_word_of_ours_is_looked_at(kind: str) -> None:
    for name in SENDING:
        more = set(ALL[name].parameters) - {"self"} - {it.name for it in official_parameters(name)}
        looked_at = set(PLAIN[name][0]) if name in PLAIN else set()
        assert more - looked_at == ({"with_department_ids"} if name == "get_profile" else set())


def test_what_the_official_client_cannot_say(connect: Connect, server: ScriptedServer) -> None:
    client = connect(**SETTINGS)
    path = "/api/v3/get-profile"
    query = {"withDepartmentIds": ["true"]}
    assert sent(server, client, "get_profile", with_department_ids=True) == ("GET", path, query, {})
    app = {"appId": APP_ID, "appSecret": APP_SECRET}
    path = "/api/v3/check-app-id-secret"
    assert sent(server, client, "check_app_id_secret") == ("POST", path, {}, app)
