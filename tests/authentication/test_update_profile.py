"""`POST /api/v3/update-profile`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import links
from tests.support.backstage import (
    INVALID_REQUEST,
    LAST_SIGN_IN_METHOD,
    NOT_SIGNED_IN,
    OK,
    REAUTHENTICATION_REQUIRED,
    SESSION_ENDED,
    change,
    rows,
    said,
)
from tests.support.world import Person, World

PATH = "/api/v3/update-profile"
USERNAME_TAKEN = (409, 2034)
USER_EXISTS = (409, 2026)
FIELDS = {
    "name": "Ann O'Hara",
    "nickname": "安",
    "photo": "https://example.com/ann.png",
    "externalId": "hr-4711",
    "birthdate": "1990-02-28",
    "country": "IE",
    "province": "Leinster",
    "city": "Dublin",
    "address": "1 Abbey Street",
    "streetAddress": "Abbey Street",
    "postalCode": "D01",
    "gender": "F",
    "username": "ann.ohara",
    "company": "Example",
    "identityNumber": "1234567890",
    "customData": {"team": "red", "since": 2020, "tags": ["a", "b"]},
}


async def profile(person: Person) -> dict[str, Any]:
    """All of a person's profile."""
    told = await person.world.http.get(
        "/api/v3/get-profile?withCustomData=true", headers={"authorization": person.token or ""}
    )
    data: dict[str, Any] = told.json()["data"]
    return data


async def test_ann_says_everything_that_can_be_said(world: World) -> None:
    ann = await world.person("ann")
    answer = await ann.post(PATH, FIELDS)
    assert said(answer) == OK
    for told in (answer["data"], await profile(ann)):
        assert {name: told[name] for name in FIELDS} == FIELDS
    assert answer["data"]["userId"] == ann.user_id
    assert await profile(ann) == answer["data"]
    assert await rows(
        world, "SELECT count(*) FROM audit_log WHERE event = 'updateUserPrefile'"
    ) == [(1,)]


async def test_what_is_left_out_stays_and_an_empty_text_takes_away(still: World) -> None:
    ann = await still.person("ann")
    before = (await ann.post(PATH, FIELDS))["data"]
    still.clock.advance(1)
    answer = await ann.post(PATH, {"nickname": "", "name": None, "city": "Cork"})
    changed = {"nickname": None, "city": "Cork", "updatedAt": answer["data"]["updatedAt"]}
    assert answer["data"] == before | changed
    assert answer["data"]["updatedAt"] > before["updatedAt"]


async def test_address_phone_and_password_have_steps_of_their_own(world: World) -> None:
    ann = await world.person("ann")
    forbidden = {
        "email": "mallory@example.com",
        "emailVerified": True,
        "phone": "13800000000",
        "password": "another password",
        "status": "Suspended",
        "userId": "0" * 24,
        "loginsCount": 7,
    }
    before = await profile(ann)
    answer = await ann.post(PATH, forbidden | {"name": "Ann"})
    assert said(answer) == OK
    after = await profile(ann)
    assert after | {"updatedAt": None} == before | {"name": "Ann", "updatedAt": None}
    assert said(await ann.sign_in()) == OK


async def test_a_new_user_name_signs_in_and_the_old_one_does_not(world: World) -> None:
    ann = await world.person("ann")
    assert said(await ann.post(PATH, {"username": "anna"})) == OK
    old, ann.username = ann.username, "anna"
    assert said(await ann.sign_in()) == OK
    body = {
        "connection": "PASSWORD",
        "passwordPayload": {"username": old, "password": "correct horse battery staple"},
        "client_id": ann.app.app_id,
        "client_secret": ann.app.secret,
    }
    assert said(await world.post("/api/v3/signin", body, app=ann.app)) == (403, 2333)


