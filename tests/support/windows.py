"""Steps that take two calls, each begun and left to be completed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gatepost.mail.message import Message
from tests.support import life
from tests.support.backstage import said
from tests.support.links import send, url_in
from tests.support.scene import NEW, OLD, Scene, proof_of_change

Outcome = tuple[int, int | None] | int
Completion = Callable[[], Awaitable[Outcome]]
NEW_PASSWORD = "a brand new password"


async def bind(scene: Scene) -> Completion:
    code = await scene.code(scene.ann, "BIND_EMAIL", scene.address(NEW))
    return lambda: _said(scene.ann.binds(scene.address(NEW), code))


async def unbind(scene: Scene) -> Completion:
    code = await scene.code(scene.ann, "UNBIND_EMAIL", scene.address(OLD))
    return lambda: _said(scene.ann.post("/api/v3/unbind-email", {"passCode": code}))


async def prove_change(scene: Scene) -> Completion:
    shown = await proof_of_change(scene, scene.ann, scene.address(OLD), scene.address(NEW))
    return lambda: _said(scene.ann.post("/api/v3/verify-update-email-request", shown))


async def change(scene: Scene) -> Completion:
    token = await scene.change_granted(scene.ann, scene.address(OLD), scene.address(NEW))
    body = {"updateEmailToken": token}
    return lambda: _said(scene.ann.post("/api/v3/update-email", body))


async def prove_reset(scene: Scene) -> Completion:
    email = scene.address(OLD)
    code = await scene.code(None, "RESET_PASSWORD", email)
    return lambda: _said(life.proves_reset(scene.world, scene.app, email, code))


async def reset(scene: Scene) -> Completion:
    token = await scene.reset_granted(scene.address(OLD))
    return lambda: _said(life.resets(scene.world, scene.app, token, NEW_PASSWORD))


async def prove_delete(scene: Scene) -> Completion:
    code = await scene.code(scene.ann, "DELETE_ACCOUNT", scene.address(OLD))
    return lambda: _said(life.proves_deletion(scene.ann, passCode=code))


async def delete(scene: Scene) -> Completion:
    code = await scene.code(scene.ann, "DELETE_ACCOUNT", scene.address(OLD))
    answer = await life.proves_deletion(scene.ann, passCode=code)
    token = answer["data"]["deleteAccountToken"]
    return lambda: _said(life.deletes(scene.ann, token))


async def enter(scene: Scene) -> Completion:
    email = scene.address(OLD)
    code = await scene.code(None, "LOGIN", email)
    return lambda: _said(life.sign_in_by_code(scene.world, scene.app, email, code))


async def refresh(scene: Scene) -> Completion:
    async def complete() -> Outcome:
        fields = {"grant_type": "refresh_token", "refresh_token": scene.refresh_token}
        form = fields | {"client_id": scene.app.app_id}
        return (await scene.world.http.post("/oidc/token", data=form)).status_code

    return complete


async def undo(scene: Scene) -> Completion:
    notice = await scene.changes(scene.ann, scene.address(OLD), scene.address(NEW))
    return _button(scene, notice, "undo")


async def not_me(scene: Scene) -> Completion:
    return _button(scene, await scene.binds(scene.ann, scene.address(OLD)), "not-me")


async def not_asked(scene: Scene) -> Completion:
    mail = await scene.mail(None, "LOGIN", scene.address(OLD))
    return _button(scene, mail, "not-asked")


async def allow_again(scene: Scene) -> Completion:
    # On a channel that nothing else here uses without a sign-in.
    mail = await scene.mail(None, "REGISTER", scene.address(OLD))
    assert await _button(scene, mail, "not-asked")() == 200
    stopped = await scene.world.mail.of(scene.address(OLD), "code_mail_stopped")
    return _button(scene, stopped, "allow-again")


async def verify(scene: Scene) -> Completion:
    mail = await scene.mail(scene.ann, "VERIFY_EMAIL_LINK", scene.address(OLD))
    return _button(scene, mail, "verify")


def _button(scene: Scene, mail: Message, purpose: str) -> Completion:
    token = url_in(mail, purpose).partition("?token=")[2]

    async def press() -> Outcome:
        return (await send(scene.world, f"/link/{purpose}", token=token)).status_code

    return press


async def _said(answering: Awaitable[dict[str, Any]]) -> Outcome:
    return said(await answering)


WINDOWS: dict[str, tuple[Callable[[Scene], Awaitable[Completion]], int]] = {
    "bind": (bind, 300),
    "unbind": (unbind, 300),
    "prove-change": (prove_change, 300),
    "change": (change, 60),
    "prove-reset": (prove_reset, 300),
    "reset": (reset, 300),
    "prove-delete": (prove_delete, 300),
    "delete": (delete, 60),
    "enter": (enter, 300),
    "refresh": (refresh, 30 * 86_400),
    "undo": (undo, 72 * 3_600),
    "not-me": (not_me, 72 * 3_600),
    "not-asked": (not_asked, 300),
    "allow-again": (allow_again, 72 * 3_600),
    "verify": (verify, 300),
}
"""Every step by its name, and how many seconds it stays open."""
