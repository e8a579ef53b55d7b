"""`/account`: what somebody signed in sees, and who does not get there."""

from __future__ import annotations

from tests.support.pages import browsing
from tests.support.world import World


async def test_ann_sees_her_account(world: World) -> None:
    ann = await world.person("ann", sign_in=False)
    with browsing(world) as browser:
        await browser.sign_in(ann)
        await browser.open("/account")
        assert "Your account" in browser.words
