"""Codes from before a change of an address are dead after it, whoever may show them."""

from __future__ import annotations

from typing import Any

from tests.support import links
from tests.support.backstage import CODE_INCORRECT, said
from tests.support.changes import NEW, OLD, UPDATE, ann_with_old, payload, proves
from tests.support.life import code_for, newcomer, sign_in_by_code
from tests.support.world import App, World


async def enters(world: World, app: App, email: str, code: str) -> dict[str, Any]:
    """Sign in by a code, with a new account where the address has none."""
    return await sign_in_by_code(world, app, email, code, autoRegister=True)


async def test_at_a_bind_those_that_the_account_asked_for(world: World) -> None:
    pool = await world.pool(changeEmailStrategy__verifyOldEmail="false")
    ann = await world.person("ann", await world.app(pool))
    code = await links.code(ann, NEW, UPDATE)
    await links.bind(ann, OLD)
    assert said(await proves(ann, payload(code))) == CODE_INCORRECT


async def test_at_an_undo_those_for_the_address_that_comes_back(world: World) -> None:
    """While it was nobody's, anybody could ask for one."""
    app = await world.app(auth="none")
    ann = await ann_with_old(world, app)
    notice = await links.change(ann, OLD, NEW)
    code = await code_for(world, app, OLD, "LOGIN")
    await links.press(world, links.url_in(notice, "undo"))
    assert said(await enters(world, app, OLD, code)) == CODE_INCORRECT


async def test_at_not_me_those_for_the_address_that_is_taken_off(world: World) -> None:
    app = await world.app(auth="none")
    receipt = await links.bind(await world.person("mallory", app), NEW)
    code = await code_for(world, app, NEW, "LOGIN")
    await links.press(world, links.url_in(receipt, "not-me"))
    assert said(await enters(world, app, NEW, code)) == CODE_INCORRECT


async def test_at_a_proof_by_link_that_drops_what_was_there(world: World) -> None:
    app = await world.app(auth="none")
    mallory = await newcomer(world, app, "mallory", email=NEW)
    mail = await links.code_mail(mallory, NEW, "CHANNEL_VERIFY_EMAIL_LINK", signed_in=False)
    code = await code_for(world, app, NEW, "LOGIN")
    done = await links.press(world, links.url_in(mail, "verify"), newPassword="of Ann, and new")
    assert done.status_code == 200
    assert said(await enters(world, app, NEW, code)) == CODE_INCORRECT