async def test_a_name_that_looks_the_same_is_the_same(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    decomposed = "Jose\u0301"
    assert (await ann.post(PATH, {"username": decomposed}))["data"]["username"] == "Jos\u00e9"
    for taken in ("Jos\u00e9", "JOS\u00c9", decomposed):
        assert said(await bob.post(PATH, {"username": taken})) == USERNAME_TAKEN
    assert said(await ann.post(PATH, {"username": "JOS\u00c9"})) == OK  # her own


async def test_names_are_of_one_pool(world: World) -> None:
    ann = await world.person("ann")
    bob = await world.person("bob", ann.app)
    eve = await world.person("eve")
    assert said(await ann.post(PATH, {"username": "queen", "externalId": "1"})) == OK
    assert said(await bob.post(PATH, {"username": "QUEEN", "name": "B"})) == USERNAME_TAKEN
    assert said(await bob.post(PATH, {"externalId": "1", "name": "B"})) == USER_EXISTS
    assert (await profile(bob))["name"] is None  # all or nothing
    assert said(await eve.post(PATH, {"username": "queen", "externalId": "1"})) == OK


async def test_the_last_name_to_sign_in_with_stays(world: World) -> None:
    ann = await world.person("ann")
    assert (await ann.post(PATH, {"username": ""}))["statusCode"] != 200
    assert said(await ann.sign_in()) == OK
    await ann.asks_to_bind("ann@example.com")
    await ann.binds("ann@example.com", await world.code("ann@example.com"))
    assert (await ann.post(PATH, {"username": ""}))["data"]["username"] is None


@pytest.mark.parametrize(
    "bad",
    [
        {"username": "ann@example.com"},
        {"username": "an n"},
        {"username": "a" * 65},
        {"gender": "X"},
        {"gender": 1},
        {"name": "a" * 513},
        {"name": "An\nn"},
        {"nickname": "An\u202en"},
        {"name": ["Ann"]},
        {"customData": "red"},
        {"customData": {"a": "b" * 5000}},
    ],
)
async def test_what_cannot_be_said_changes_nothing(world: World, bad: dict[str, Any]) -> None:
    ann = await world.person("ann")
    before = await profile(ann)
    answer = await ann.post(PATH, {"company": "Example"} | bad)
    assert said(answer) == INVALID_REQUEST
    assert next(iter(bad)) in answer["message"]
    assert await profile(ann) == before


async def test_custom_data_come_back_as_they_were_given(world: World) -> None:
    ann = await world.person("ann")
    data = {"text": "ö\"'\\ </script>", "deep": {"a": [1, 2.5, True]}, "empty": {}}
    assert (await ann.post(PATH, {"customData": data}))["data"]["customData"] == data
    assert (await ann.post(PATH, {"customData": {}}))["data"]["customData"] == {}


async def test_the_answer_shows_no_more_than_the_token_may_see(world: World) -> None:
    ann = await world.person("ann")
    await ann.asks_to_bind("ann@example.com")
    await ann.binds("ann@example.com", await world.code("ann@example.com"))
    await ann.sign_in(scope="openid profile")
    told = (await ann.post(PATH, {"name": "Ann", "externalId": "7"}))["data"]
    assert (told["name"], told["email"], told["externalId"]) == ("Ann", None, None)


async def test_nobody_else_may(world: World) -> None:
    app = await world.app()
    assert said(await world.post(PATH, {"name": "x"}, app=app)) == NOT_SIGNED_IN
    assert said(await world.post(PATH, {"name": "x"}, app=app, token="a.b.c")) == SESSION_ENDED


async def test_a_name_stays_while_the_address_is_on_probation(world: World) -> None:
    ann = await world.person("ann")
    world.clock.advance(16 * 60)  # the thief of a token binds long after the sign-in
    await links.bind(ann, "thief@example.com")
    assert said(await ann.post(PATH, {"username": ""})) == LAST_SIGN_IN_METHOD
    world.clock.advance(86_400)
    assert said(await ann.post(PATH, {"username": ""})) == OK


class TestInAnOldSession:
    """Its token may be a thief's, who must not keep Ann from signing in with her password."""

    async def renames(self, person: Person, name: str) -> tuple[int, int | None]:
        return said(await person.post(PATH, {"username": name, "company": "Example"}))

    async def test_the_name_cannot_be_changed_before_an_address_is_bound(
        self, still: World
    ) -> None:
        thief = await still.person("ann")
        still.clock.advance(15 * 60 + 0.001)
        assert await self.renames(thief, "zz-hidden") == REAUTHENTICATION_REQUIRED
        assert (await profile(thief))["company"] is None
        await links.bind(thief, "thief@example.com")
        assert (await thief.sign_in())["data"]["recentEmailBind"]["email"] == "thief@example.com"

    async def test_nor_while_one_is_on_probation(self, still: World) -> None:
        thief = await still.person("ann")
        still.clock.advance(15 * 60)
        await links.bind(thief, "thief@example.com")
        assert await self.renames(thief, "zz-hidden") == REAUTHENTICATION_REQUIRED
        await links.unbind(thief, "thief@example.com")
        assert await self.renames(thief, "zz-hidden") == REAUTHENTICATION_REQUIRED
        assert (await thief.sign_in())["data"]["recentEmailBind"]["email"] == "thief@example.com"

    async def test_it_can_within_a_quarter_of_an_hour(self, still: World) -> None:
        ann = await still.person("ann")
        still.clock.advance(15 * 60)
        assert await self.renames(ann, "annie") == OK

    async def test_it_can_where_an_address_signs_in_as_well(self, still: World) -> None:
        ann = await still.person("ann")
        await links.bind(ann, "ann@example.com")
        still.clock.advance(15 * 60)
        assert await self.renames(ann, "annie") == OK

    async def test_the_rest_can_and_the_same_name_and_a_first_one(self, still: World) -> None:
        ann = await still.person("ann")
        still.clock.advance(16 * 60)
        assert said(await ann.post(PATH, {"company": "Example"})) == OK
        assert await self.renames(ann, "ANN") == OK
        await change(still, "UPDATE users SET username = NULL, username_key = NULL")
        assert await self.renames(ann, "annie") == OK
