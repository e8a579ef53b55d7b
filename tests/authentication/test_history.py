"""`GET /api/v3/get-my-login-history`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.backstage import INVALID_REQUEST, NOT_SIGNED_IN, calling_from, change, said
from tests.support.world import Person, World

HISTORY = "/api/v3/get-my-login-history"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


async def asked(person: Person, **wanted: Any) -> dict[str, Any]:
    """The envelope for a person's sign-ins."""
    response = await person.world.http.get(
        HISTORY, params=wanted, headers={"authorization": person.token or ""}
    )
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


async def times(person: Person, **wanted: Any) -> tuple[int, list[str]]:
    """How many sign-ins there are, and when those of the page were."""
    data = (await asked(person, **wanted))["data"]
    return data["totalCount"], [past["loginAt"] for past in data["list"]]


async def test_one_sign_in_with_all_that_is_known_of_it(still: World) -> None:
    still.http.headers["user-agent"] = FIREFOX
    ann = await still.person("ann")
    data = (await asked(ann))["data"]
    assert data["totalCount"] == 1
    (past,) = data["list"]
    assert past.pop("loginAt").endswith("Z")
    assert past.pop("clientIp") in ("", "127.0.0.1")
    nowhere = {"lon": None, "lat": None}
    assert set(past.pop("geoip")) == {
        "location",
        "country_name",
        "country_code2",
        "country_code3",
        "region_name",
        "region_code",
        "city_name",
        "continent_code",
        "timezone",
    }
    assert nowhere == (await asked(ann))["data"]["list"][0]["geoip"]["location"]
    assert past == {
        "userId": ann.user_id,
        "appId": ann.app.app_id,
        "appName": "Test app",
        "appLoginUrl": "http://127.0.0.1",
        "appLogo": "",
        "success": True,
        "errorMessage": None,
        "userAgent": FIREFOX,
        "parsedUserAgent": {"device": "Desktop", "browser": "Firefox", "os": "Linux"},
        "loginMethod": "loginByPassword",
        "tenantId": None,
    }


async def test_a_sign_in_by_a_code_says_so(world: World) -> None:
    ann = await world.person("ann")
    await ann.asks_to_bind("ann@example.com")
    await ann.binds("ann@example.com", await world.code("ann@example.com"))
    await world.mail.to("ann@example.com", 2)
    world.clock.advance(61)
    await world.post(
        "/api/v3/send-email",
        {"email": "ann@example.com", "channel": "CHANNEL_LOGIN"},
        app=ann.app,
    )
    code = await world.code("ann@example.com", 3)
    body = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": "ann@example.com", "passCode": code},
        "client_id": ann.app.app_id,
        "client_secret": ann.app.secret,
    }
    assert said(await world.post("/api/v3/signin", body, app=ann.app)) == (200, None)
    methods = [past["loginMethod"] for past in (await asked(ann))["data"]["list"]]
    assert methods == ["loginByEmail", "loginByPassword"]


async def test_pages_the_newest_first(still: World) -> None:
    ann = await still.person("ann")
    for _ in range(11):
        still.clock.advance(1)
        await ann.sign_in()
    total, first = await times(ann)
    assert (total, len(first)) == (12, 10)  # ten are a page
    assert first == sorted(first, reverse=True)
    assert (await times(ann, page=2))[1] < first[-1:]
    pages = [(await times(ann, page=page, limit=5))[1] for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [5, 5, 2, 0]
    assert [when for page in pages for when in page] == (await times(ann, limit=50))[1]


async def test_a_span_of_time_in_milliseconds(still: World) -> None:
    ann = await still.person("ann")
    at = [still.clock()]
    for _ in range(3):
        still.clock.advance(10)
        await ann.sign_in()
        at.append(still.clock())
    _, newest_first = await times(ann)
    whens = newest_first[::-1]
    assert (await times(ann, start=at[1], end=at[2]))[1] == [whens[2], whens[1]]
    assert (await times(ann, start=at[1] + 1))[1] == [whens[3], whens[2]]
    assert (await times(ann, end=at[1] - 1)) == (1, [whens[0]])
    assert (await times(ann, start=at[3] + 1)) == (0, [])
    assert (await times(ann, start=at[2], end=at[1])) == (0, [])


async def test_of_one_app_or_one_address(world: World) -> None:
    ann = await world.person("ann")
    other = await world.app(ann.app.pool_id)
    await Person(world, other, ann.user_id, "ann").sign_in()
    async with calling_from(world, "198.51.100.7") as elsewhere:
        await Person(elsewhere, ann.app, ann.user_id, "ann").sign_in()
    assert (await asked(ann))["data"]["totalCount"] == 3
    of_other = (await asked(ann, appId=other.app_id))["data"]
    assert [past["appId"] for past in of_other["list"]] == [other.app_id]
    assert (await asked(ann, appId="0" * 24))["data"] == {"totalCount": 0, "list": []}
    everywhere = (await asked(ann))["data"]["list"]
    assert [past["clientIp"] for past in everywhere] == ["198.51.100.7", "127.0.0.1", "127.0.0.1"]
    found = (await asked(ann, clientIp="198.51.100.7"))["data"]
    assert (found["totalCount"], found["list"]) == (1, everywhere[:1])


async def test_only_those_that_went_well_or_only_the_others(world: World) -> None:
    ann = await world.person("ann")
    for yes in ("true", "True", "1"):
        assert (await times(ann, success=yes))[0] == 1
    for no in ("false", "False", "0"):
        assert await times(ann, success=no) == (0, [])
    await change(world, "UPDATE audit_log SET succeeded = 0 WHERE event = 'login'")
    assert (await times(ann, success="false"))[0] == 1
    assert (await asked(ann))["data"]["list"][0]["success"] is False


async def test_everybody_sees_their_own_sign_ins_only(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    await bob.sign_in()
    assert (await times(ann))[0] == 1
    assert {past["userId"] for past in (await asked(bob))["data"]["list"]} == {bob.user_id}
    assert said(await world.get(HISTORY, app=ann.app)) == NOT_SIGNED_IN


async def test_empty_parameters_are_as_good_as_none(world: World) -> None:
    ann = await world.person("ann")
    empty = dict.fromkeys(("appId", "clientIp", "success", "start", "end", "page", "limit"), "")
    assert (await times(ann, **empty))[0] == 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"page": 0},
        {"page": "x"},
        {"page": 1_000_001},
        {"limit": 0},
        {"limit": 51},
        {"start": -1},
        {"end": "yesterday"},
        {"end": 2**63},
        {"success": "perhaps"},
    ],
)
async def test_what_cannot_be_asked(world: World, wanted: dict[str, Any]) -> None:
    ann = await world.person("ann")
    answer = await asked(ann, **wanted)
    assert said(answer) == INVALID_REQUEST
    assert next(iter(wanted)) in answer["message"]


async def test_a_page_far_away_is_empty(world: World) -> None:
    ann = await world.person("ann")
    assert await times(ann, page=1_000_000, limit=50) == (1, [])
