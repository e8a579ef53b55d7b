"""`/oidc/me` (OpenID Connect Core 1.0 section 5.3)."""

from __future__ import annotations

from tests.support.backstage import set_status
from tests.support.oauth import (
    INVALID_TOKEN,
    REVOCATION,
    USER_INFO,
    error_of,
    in_body,
    signs_in_offline,
)
from tests.support.world import Person, World

PROFILE = {
    "name",
    "given_name",
    "middle_name",
    "family_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
}


async def bound(world: World) -> Person:
    """Ann, with an address of her own."""
    ann = await world.person("ann")
    await ann.asks_to_bind("ann@example.com")
    await ann.binds("ann@example.com", await world.code("ann@example.com"))
    return ann


async def test_every_way_to_hand_the_token_in(world: World) -> None:
    ann = await bound(world)
    http, token = world.http, {"access_token": ann.token or ""}
    headers = [{"authorization": f"{scheme}{ann.token}"} for scheme in ("Bearer ", "bearer ", "")]
    responses = [await http.get(USER_INFO, headers=header) for header in headers]
    responses += [await http.post(USER_INFO, headers=header) for header in headers]
    responses += [
        await http.get(USER_INFO, params=token),
        await http.get(f"{USER_INFO}/", params=token),
        await http.post(USER_INFO, params=token),
        await http.post(USER_INFO, data=token),
        await http.post(f"{USER_INFO}/", json=token),
    ]
    for response in responses:
        assert response.status_code == 200, response.text
        told = response.json()
        assert (told["sub"], told["email"]) == (ann.user_id, "ann@example.com")
        assert told["email_verified"] is True
        assert "statusCode" not in told


async def test_a_token_in_query_or_form_goes_before_one_in_the_header(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    meant = {"access_token": ann.token or ""}
    for stray in (bob.token or "", f"Bearer {bob.token}", "a.b.c", "Basic YTpi"):
        headers = {"authorization": stray}
        for response in (
            await world.http.get(USER_INFO, params=meant, headers=headers),
            await world.http.post(USER_INFO, params=meant, headers=headers),
            await world.http.post(USER_INFO, data=meant, headers=headers),
        ):
            assert response.json()["sub"] == ann.user_id


async def test_the_scopes_say_what_is_told(world: World) -> None:
    ann = await bound(world)
    wishes = {
        "openid": {"sub"},
        "openid email": {"sub", "email", "email_verified"},
        "openid phone": {"sub", "phone_number", "phone_number_verified"},
        "openid profile": {"sub"} | PROFILE,
        "openid address": {"sub", "address"},
        "openid username external_id": {"sub", "username", "external_id"},
    }
    for scope, names in wishes.items():
        await ann.sign_in(scope=scope)
        response = await world.http.get(USER_INFO, headers={"authorization": ann.token or ""})
        assert set(response.json()) == names
    # What was never said is null, as clients expect.
    await ann.sign_in(scope="openid profile phone")
    told = (await world.http.get(USER_INFO, params={"access_token": ann.token or ""})).json()
    assert told["name"] is None and told["phone_number"] is None
    assert told["phone_number_verified"] is False
    assert isinstance(told["updated_at"], int)


async def test_what_changed_is_told_from_then_on(world: World) -> None:
    ann = await world.person("ann")
    await ann.post("/api/v3/update-profile", {"name": "Ann O'Hara", "country": "IE"})
    told = (await world.http.get(USER_INFO, headers={"authorization": ann.token or ""})).json()
    assert told["name"] == "Ann O'Hara"
    assert told["address"]["country"] == "IE"


async def test_without_a_token_or_with_a_bad_one(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    tokens = await signs_in_offline(ann)
    bad = ["nonsense", "a.b.c", tokens["id_token"], tokens["refresh_token"]]
    responses = [await world.http.get(USER_INFO), await world.http.post(USER_INFO)]
    responses += [await world.http.get(USER_INFO, params={"access_token": it}) for it in bad]
    responses += [await world.http.get(USER_INFO, headers={"authorization": it}) for it in bad]
    for response in responses:
        assert error_of(response) == INVALID_TOKEN
        assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_an_expired_token_an_ended_session_and_a_suspended_account(still: World) -> None:
    ann = await still.person("ann")
    header = {"authorization": ann.token or ""}
    await set_status(still, ann.user_id, "Suspended")
    assert error_of(await still.http.get(USER_INFO, headers=header)) == INVALID_TOKEN
    await set_status(still, ann.user_id, "Activated")
    assert (await still.http.get(USER_INFO, headers=header)).status_code == 200
    still.clock.advance(14 * 86_400)
    assert error_of(await still.http.get(USER_INFO, headers=header)) == INVALID_TOKEN
    await ann.sign_in()
    header = {"authorization": ann.token or ""}
    await still.http.post(REVOCATION, data={"token": ann.token} | in_body(ann.app))
    assert error_of(await still.http.post(USER_INFO, headers=header)) == INVALID_TOKEN
