"""`GET /oidc/.well-known/openid-configuration`."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws

from tests.support.authorization import answer_of, asking, shop, tokens_for
from tests.support.oauth import error_of, in_body, in_header, refreshes, signs_in_offline
from tests.support.pages import browsing
from tests.support.world import World

DISCOVERY = "/oidc/.well-known/openid-configuration"
AUTHING_TOKEN = "http://authing.cn/oidc/grant_type/authing_token"


async def test_the_metadata_list_only_what_exists(world: World) -> None:
    response = await world.http.get(DISCOVERY)
    assert response.status_code == 200
    metadata = response.json()
    assert metadata["issuer"] == "http://127.0.0.1/oidc"
    assert metadata["subject_types_supported"] == ["public"]
    assert set(metadata["id_token_signing_alg_values_supported"]) == {"RS256", "HS256"}
    assert "statusCode" not in metadata
    endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert endpoints
    for url in endpoints:
        assert (await world.http.get(url)).status_code != 404, url


async def test_what_is_said_of_tokens_is_true(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    ann = await world.person("ann", sign_in=False)
    wish = " ".join(metadata["scopes_supported"])
    answer = await ann.sign_in(scope=wish)
    assert answer["data"]["scope"] == wish
    auths = ("none", "client_secret_post", "client_secret_basic")
    assert set(metadata["token_endpoint_auth_methods_supported"]) == set(auths)
    host = {"host": "mallory.example.net", "x-forwarded-host": "mallory.example.net"}
    again = await world.http.get(DISCOVERY, headers=host)
    assert again.json() == metadata  # never by what a request says


async def test_each_proof_that_is_offered_is_taken(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    for endpoint in ("token", "introspection", "revocation"):
        for auth in metadata[f"{endpoint}_endpoint_auth_methods_supported"]:
            ann = await world.person("ann", await world.app(auth=auth), sign_in=False)
            shown = (await signs_in_offline(ann))["refresh_token"]
            proof: dict[str, Any] = {
                "none": {"data": {"client_id": ann.app.app_id}},
                "client_secret_post": {"data": in_body(ann.app)},
                "client_secret_basic": {"data": {}, "headers": in_header(ann.app)},
            }[auth]
            grant = {"grant_type": "refresh_token", "refresh_token": shown, "token": shown}
            given = proof | {"data": proof["data"] | grant}
            response = await world.http.post(metadata[f"{endpoint}_endpoint"], **given)
            assert response.status_code == 200, (endpoint, auth)


async def test_the_grants_that_are_offered_are_all_there_are(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    ann = await world.person("ann", await shop(world), sign_in=False)
    with browsing(world) as browser:
        tokens = await tokens_for(browser, ann, scope="openid offline_access")
    assert (await refreshes(world, ann.app, tokens["refresh_token"])).status_code == 200
    assert metadata["grant_types_supported"] == ["authorization_code", "refresh_token"]
    for kind in ("password", "client_credentials", "implicit", AUTHING_TOKEN):
        fields = {"grant_type": kind, "token": "x"} | in_body(ann.app)
        refused = await world.http.post(metadata["token_endpoint"], data=fields)
        assert error_of(refused) == (400, "unsupported_grant_type")


async def test_the_ways_to_ask_that_are_offered_are_all_there_are(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["response_modes_supported"] == ["query"]
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["authorization_response_iss_parameter_supported"] is True
    app = await shop(world)
    with browsing(world) as browser:
        for prompt in metadata["prompt_values_supported"]:
            page = await browser.open(
                metadata["authorization_endpoint"], **asking(app, prompt=prompt)
            )
            assert page.status_code == 200 or answer_of(page)["error"] == "login_required"
        for tag in metadata["ui_locales_supported"]:
            asked = asking(app, ui_locales=tag)
            page = await browser.open(metadata["authorization_endpoint"], **asked)
            assert f'<html lang="{tag}">' in page.text
        page = await browser.open(metadata["end_session_endpoint"], ui_locales="en")
        assert "signed out" in page.text


async def test_every_claim_that_is_named_can_be_told(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    ann = await world.person("ann", await shop(world), sign_in=False)
    wish = " ".join(metadata["scopes_supported"])
    with browsing(world) as browser:
        tokens = await tokens_for(browser, ann, scope=wish)
    ann.token = tokens["access_token"]
    told = await world.http.get(metadata["userinfo_endpoint"], params={"access_token": ann.token})
    payload = jws.extract_compact(tokens["id_token"].encode()).payload
    assert set(metadata["claims_supported"]) == set(json.loads(payload)) | set(told.json())
