"""How making an account and trading its tokens come to be refused."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.account_calls import with_address
from tests.support.backstage import wrong
from tests.support.calls import EMAIL, Call, by_app
from tests.support.general_stories import Story, two_secrets
from tests.support.links import code
from tests.support.right_calls import Stage
from tests.support.world import PASSWORD


def joins(**payload: str) -> Story:
    """A sign-up with another name or password than the right one's."""

    async def story(stage: Stage) -> httpx.Response:
        call = await stage.right()
        given = call.body["passwordPayload"] | payload
        return await stage.send(call.with_body(passwordPayload=given))

    return story


async def join_closed_pool(stage: Stage) -> httpx.Response:
    return await stage.send(await stage.right(await stage.ann(registerDisabled="true")))


async def join_with_address_of_ann(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    await with_address(ann)
    payload = {"email": EMAIL, "password": PASSWORD}
    return await stage.send((await stage.right(ann)).with_body(passwordPayload=payload))


async def join_too_often(stage: Stage) -> httpx.Response:
    call = await stage.right(await stage.ann(limits__signUpsPerClientHour="1"))
    await stage.send(call)
    return await stage.send(call)


async def join_by_phone(stage: Stage) -> httpx.Response:
    call = await stage.right()
    payload = {"phone": "123", "passCode": "123456"}
    return await stage.send(call.with_body(connection="PASSCODE", passCodePayload=payload))


async def by_mailed_code(stage: Stage, change: Any = str) -> Call:
    """A sign-up with a code from a mail, which `change` may alter."""
    ann = await stage.ann()
    shown = await code(ann, EMAIL, "CHANNEL_REGISTER", signed_in=False)
    payload = {"email": EMAIL, "passCode": change(shown)}
    return Call({"connection": "PASSCODE", "passCodePayload": payload}, by_app(ann.app))


async def join_with_wrong_code(stage: Stage) -> httpx.Response:
    return await stage.send(await by_mailed_code(stage, wrong))


async def join_with_old_code(stage: Stage) -> httpx.Response:
    call = await by_mailed_code(stage)
    stage.world.clock.advance(301)
    return await stage.send(call)


async def trade_stranger(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(refresh_token="a guess"))


async def trade_password(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(grant_type="password"))


OF_ENTRIES: dict[tuple[str, str], Story] = {
    ("sign_up", "ClientUnauthenticated"): two_secrets,
    ("sign_up", "RegistrationClosed"): join_closed_pool,
    ("sign_up", "EmailInvalid"): joins(email="ann at example"),
    ("sign_up", "CodeIncorrect"): join_with_wrong_code,
    ("sign_up", "CodeExpired"): join_with_old_code,
    ("sign_up", "TooManyRequests"): join_too_often,
    ("sign_up", "PasswordTooWeak"): joins(password="password1"),
    ("sign_up", "UserExists"): join_with_address_of_ann,
    ("sign_up", "UsernameTaken"): joins(username="Ann"),
    ("sign_up", "NotSupported"): join_by_phone,
    ("token", "TokenInvalid"): trade_stranger,
    ("token", "NotSupported"): trade_password,
}
"""By the names of operation and refusal."""
