"""`/login` with a password."""

from __future__ import annotations

from tests.support.pages import browsing
from tests.support.world import PASSWORD, World


async def test_ann_signs_in_and_is_known_by_a_new_cookie(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.open("/login", app_id=ann.app.app_id, return_to="/oidc/auth?client_id=x")
        before = dict(browser.http.cookies)
        answer = await browser.send("/login", account="ann", password=PASSWORD)
        assert answer.url.path == "/oidc/auth"
        after = dict(browser.http.cookies)
        assert before.keys() == after.keys() == {"gatepost-80"} and before != after
