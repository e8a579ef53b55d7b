"""`GET /api/v3/get-my-logged-in-apps`."""

from __future__ import annotations

from tests.support.backstage import NOT_SIGNED_IN, change, said
from tests.support.oauth import REVOCATION, in_body
from tests.support.world import App, Person, World

APPS = "/api/v3/get-my-logged-in-apps"


async def test_the_apps_that_ann_is_signed_in_to(world: World) -> None:
    ann = await world.person("ann")
    other: App = await world.app(ann.app.pool_id)
    there = Person(world, other, ann.user_id, "ann")
    assert await _apps(ann) == {ann.app.app_id: True}
    await there.sign_in()
    await there.sign_in()
    assert await _apps(ann) == {ann.app.app_id: True, other.app_id: True}
    await world.http.post(REVOCATION, data={"token": there.token} | in_body(other))
    assert await _apps(ann) == {ann.app.app_id: True, other.app_id: True}  # one is left
    await change(world, "UPDATE sessions SET ended_at = 1 WHERE app_id = :id", id=other.app_id)
    assert await _apps(ann) == {ann.app.app_id: True, other.app_id: False}


async def test_a_session_that_ran_out_is_not_active(still: World) -> None:
    ann = await still.person("ann")
    still.clock.advance(14 * 86_400)
    other = await still.app(ann.app.pool_id)
    there = Person(still, other, ann.user_id, "ann")
    await there.sign_in()
    assert await _apps(there) == {ann.app.app_id: False, other.app_id: True}


async def _apps(person: Person) -> dict[str, bool]:
    answer = await person.get(APPS)
    assert said(answer) == (200, None)
    for app in answer["data"]:
        assert set(app) == {"appId", "appName", "appLoginUrl", "appLogo", "active"}
        assert app["appName"] == "Test app"
    return {app["appId"]: app["active"] for app in answer["data"]}


async def test_nobody_else_is_told(world: World) -> None:
    assert said(await world.get(APPS, app=await world.app())) == NOT_SIGNED_IN
