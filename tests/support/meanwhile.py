"""What may happen between the beginning of a step and its end."""

from __future__ import annotations

import re
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable

from gatepost.management.apps import set_app
from gatepost.server_keys import ServerKeys
from gatepost.storage import sessions, users
from tests.support import life
from tests.support.backstage import OK, said, set_status
from tests.support.links import address_of, send
from tests.support.scene import NEW, OLD, THIRD, Scene, begin_session
from tests.support.windows import WINDOWS, Completion
from tests.support.world import PASSWORD, Person

Meanwhile = Callable[[Scene, str, Completion], Awaitable[None]]
OTHER_PASSWORD = "another fine password"


async def address_changed(scene: Scene, window: str, _: Completion) -> None:
    await _moves_on(scene, scene.ann)


async def address_changed_elsewhere(scene: Scene, window: str, _: Completion) -> None:
    await _again_on_twin(scene)
    await _moves_on(scene, scene.twin)


async def _again_on_twin(scene: Scene) -> None:
    """A change ends other sessions, so a device that began before one is signed in again."""
    await begin_session(scene.world, scene.twin)


async def _moves_on(scene: Scene, person: Person) -> None:
    email = await address_of(person)
    if email is None:
        await scene.binds(person, scene.address(THIRD))
    else:
        await scene.changes(person, email, scene.address(THIRD))


async def address_taken_off(scene: Scene, window: str, _: Completion) -> None:
    if await address_of(scene.ann) is None:
        await scene.binds(scene.ann, scene.address(THIRD))
    email = await address_of(scene.ann)
    assert email is not None
    await scene.unbinds(scene.ann, email)


async def address_taken_by_another(scene: Scene, window: str, _: Completion) -> None:
    if window in ("bind", "prove-change", "change"):
        await scene.binds(scene.bob, scene.address(NEW))
        return
    if await address_of(scene.ann) == scene.address(OLD):
        await scene.unbinds(scene.ann, scene.address(OLD))
    await scene.binds(scene.bob, scene.address(OLD))


async def address_signed_up_for(scene: Scene, window: str, _: Completion) -> None:
    """Somebody says that it is theirs, and proves nothing."""
    if window in ("bind", "prove-change", "change"):
        email = scene.address(NEW)
    else:
        email = scene.address(OLD)
        if await address_of(scene.ann) == email:
            await scene.unbinds(scene.ann, email)
    assert said(await life.sign_up(scene.world, scene.app, email=email)) == OK


async def password_changed(scene: Scene, window: str, _: Completion) -> None:
    answer = await life.updates_password(scene.ann, OTHER_PASSWORD, oldPassword=PASSWORD)
    assert said(answer) == OK


async def password_changed_elsewhere(scene: Scene, window: str, _: Completion) -> None:
    await _again_on_twin(scene)
    answer = await life.updates_password(scene.twin, OTHER_PASSWORD, oldPassword=PASSWORD)
    assert said(answer) == OK


async def password_reset(scene: Scene, window: str, _: Completion) -> None:
    email = await address_of(scene.ann)
    assert email is not None
    token = await scene.reset_granted(email)
    assert said(await life.resets(scene.world, scene.app, token, OTHER_PASSWORD)) == OK


async def account_suspended(scene: Scene, window: str, _: Completion) -> None:
    await set_status(scene.world, scene.ann.user_id, "Suspended")


async def account_removed(scene: Scene, window: str, _: Completion) -> None:
    await scene.world.database.unit(lambda tx: users.remove(tx, scene.ann.user_id))


async def session_ended(scene: Scene, window: str, _: Completion) -> None:
    form = {"token": scene.ann.token, "client_id": scene.app.app_id}
    response = await scene.world.http.post("/oidc/token/revocation", data=form)
    assert response.status_code == 200


async def all_sessions_ended(scene: Scene, window: str, _: Completion) -> None:
    await scene.world.database.unit(lambda tx: sessions.end_all(tx, scene.ann.user_id))


async def app_wants_its_secret(scene: Scene, window: str, _: Completion) -> None:
    setting = {"token_endpoint_auth_method": "client_secret_post"}
    await scene.world.database.unit(lambda tx: set_app(tx, scene.app.app_id, setting))


async def pool_wants_fresh_sign_in(scene: Scene, window: str, _: Completion) -> None:
    await scene.world.set_pool(scene.app.pool_id, reauthenticateWithin="60")


async def requested_again(scene: Scene, window: str, complete: Completion) -> None:
    """What can be asked for again is; a link or token that was handed out is used."""
    if window in ("undo", "not-me", "allow-again", "refresh"):
        assert await complete() == 200
    else:
        await WINDOWS[window][0](scene)


async def earlier_change_undone(scene: Scene, window: str, _: Completion) -> None:
    found = re.search(r"/link/undo\?token=([\w-]+)", scene.undo_before)
    assert found
    pressed = await send(scene.world, "/link/undo", token=found[1])
    assert pressed.status_code == 200


async def keys_rotated(scene: Scene, window: str, _: Completion) -> None:
    """A new first server key, as after SIGHUP; where a token is shown, one to sign with too."""
    context, fresh = scene.world.context, b64encode(secrets.token_bytes(32)).decode()
    if window in ("bind", "unbind", "prove-change", "change", "prove-delete", "delete"):
        await context.key_store.rotate_signing_key(14 * 86_400)
    keys = f"new:{fresh},{scene.world.settings.server_keys}"
    context.keys.replace(ServerKeys.parse(keys, secrets.token_bytes))


async def past_its_end(scene: Scene, window: str, _: Completion) -> None:
    scene.world.clock.advance(WINDOWS[window][1])


MEANWHILE: dict[str, Meanwhile] = {
    happens.__name__.replace("_", "-"): happens
    for happens in (
        address_changed,
        address_changed_elsewhere,
        address_taken_off,
        address_taken_by_another,
        address_signed_up_for,
        password_changed,
        password_changed_elsewhere,
        password_reset,
        account_suspended,
        account_removed,
        session_ended,
        all_sessions_ended,
        app_wants_its_secret,
        pool_wants_fresh_sign_in,
        requested_again,
        earlier_change_undone,
        keys_rotated,
        past_its_end,
    )
}
