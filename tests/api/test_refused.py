"""Every step leaves an event, done or refused."""

from __future__ import annotations

from typing import Any

import pytest

from gatepost.api.routes import ENDPOINTS
from gatepost.web.links import LINK_ROUTES
from tests.support.backstage import WRONG_CREDENTIALS, calling_from, change, rows, said
from tests.support.calls import EMAIL, by_person
from tests.support.described import OPERATIONS, Operation
from tests.support.links import send
from tests.support.refusal_stories import story_of
from tests.support.right_calls import Stage
from tests.support.world import Person, World

LOOKS = {
    "check_app_id_secret",
    "introspection",
    "user_info_by_post",
}
"""Calls by POST that change nothing, and are no step of anybody's."""

STEPS = {route.function.__name__: route for route in ENDPOINTS if route.event}
FACTS = (
    "SELECT user_id, app_id, user_pool_id, client_address, user_agent, refusal, api_code, times"
    " FROM audit_log WHERE request_id = :request_id AND event = :event AND succeeded = :succeeded"
)
BROWSER = "Browser of Ann"
HISTORY = "/api/v3/get-my-login-history"


async def recorded(world: World, **wanted: Any) -> list[tuple[Any, ...]]:
    """The facts of events."""
    await world.context.refusals.flush()
    return await rows(world, FACTS, **wanted)


def operation(name: str) -> Operation:
    return next(each for each in OPERATIONS if each.name == name)


def test_every_step_has_an_event() -> None:
    changing = {route.function.__name__ for route in ENDPOINTS if route.method == "POST"}
    assert changing - LOOKS == set(STEPS)
    assert all(route.event for route in LINK_ROUTES if route.method == "POST")


@pytest.mark.parametrize("name", STEPS)
async def test_a_step_that_is_done_leaves_its_event(world: World, name: str) -> None:
    stage = Stage(world, operation(name))
    ann = await stage.ann()
    call = (await stage.right(ann)).with_headers(user_agent=BROWSER)
    response = await stage.send(call)
    assert response.status_code == 200, response.text
    request_id = response.headers["x-request-id"]
    wanted = {"request_id": request_id, "event": STEPS[name].event, "succeeded": 1}
    ((user_id, app_id, pool_id, *facts),) = await recorded(world, **wanted)
    if name == "sign_up":
        assert user_id not in (None, ann.user_id)
    else:
        assert user_id == ann.user_id
    assert (app_id, pool_id) == (ann.app.app_id, ann.app.pool_id)
    assert facts == ["127.0.0.1", BROWSER, None, None, 1]


@pytest.mark.parametrize("name", STEPS)
async def test_a_step_that_is_refused_leaves_its_event(world: World, name: str) -> None:
    stage = Stage(world, operation(name))
    own = [refusal.__name__ for refusal in STEPS[name].refuses]
    (refusal, *_) = [each for each in own if each != "ClientUnauthenticated"] or own
    story = story_of(name, refusal)
    assert story is not None
    response = await story(stage)
    found = await recorded(
        world,
        request_id=response.headers["x-request-id"],
        event=STEPS[name].event,
        succeeded=0,
    )
    assert [facts[5] for facts in found] == [refusal]
    assert found[0][7] == 1 and found[0][3] == "127.0.0.1"
    if stage.operation.wants_token:
        assert found[0][0] is not None  # who is signed in is named


async def test_who_is_not_signed_in_is_counted(world: World) -> None:
    ann = await world.person("ann")
    body = {"email": EMAIL, "passCode": "123456"}
    for token in (None, "a forged one"):
        for _ in range(5):
            await world.post("/api/v3/bind-email", body, app=ann.app, token=token)
    await world.context.refusals.flush()
    counts = await rows(
        world,
        "SELECT user_id, refusal, sum(times) FROM audit_log WHERE event = 'bindEmail'"
        " GROUP BY user_id, refusal ORDER BY refusal",
    )
    assert counts == [(None, "NotSignedIn", 5), (None, "SessionEnded", 5)]


async def test_what_only_looks_and_what_is_nowhere_leaves_nothing(world: World) -> None:
    ann = await world.person("ann", await world.app())
    await world.get("/api/v3/get-profile", app=ann.app, token="forged")
    await ann.get(f"{HISTORY}?page=0")
    await world.get("/api/v3/bind-email", app=ann.app)
    await world.post("/api/v3/nowhere", {})
    await world.context.refusals.flush()
    assert await rows(world, "SELECT 1 FROM audit_log WHERE succeeded = 0") == []


