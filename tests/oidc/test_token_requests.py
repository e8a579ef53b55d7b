"""`POST /oidc/token`: who may ask, and how a request must read."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.support.oauth import (
    INVALID_CLIENT,
    INVALID_REQUEST,
    TOKEN,
    UNSUPPORTED_GRANT,
    error_of,
    in_body,
    in_header,
    refreshes,
    signs_in_offline,
)
from tests.support.world import App, World

FORM = {"content-type": "application/x-www-form-urlencoded"}


def grant(token: str) -> dict[str, str]:
    return {"grant_type": "refresh_token", "refresh_token": token}


@pytest.mark.parametrize("auth", ["client_secret_post", "client_secret_basic"])
async def test_a_secret_is_as_good_in_the_header_as_in_the_body(world: World, auth: str) -> None:
    ann = await world.person("ann", await world.app(auth=auth), sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    app = ann.app
    bare = await world.http.post(TOKEN, data=grant(token) | {"client_id": app.app_id})
    assert error_of(bare) == INVALID_CLIENT
    assert bare.headers["www-authenticate"].startswith("Basic ")
    wrong = App(app.pool_id, app.app_id, "0" * 32)
    assert error_of(await refreshes(world, wrong, token)) == INVALID_CLIENT
    bad = await world.http.post(TOKEN, data=grant(token), headers=in_header(wrong))
    assert error_of(bad) == INVALID_CLIENT
    both = await world.http.post(TOKEN, data=grant(token) | in_body(wrong), headers=in_header(app))
    assert error_of(both) == INVALID_CLIENT
    good = await world.http.post(TOKEN, data=grant(token), headers=in_header(app))
    assert good.status_code == 200
    assert (await refreshes(world, app, good.json()["refresh_token"])).status_code == 200


async def test_an_app_without_a_proof_names_itself(world: World) -> None:
    ann = await world.person("ann", await world.app(auth="none"), sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    named = {"client_id": ann.app.app_id}
    fresh = await world.http.post(TOKEN, data=grant(token) | named)
    assert fresh.status_code == 200
    again = grant(fresh.json()["refresh_token"])
    wrong = await world.http.post(TOKEN, data=again | named | {"client_secret": "0" * 32})
    assert error_of(wrong) == INVALID_CLIENT
    assert error_of(await world.http.post(TOKEN, data=again)) == INVALID_CLIENT
    nobody = await world.http.post(TOKEN, data=again | {"client_id": "0" * 24})
    assert error_of(nobody) == INVALID_CLIENT


@pytest.mark.parametrize("kind", ["password", "implicit", "client_credentials", "x"])
async def test_other_grants_are_not_known(world: World, kind: str) -> None:
    app = await world.app()
    response = await world.http.post(TOKEN, data={"grant_type": kind} | in_body(app))
    assert error_of(response) == UNSUPPORTED_GRANT


async def test_forms_that_do_not_say_what_they_must(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    token, proof = (await signs_in_offline(ann))["refresh_token"], in_body(ann.app)
    wholes = [
        {"refresh_token": token},
        {"grant_type": "", "refresh_token": token},
        {"grant_type": "refresh_token"},
        {"grant_type": "refresh_token", "refresh_token": ""},
        {"grant_type": "refresh_token", "refresh_token": "a\0b"},
    ]
    for fields in wholes:
        response = await world.http.post(TOKEN, data=fields | proof)
        assert error_of(response) == INVALID_REQUEST, fields
    for name, value in (*grant(token).items(), *proof.items()):
        doubled = urlencode([*(grant(token) | proof).items(), (name, value)])
        response = await world.http.post(TOKEN, content=doubled, headers=FORM)
        assert error_of(response) == INVALID_REQUEST, name
    assert (await refreshes(world, ann.app, token)).status_code == 200


async def test_no_body_and_other_kinds_of_body(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    token, proof = (await signs_in_offline(ann))["refresh_token"], in_header(ann.app)
    assert error_of(await world.http.post(TOKEN, headers=proof)) == INVALID_REQUEST
    plain = proof | {"content-type": "text/plain"}
    text = await world.http.post(TOKEN, content=urlencode(grant(token)), headers=plain)
    assert error_of(text) == INVALID_REQUEST
    assert error_of(await world.http.post(TOKEN, json=[1], headers=proof)) == INVALID_REQUEST
    large = await world.http.post(TOKEN, data=grant("a" * 70_000), headers=proof)
    assert error_of(large) == (413, "invalid_request")
    # JSON is understood as well: some clients send nothing else.
    assert (await world.http.post(TOKEN, json=grant(token), headers=proof)).status_code == 200


async def test_unknown_parameters_are_ignored(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    fields = grant(token) | in_body(ann.app) | {"redirect_uri": "https://x.example", "y": "z"}
    assert (await world.http.post(TOKEN, data=fields)).status_code == 200


async def test_a_stale_token_in_the_header_does_no_harm(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    token = (await signs_in_offline(ann))["refresh_token"]
    fields = grant(token) | in_body(ann.app)
    response = await world.http.post(TOKEN, data=fields, headers={"authorization": "a.b.c"})
    assert response.status_code == 200


async def test_the_words_come_in_the_language_that_is_asked_for(world: World) -> None:
    fields = {"grant_type": "refresh_token", "refresh_token": "x"} | in_body(await world.app())
    said = [
        (await world.http.post(TOKEN, data=fields, headers={"accept-language": language})).json()
        for language in ("en-US", "zh-CN")
    ]
    assert said[0]["error"] == said[1]["error"]
    assert said[0]["error_description"] != said[1]["error_description"]
