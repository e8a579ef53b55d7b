"""What SDKs send that cannot be run here, as it comes over the wire."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx
import pytest

from tests.support.world import PASSWORD, App, Person, World

EMAIL = "ann@example.com"
GO_SIBLINGS: dict[str, Any] = {
    "passCodePayload": {"passCode": "", "email": "", "phone": "", "phoneCountryCode": ""},
    "adPayload": {"password": "", "sAMAccountName": ""},
    "ldapPayload": {"password": "", "sAMAccountName": ""},
    "options": {},
}


def envelope(response: httpx.Response) -> dict[str, Any]:
    """The envelope of an answer that came with HTTP 200, as every business answer does."""
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def outcome(response: httpx.Response) -> tuple[int, int | None]:
    answer = envelope(response)
    return answer["statusCode"], answer.get("apiCode")


def basic(app: App, secret: str = "") -> str:
    return b64encode(f"{app.app_id}:{secret or app.secret}".encode()).decode()


def by_password(person: Person, **more: Any) -> dict[str, Any]:
    payload = {"username": person.username, "password": PASSWORD}
    return {"connection": "PASSWORD", "passwordPayload": payload} | more


async def ann(world: World, auth: str = "client_secret_post", **how: Any) -> Person:
    return await world.person("ann", await world.app(auth=auth), **how)


async def test_go_sends_empty_siblings_of_what_was_chosen(world: World) -> None:
    person = await ann(world, sign_in=False)
    app = person.app
    payload = {"username": person.username, "password": PASSWORD}
    body = {
        "connection": "PASSWORD",
        "passwordPayload": payload | {"account": "", "email": "", "phone": ""},
        "client_id": app.app_id,
        "client_secret": app.secret,
    }
    headers = {
        "x-authing-app-id": app.app_id,
        "x-authing-sdk-version": "authing-golang-sdk:3.0.15",
        "content-type": "application/json;charset=UTF-8",
    }
    signed_in = await world.http.post("/api/v3/signin", json=body | GO_SIBLINGS, headers=headers)
    token = envelope(signed_in)["data"]["access_token"]

    await world.post(
        "/api/v3/send-email", {"email": EMAIL, "channel": "CHANNEL_BIND_EMAIL"}, app=app
    )
    look = {
        "codeType": "EMAIL",
        "emailCodePayload": {
            "email": EMAIL,
            "passCode": await world.code(EMAIL),
            "channel": "CHANNEL_BIND_EMAIL",
        },
        "smsCodePayload": {"phone": "", "passCode": "", "channel": "", "phoneCountryCode": ""},
    }
    looked_at = await world.http.post("/api/v3/pre-check-code", json=look, headers=headers)
    assert envelope(looked_at)["data"]["isValid"] is True

    query = "/api/v3/get-profile?withCustomData=true&withIdentities=false&"
    profile = await world.http.get(query, headers=headers | {"authorization": token})
    assert envelope(profile)["data"]["customData"] == {}


async def test_go_asks_first_whether_app_and_secret_belong_together(world: World) -> None:
    app = await world.app()
    path = "/api/v3/check-app-id-secret"
    right = await world.http.post(path, json={"appId": app.app_id, "appSecret": app.secret})
    assert envelope(right)["data"]["valid"] is True
    for secret in ("0" * 32, (await world.app()).secret):
        wrong = await world.http.post(path, json={"appId": app.app_id, "appSecret": secret})
        assert envelope(wrong)["data"]["valid"] is False
    unknown = await world.http.post(path, json={"appId": "0" * 24, "appSecret": app.secret})
    assert envelope(unknown)["data"]["valid"] is False


async def test_go_keeps_its_secret_in_the_body_whatever_the_app_wants(world: World) -> None:
    person = await ann(world, "client_secret_basic", sign_in=False)
    app = person.app
    body = by_password(person, client_id=app.app_id, client_secret=app.secret)
    headers = {"x-authing-app-id": app.app_id}
    assert outcome(await world.http.post("/api/v3/signin", json=body, headers=headers)) == (
        200,
        None,
    )


async def test_java_says_bearer_no_content_type_and_one_slash_more(world: World) -> None:
    person = await ann(world)
    headers = {
        "x-authing-app-id": person.app.app_id,
        "x-authing-request-from": "java-sdk",
        "authorization": f"Bearer {person.token}",
    }
    body = f'{{"email":"{EMAIL}","channel":"CHANNEL_BIND_EMAIL"}}'.encode()
    sent = await world.http.post("/api/v3/send-email", content=body, headers=headers)
    assert outcome(sent) == (200, None)
    found = await world.http.get("/oidc/.well-known/openid-configuration/", headers=headers)
    assert found.json()["issuer"].endswith("/oidc")
    keys = await world.http.get("http://127.0.0.1//oidc//.well-known/jwks.json/?")
    assert keys.json()["keys"]


async def test_java_posts_forms_with_an_ampersand_at_their_end(world: World) -> None:
    app = await world.app()
    form = f"appId={app.app_id}&appSecret={app.secret}&".encode()
    headers = {"content-type": "application/x-www-form-urlencoded;charset=UTF-8"}
    checked = await world.http.post("/api/v3/check-app-id-secret", content=form, headers=headers)
    assert envelope(checked)["data"]["valid"] is True


@pytest.mark.parametrize("scheme", ["Basic", "Bearer Basic", "bearer basic"])
async def test_csharp_puts_bearer_before_basic(world: World, scheme: str) -> None:
    person = await ann(world, "client_secret_basic", sign_in=False)
    headers = {"x-authing-app-id": person.app.app_id}
    body = by_password(person)

    async def signs_in(authorization: str) -> tuple[int, int | None]:
        given = headers | {"authorization": authorization}
        return outcome(await world.http.post("/api/v3/signin", json=body, headers=given))

    assert await signs_in(f"{scheme} {basic(person.app)}") == (200, None)
    assert await signs_in(f"{scheme} {basic(person.app, '0' * 32)}") == (401, None)
    assert await signs_in(f"{scheme} no-base64") == (401, None)


async def test_csharp_sends_an_empty_body(world: World) -> None:
    person = await ann(world)
    headers = {
        "x-authing-app-id": person.app.app_id,
        "authorization": f"Bearer {person.token}",
        "content-type": "application/json;charset=utf-8",
    }
    for body in (b"", b"{}", b" \r\n"):
        answer = await world.http.post("/api/v3/bind-email", content=body, headers=headers)
        assert outcome(answer) == (400, None)
        assert "email" in envelope(answer)["message"]


@pytest.mark.parametrize("family", ["x-genauth", "X-Authing"])
async def test_both_families_of_headers_are_known(world: World, family: str) -> None:
    person = await ann(world)
    headers = {
        f"{family}-app-id": person.app.app_id,
        f"{family}-userpool-id": person.app.pool_id,
        f"{family}-lang": "ja-JP",
        "authorization": person.token or "",
    }
    answer = await world.http.get("/api/v3/get-profile", headers=headers)
    assert outcome(answer) == (200, None)
    assert not envelope(answer)["message"].isascii()
    elsewhere = headers | {f"{family}-userpool-id": (await world.app()).pool_id}
    refused = await world.http.get("/api/v3/get-profile", headers=elsewhere)
    assert outcome(refused) == (401, 2206)


async def test_a_mini_program_names_its_pool_and_no_app(world: World) -> None:
    person = await ann(world)
    await person.asks_to_bind(EMAIL)
    headers = {
        "x-authing-userpool-id": person.app.pool_id,
        "x-authing-request-from": "sdk-miniapp",
        "authorization": person.token or "",
    }
    body = {"email": EMAIL, "passCode": await world.code(EMAIL)}
    bound = await world.http.post("/api/v3/bind-email", json=body, headers=headers)
    assert outcome(bound) == (200, None)
    system = await world.http.get("/api/v3/system", headers=headers)
    assert "statusCode" not in system.json()


async def test_the_app_is_known_by_header_else_body_else_token(world: World) -> None:
    person = await ann(world)
    other = await world.app()
    body = {"email": EMAIL, "channel": "CHANNEL_LOGIN"}
    by_token = await world.http.post(
        "/api/v3/send-email", json=body, headers={"authorization": person.token or ""}
    )
    assert outcome(by_token) == (200, None)
    credentials = {"client_id": person.app.app_id, "client_secret": person.app.secret}
    by_body = await world.http.post("/api/v3/signin", json=by_password(person, **credentials))
    assert outcome(by_body) == (200, None)
    assert outcome(await world.http.post("/api/v3/send-email", json=body)) == (401, 2011)
    # The header comes first, and nothing of one pool works in another.
    wrong = await world.http.post(
        "/api/v3/signin",
        json=by_password(person, **credentials),
        headers={"x-authing-app-id": other.app_id},
    )
    assert outcome(wrong)[0] in (401, 403)


async def test_a_null_is_as_good_as_nothing(world: World) -> None:
    person = await ann(world)
    payload = {"passCode": "123456", "email": EMAIL, "phone": None, "phoneCountryCode": None}
    body = {
        "connection": "PASSCODE",
        "passCodePayload": payload,
        "passwordPayload": None,
        "options": None,
        "client_id": person.app.app_id,
        "client_secret": person.app.secret,
    }
    assert outcome(await world.http.post("/api/v3/signin", json=body)) == (400, 2001)


async def test_booleans_of_a_query_and_slashes_of_a_path(world: World) -> None:
    person = await ann(world)
    asked = {"True": True, "true": True, "1": True, "False": False, "false": False, "0": False}
    for text, wanted in asked.items():
        path = f"http://127.0.0.1//api/v3//get-profile/?withCustomData={text}&"
        assert ("customData" in (await person.get(path))["data"]) is wanted
    refused = await person.get("/api/v3/get-profile?withCustomData=perhaps")
    assert refused["statusCode"] == 400 and "withCustomData" in refused["message"]


async def test_a_stale_token_does_no_harm_where_nobody_needs_one(world: World) -> None:
    person = await ann(world)
    for stale in ("garbage", "Bearer ", "Bearer a.b.c", f"{person.token}x"):
        headers = {"x-authing-app-id": person.app.app_id, "authorization": stale}
        credentials = {"client_id": person.app.app_id, "client_secret": person.app.secret}
        body = by_password(person, **credentials)
        assert outcome(await world.http.post("/api/v3/signin", json=body, headers=headers)) == (
            200,
            None,
        )
        system = await world.http.get("/api/v3/system", headers=headers)
        assert system.json()["rsa"]
        refused = await world.http.get("/api/v3/get-profile", headers=headers)
        assert outcome(refused)[0] == 401