async def test_a_wrong_look_at_a_code_is_a_refusal_though_the_answer_is_a_success(
    world: World,
) -> None:
    stage = Stage(world, operation("pre_check_code"))
    ann = await stage.ann()
    call = await stage.right(ann)
    payload = call.body["emailCodePayload"] | {"passCode": "12"}
    answer = (await stage.send(call.with_body(emailCodePayload=payload))).json()
    assert answer["data"]["isValid"] is False
    wanted = {"request_id": answer["requestId"], "event": "preCheckCode"}
    ((user_id, *_, refusal, code, _),) = await recorded(world, **wanted, succeeded=0)
    assert (user_id, refusal, code) == (ann.user_id, "CodeIncorrect", 2001)
    assert await recorded(world, **wanted, succeeded=1) == []


async def test_a_dead_link_that_is_pressed_is_counted(world: World) -> None:
    for _ in range(3):
        await send(world, "/link/undo", None, token="a guess")
    await world.context.refusals.flush()
    found = await rows(world, "SELECT event, refusal, sum(times) FROM audit_log GROUP BY 1, 2")
    assert found == [("updateUserEmail", "TokenInvalid", 3)]


async def test_a_used_refresh_token_that_is_shown_again_is_on_record(world: World) -> None:
    stage = Stage(world, operation("token"))
    ann = await stage.ann()
    call = await stage.right(ann)
    await stage.send(call)
    world.clock.advance(31)
    refused = [await stage.send(call) for _ in range(3)]
    assert {response.status_code for response in refused} == {400}
    thefts = "SELECT user_id FROM audit_log WHERE event = 'logout' AND detail = :detail"
    assert await rows(world, thefts, detail="used refresh token") == [(ann.user_id,)]


class TestFailedSignIns:
    async def tries(self, world: World, person: Person, **payload: str) -> None:
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"username": person.username, "password": "a guess"} | payload,
            "client_id": person.app.app_id,
            "client_secret": person.app.secret,
        }
        assert said(await world.post("/api/v3/signin", body, app=person.app)) == WRONG_CREDENTIALS

    async def test_are_shown_to_whose_account_it_is(self, still: World) -> None:
        ann = await still.person("ann")
        bob = await still.person("bob", ann.app)
        await change(still, "DELETE FROM audit_log")
        async with calling_from(still, "198.51.100.7") as elsewhere:
            for _ in range(3):
                await self.tries(elsewhere, ann)
        (failed,) = (await ann.get(f"{HISTORY}?success=false"))["data"]["list"]
        assert (failed["success"], failed["clientIp"]) == (False, "198.51.100.7")
        assert failed["errorMessage"] == "The account or the password is wrong. (×3)"
        assert failed["loginMethod"] == "loginByPassword"
        assert failed["appId"] == ann.app.app_id
        assert (await bob.get(HISTORY))["data"]["totalCount"] == 0

    async def test_are_shown_in_the_readers_language(self, world: World) -> None:
        ann = await world.person("ann")
        await self.tries(world, ann)
        answer = await ann.get(f"{HISTORY}?success=false", x_genauth_lang="zh-CN")
        (failed,) = answer["data"]["list"]
        assert failed["errorMessage"] and not failed["errorMessage"].isascii()

    async def test_with_a_code_too(self, world: World) -> None:
        ann = await world.person("ann", email=EMAIL)
        for email in (EMAIL, "nobody@example.com"):
            body = {
                "connection": "PASSCODE",
                "passCodePayload": {"email": email, "passCode": "123456"},
                "client_id": ann.app.app_id,
                "client_secret": ann.app.secret,
            }
            await world.post("/api/v3/signin", body, app=ann.app)
        (failed,) = (await ann.get(f"{HISTORY}?success=false"))["data"]["list"]
        assert failed["loginMethod"] == "loginByEmail" and failed["success"] is False

    async def test_a_flood_of_them_is_a_row_a_minute_and_address(self, still: World) -> None:
        ann = await still.person("ann")
        await still.set_pool(ann.app.pool_id, limits__passwordFailures="1000")
        for _ in range(2):
            for _ in range(12):
                await self.tries(still, ann)
            still.clock.advance(60)
        data = (await ann.get(f"{HISTORY}?success=false"))["data"]
        assert data["totalCount"] == 2
        assert {failed["errorMessage"][-5:] for failed in data["list"]} == {"(×12)"}

    async def test_of_nobody_are_counted_alike(self, still: World) -> None:
        ann = await still.person("ann")
        for username in ("ann", "nobody", "nobody else"):
            await self.tries(still, ann, username=username)
        await still.context.refusals.flush()
        failed = "SELECT user_id, times FROM audit_log WHERE succeeded = 0 ORDER BY times"
        assert await rows(still, failed) == [(ann.user_id, 1), (None, 2)]


async def test_by_person_names_a_browser_only_as_far_as_it_can_be_shown(world: World) -> None:
    ann = await world.person("ann")
    headers = by_person(ann) | {"user-agent": "x" * 1000 + "\t"}
    await world.http.post("/api/v3/bind-email", json={}, headers=headers)
    await world.context.refusals.flush()
    found = await rows(world, "SELECT user_agent FROM audit_log WHERE event = 'bindEmail'")
    assert found == [("x" * 300,)]
