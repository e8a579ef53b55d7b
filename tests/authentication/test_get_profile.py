"""`GET /api/v3/get-profile`."""

from __future__ import annotations

import re

from tests.support.backstage import NOT_SIGNED_IN, OK, change, said
from tests.support.world import World

PROFILE = "/api/v3/get-profile"
SCOPED = ("email", "phone", "phoneCountryCode", "username", "externalId")
# fmt: off
NAMES = {
    "userId", "createdAt", "updatedAt", "status", "workStatus", "externalId", "email", "phone",
    "phoneCountryCode", "username", "name", "nickname", "photo", "loginsCount", "lastLogin",
    "lastIp", "gender", "emailVerified", "phoneVerified", "passwordLastSetAt", "birthdate",
    "country", "province", "city", "address", "streetAddress", "postalCode", "company",
    "browser", "device", "givenName", "familyName", "middleName", "profile",
    "preferredUsername", "website", "zoneinfo", "locale", "formatted", "region",
    "userSourceType", "userSourceId", "lastLoginApp", "mainDepartmentId", "lastMfaTime",
    "passwordSecurityLevel", "resetPasswordOnNextLogin", "registerSource", "identityNumber",
    "postIdList", "statusChangedAt", "tenantId",
}
"""Every field of the API's UserDto but for those that are there on request."""
# fmt: on
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def test_a_profile_is_complete_and_its_times_are_iso_8601(world: World) -> None:
    ann = await world.person("Ann", email="ann@example.com", email_verified=True)
    answer = await ann.get(PROFILE)
    assert said(answer) == OK
    profile = answer["data"]
    assert profile["userId"] == ann.user_id and re.fullmatch("[0-9a-f]{24}", ann.user_id)
    assert (profile["username"], profile["email"]) == ("Ann", "ann@example.com")
    assert profile["emailVerified"] is True and profile["phoneVerified"] is False
    assert (profile["status"], profile["workStatus"]) == ("Activated", "Active")
    assert profile["gender"] == "U" and profile["userSourceType"] == "adminCreated"
    assert profile["photo"].startswith("http://127.0.0.1/") and profile["loginsCount"] == 1
    assert profile["nickname"] is None and profile["registerSource"] == []
    for name in ("createdAt", "updatedAt", "lastLogin", "passwordLastSetAt"):
        assert TIME.fullmatch(profile[name]), name
    assert set(profile) == NAMES
    assert "password" not in str(profile).replace("passwordLastSetAt", "").replace(
        "passwordSecurityLevel", ""
    )
    photo = await world.http.get(profile["photo"])
    assert photo.status_code == 200 and photo.headers["content-type"].startswith("image/svg")
    assert said(await world.get(PROFILE)) == NOT_SIGNED_IN


async def test_the_scope_of_the_sign_in_limits_what_is_shown(world: World) -> None:
    ann = await world.person("ann", email="ann@example.com", email_verified=True, sign_in=False)
    await change(
        world,
        "UPDATE users SET phone = '138', phone_country_code = '+86', phone_verified_at = 1,"
        " external_id = 'x7' WHERE id = :id",
        id=ann.user_id,
    )
    for scope, seen in (
        ("openid", set()),
        ("openid email", {"email"}),
        ("openid phone", {"phone", "phoneCountryCode"}),
        ("openid username", {"username"}),
        ("openid profile", {"username"}),
        ("openid external_id nonsense offline_access", {"externalId"}),
        (None, set(SCOPED)),
    ):
        answer = await ann.sign_in(**({"scope": scope} if scope else {}))
        assert "nonsense" not in answer["data"]["scope"]
        profile = (await ann.get(PROFILE))["data"]
        assert {name for name in SCOPED if profile[name] is not None} == seen, scope
        assert profile["emailVerified"] is ("email" in seen)
        assert profile["phoneVerified"] is ("phone" in seen)


async def test_extras_are_there_only_when_they_are_asked_for(world: World) -> None:
    ann = await world.person("ann")
    custom = 'UPDATE users SET custom_data = \'{"team": "red"}\' WHERE id = :id'
    await change(world, custom, id=ann.user_id)
    extras = {"customData", "identities", "departmentIds"}
    for query in ("", "?withCustomData=false&withIdentities=False&withDepartmentIds=0"):
        assert not extras & set((await ann.get(PROFILE + query))["data"])
    for yes in ("true", "True", "1"):
        query = f"?withCustomData={yes}&withIdentities={yes}&withDepartmentIds={yes}&"
        profile = (await ann.get(PROFILE + query))["data"]
        assert profile["customData"] == {"team": "red"}
        assert profile["identities"] == profile["departmentIds"] == []
