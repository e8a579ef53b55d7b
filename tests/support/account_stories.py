"""How changes of accounts come to be refused: addresses, passwords, profiles, closing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from gatepost.storage import users
from tests.support.account_calls import with_address
from tests.support.backstage import wrong
from tests.support.calls import EMAIL, NEW_EMAIL, Call, by_person
from tests.support.general_stories import Story, two_secrets
from tests.support.right_calls import Stage
from tests.support.world import PASSWORD, Person

STRICT = {"strictCodeBudget": "true", "limits__codeFailuresPerHour": "1"}


def with_fields(**changes: Any) -> Story:
    """The right call with other fields."""

    async def story(stage: Stage) -> httpx.Response:
        return await stage.send((await stage.right()).with_body(**changes))

    return story


def with_payload(**changes: str | None) -> Story:
    """The right call with other fields in the payload of its codes."""

    async def story(stage: Stage) -> httpx.Response:
        return await stage.send(in_payload(await stage.right(), **changes))

    return story


def in_payload(call: Call, **changes: str | None) -> Call:
    """A call with other fields in the payload of its codes."""
    return call.with_body(emailPassCodePayload=call.body["emailPassCodePayload"] | changes)


def with_wrong_code(call: Call) -> Call:
    """The same call with one digit of a code changed."""
    payload = call.body["emailPassCodePayload"]
    name = "newEmailPassCode" if "newEmailPassCode" in payload else "passCode"
    return in_payload(call, **{name: wrong(payload[name])})


async def with_other_code(stage: Stage) -> httpx.Response:
    return await stage.send(with_wrong_code(await stage.right()))


async def too_late(stage: Stage) -> httpx.Response:
    call = await stage.right()
    stage.world.clock.advance(301)
    return await stage.send(call)


async def guessed_before(stage: Stage) -> httpx.Response:
    call = await stage.right(await stage.ann(**STRICT))
    await stage.send(with_wrong_code(call))
    return await stage.send(call)


async def without_address(stage: Stage) -> httpx.Response:
    """The right call of somebody else, made by Ann before she has an address."""
    call, carol = await stage.right(), await stage.ann()
    return await stage.send(Call(call.body, by_person(carol)))


def meanwhile(deed: Callable[[Person], Awaitable[object]]) -> Story:
    """Something happens to Ann after the right call was made ready."""

    async def story(stage: Stage) -> httpx.Response:
        ann = await stage.ann()
        call = await stage.right(ann)
        await deed(ann)
        return await stage.send(call)

    return story


async def bob_takes_the_new_address(ann: Person) -> None:
    await ann.world.person("bob", ann.app, email=NEW_EMAIL, sign_in=False)


async def loses_password(ann: Person) -> None:
    await ann.world.database.unit(lambda tx: users.set_password(tx, ann.user_id, None, None))


async def loses_address(ann: Person) -> None:
    await ann.world.database.unit(
        lambda tx: users.set_email(tx, ann.user_id, None, verified_at=None)
    )


async def first_password_in_an_old_session(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    await loses_password(ann)
    stage.world.clock.advance(15 * 60 + 1)
    return await stage.send(call)


async def update_password_too_often(stage: Stage) -> httpx.Response:
    call = await stage.right(await stage.ann(limits__passwordFailures="1"))
    await stage.send(call.with_body(oldPassword="a guess"))
    return await stage.send(call)


async def reset_too_often(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    await stage.world.set_pool(ann.app.pool_id, limits__signInsPerClientHour="1")
    await stage.send(call)
    return await stage.send(call)


async def rename_like_bob(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    await stage.world.person("bob", ann.app, sign_in=False)
    return await stage.send((await stage.right(ann)).with_body(username="BOB"))


async def rename_in_an_old_session(stage: Stage) -> httpx.Response:
    call = (await stage.right()).with_body(username="annie")
    stage.world.clock.advance(15 * 60 + 1)
    return await stage.send(call)


async def number_like_bob(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    bob = await stage.world.person("bob", ann.app)
    assert (await bob.post("/api/v3/update-profile", {"externalId": "7"}))["statusCode"] == 200
    return await stage.send((await stage.right(ann)).with_body(externalId="7"))


async def close_with_password(stage: Stage, password: str) -> Call:
    """A proof by password, of somebody without an address."""
    payload = {"password": password}
    body = {"verifyMethod": "PASSWORD", "passwordPayload": payload}
    return Call(body, by_person(await stage.ann()))


async def close_with_wrong_password(stage: Stage) -> httpx.Response:
    return await stage.send(await close_with_password(stage, "a guess"))


async def close_with_password_despite_address(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    await with_address(ann)
    body = {"verifyMethod": "PASSWORD", "passwordPayload": {"password": PASSWORD}}
    return await stage.send(Call(body, by_person(ann)))


class Interrupted:
    """The passwords of a server, where something happens while one is being checked."""

    def __init__(self, passwords: Any, deed: Callable[[], Awaitable[object]]) -> None:
        self._passwords = passwords
        self._deed = deed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._passwords, name)

    async def check(self, *typed: Any) -> Any:
        """Check, and let it happen."""
        checked = await self._passwords.check(*typed)
        await self._deed()
        return checked


async def close_while_changed(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    body = {"verifyMethod": "PASSWORD", "passwordPayload": {"password": PASSWORD}}
    passwords = Interrupted(stage.world.context.passwords, lambda: with_address(ann))
    return await stage.send(Call(body, by_person(ann)), server=stage.server(passwords=passwords))


def codes_of(operation: str) -> dict[tuple[str, str], Story]:
    """The stories of an operation that takes codes in a payload."""
    return {
        (operation, "CodeIncorrect"): with_other_code,
        (operation, "CodeExpired"): too_late,
        (operation, "TooManyRequests"): guessed_before,
    }


UPDATE, RESET, CLOSE = (
    "verify_update_email_request",
    "verify_reset_password_request",
    "verify_delete_account_request",
)
OF_ACCOUNTS: dict[tuple[str, str], Story] = {
    **codes_of(UPDATE),
    **codes_of(RESET),
    **codes_of(CLOSE),
    (UPDATE, "EmailInvalid"): with_payload(newEmail="ann at example"),
    (UPDATE, "NoEmailBound"): without_address,
    (UPDATE, "SameEmail"): with_payload(newEmail=EMAIL),
    (UPDATE, "OldEmailRequired"): with_payload(oldEmailPassCode=None),
    (UPDATE, "OldEmailMismatch"): with_payload(oldEmail="other@example.com"),
    (UPDATE, "EmailTaken"): meanwhile(bob_takes_the_new_address),
    ("update_email", "TokenInvalid"): with_fields(updateEmailToken="a guess"),
    ("update_email", "EmailTaken"): meanwhile(bob_takes_the_new_address),
    ("unbind_email", "NoEmailBound"): without_address,
    ("unbind_email", "LastSignInMethod"): meanwhile(loses_password),
    ("update_password", "OldPasswordRequired"): with_fields(oldPassword=None),
    ("update_password", "OldPasswordWrong"): with_fields(oldPassword="a guess"),
    ("update_password", "PasswordReused"): with_fields(newPassword=PASSWORD),
    ("update_password", "PasswordTooWeak"): with_fields(newPassword="password1"),
    ("update_password", "ReauthenticationRequired"): first_password_in_an_old_session,
    ("update_password", "TooManyRequests"): update_password_too_often,
    (RESET, "ClientUnauthenticated"): two_secrets,
    (RESET, "EmailInvalid"): with_payload(email="ann at example"),
    (RESET, "TooManyRequests"): reset_too_often,
    (RESET, "UserNotFound"): meanwhile(loses_address),
    (RESET, "NotSupported"): with_fields(verifyMethod="PHONE_PASSCODE"),
    ("reset_password", "ClientUnauthenticated"): two_secrets,
    ("reset_password", "TokenInvalid"): with_fields(passwordResetToken="a guess"),
    ("reset_password", "TooManyRequests"): reset_too_often,
    ("reset_password", "PasswordTooWeak"): with_fields(password="password1"),
    ("update_profile", "UsernameTaken"): rename_like_bob,
    ("update_profile", "LastSignInMethod"): with_fields(username=""),
    ("update_profile", "ReauthenticationRequired"): rename_in_an_old_session,
    ("update_profile", "UserExists"): number_like_bob,
    (CLOSE, "EmailInvalid"): with_payload(email="ann at example"),
    (CLOSE, "WrongCredentials"): close_with_wrong_password,
    (CLOSE, "NoEmailBound"): without_address,
    (CLOSE, "OldEmailMismatch"): with_payload(email="other@example.com"),
    (CLOSE, "NotSupported"): close_with_password_despite_address,
    (CLOSE, "TokenInvalid"): close_while_changed,
    ("delete_account", "TokenInvalid"): with_fields(deleteAccountToken="a guess"),
}
"""By the names of operation and refusal."""
