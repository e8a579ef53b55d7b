"""How each refusal comes about: a story for every one that an operation declares."""

from __future__ import annotations

import httpx

from tests.support.account_calls import with_address
from tests.support.account_stories import OF_ACCOUNTS
from tests.support.backstage import wrong
from tests.support.calls import EMAIL, Call, by_app
from tests.support.entry_stories import OF_ENTRIES
from tests.support.general_stories import EVERYWHERE, Story
from tests.support.right_calls import Stage, asked_for_code


async def code_incorrect(stage: Stage) -> httpx.Response:
    call = await stage.right()
    return await stage.send(call.with_body(passCode=wrong(call.body["passCode"])))


async def code_expired(stage: Stage) -> httpx.Response:
    call = await stage.right()
    stage.world.clock.advance(301)
    return await stage.send(call)


async def invalid_address(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(email="ann at example"))


async def bind_already_bound(stage: Stage) -> httpx.Response:
    call = await stage.right()
    await stage.send(call)
    return await stage.send(call)


async def bind_taken(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    call = await stage.right(ann)
    await stage.world.person("bob", ann.app, email=EMAIL, sign_in=False)
    return await stage.send(call)


async def bind_too_often(stage: Stage) -> httpx.Response:
    ann = await stage.ann(strictCodeBudget="true", limits__codeFailuresPerHour="1")
    call = await stage.right(ann)
    await stage.send(call.with_body(passCode=wrong(call.body["passCode"])))
    return await stage.send(call)


async def send_not_supported(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(channel="CHANNEL_UNLOCK_ACCOUNT"))


async def send_already_bound(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    await ann.binds(EMAIL, await asked_for_code(ann))
    return await stage.send((await stage.right(ann)).with_body(email="new@example.com"))


async def send_again(stage: Stage) -> httpx.Response:
    call = await stage.right()
    await stage.send(call)
    return await stage.send(call)


async def send_too_often(stage: Stage) -> httpx.Response:
    call = await stage.right(await stage.ann(limits__sendsPerUserHour="1"))
    await stage.send(call)
    return await stage.send(call.with_body(email="other@example.com"))


async def send_not_signed_in(stage: Stage) -> httpx.Response:
    call = await stage.right(await stage.ann(codesNeedSignIn="true"))
    return await stage.send(call.with_headers(authorization=None))


async def look_at_invalid_address(stage: Stage) -> httpx.Response:
    call = await stage.right()
    payload = call.body["emailCodePayload"] | {"email": "ann at example"}
    return await stage.send(call.with_body(emailCodePayload=payload))


async def look_too_often(stage: Stage) -> httpx.Response:
    call = await stage.right(await stage.ann(limits__signInsPerClientHour="1"))
    await stage.send(call)
    return await stage.send(call)


async def look_at_text_message(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(codeType="SMS"))


async def enter_with_wrong_password(stage: Stage) -> httpx.Response:
    payload = {"username": "ann", "password": "a guess"}
    return await stage.send((await stage.right()).with_body(passwordPayload=payload))


async def enter_too_often(stage: Stage) -> httpx.Response:
    # Her app shows its secret and names no client: so it is the app's calls that are counted.
    call = await stage.right(await stage.ann(limits__callsPerTrustedAppHour="1"))
    return await stage.send(call)


async def enter_unverified(stage: Stage) -> httpx.Response:
    ann = await stage.ann(loginRequireEmailVerified="true")
    await stage.world.person("carol", ann.app, email=EMAIL, sign_in=False)
    call = await stage.right(ann)
    payload = call.body["passwordPayload"] | {"username": "carol"}
    return await stage.send(call.with_body(passwordPayload=payload))


async def enter_by_ldap(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(connection="LDAP"))


async def enter_by_phone(stage: Stage) -> httpx.Response:
    return await stage.send(await by_code(stage, {"phone": "123", "passCode": "123456"}))


async def enter_by_invalid_address(stage: Stage) -> httpx.Response:
    return await stage.send(await by_code(stage, {"email": "ann at", "passCode": "123456"}))


async def enter_with_code_of_nobody(stage: Stage) -> httpx.Response:
    return await stage.send(await by_mailed_code(stage))


async def enter_with_wrong_code(stage: Stage) -> httpx.Response:
    call = await by_mailed_code(stage)
    payload = call.body["passCodePayload"]
    return await stage.send(
        call.with_body(passCodePayload=payload | {"passCode": wrong(payload["passCode"])})
    )


async def enter_with_old_code(stage: Stage) -> httpx.Response:
    call = await by_mailed_code(stage)
    stage.world.clock.advance(301)
    return await stage.send(call)


async def by_code(stage: Stage, payload: dict[str, str]) -> Call:
    """A sign-in with a code from a mail."""
    return (await stage.right()).with_body(connection="PASSCODE", passCodePayload=payload)


async def by_mailed_code(stage: Stage, **pool_settings: str) -> Call:
    """A sign-in with a code that was mailed to an address without an account."""
    ann, world = await stage.ann(**pool_settings), stage.world
    mails = len(world.mail.all_to(EMAIL))
    ask = {"email": EMAIL, "channel": "CHANNEL_LOGIN"}
    await world.post("/api/v3/send-email", ask, app=ann.app)
    payload = {"email": EMAIL, "passCode": await world.code(EMAIL, mails + 1)}
    call = (await stage.right(ann)).with_body(connection="PASSCODE", passCodePayload=payload)
    return Call(call.body, by_app(ann.app))


async def enter_where_nobody_may_register(stage: Stage) -> httpx.Response:
    call = await by_mailed_code(stage, registerDisabled="true")
    return await stage.send(call.with_body(options={"autoRegister": True}))


async def send_to_own_address_without_one(stage: Stage) -> httpx.Response:
    return await stage.send((await stage.right()).with_body(channel="CHANNEL_UNBIND_EMAIL"))


async def send_to_address_of_others(stage: Stage) -> httpx.Response:
    ann = await stage.ann()
    await with_address(ann)
    call = (await stage.right(ann)).with_body(channel="CHANNEL_UNBIND_EMAIL")
    return await stage.send(call.with_body(email="other@example.com"))


OWN: dict[tuple[str, str], Story] = {
    ("sign_in", "WrongCredentials"): enter_with_wrong_password,
    ("sign_in", "EmailInvalid"): enter_by_invalid_address,
    ("sign_in", "CodeIncorrect"): enter_with_wrong_code,
    ("sign_in", "CodeExpired"): enter_with_old_code,
    ("sign_in", "TooManyRequests"): enter_too_often,
    ("sign_in", "EmailUnverified"): enter_unverified,
    ("sign_in", "UserNotFound"): enter_with_code_of_nobody,
    ("sign_in", "RegistrationClosed"): enter_where_nobody_may_register,
    ("sign_in", "LdapNotConfigured"): enter_by_ldap,
    ("sign_in", "NotSupported"): enter_by_phone,
    ("send_email", "EmailInvalid"): invalid_address,
    ("send_email", "NotSupported"): send_not_supported,
    ("send_email", "EmailAlreadyBound"): send_already_bound,
    ("send_email", "SentTooRecently"): send_again,
    ("send_email", "TooManyRequests"): send_too_often,
    ("send_email", "NotSignedIn"): send_not_signed_in,
    ("send_email", "NoEmailBound"): send_to_own_address_without_one,
    ("send_email", "OldEmailMismatch"): send_to_address_of_others,
    ("pre_check_code", "EmailInvalid"): look_at_invalid_address,
    ("pre_check_code", "TooManyRequests"): look_too_often,
    ("pre_check_code", "NotSupported"): look_at_text_message,
    ("bind_email", "EmailInvalid"): invalid_address,
    ("bind_email", "CodeIncorrect"): code_incorrect,
    ("bind_email", "CodeExpired"): code_expired,
    ("bind_email", "EmailAlreadyBound"): bind_already_bound,
    ("bind_email", "EmailTaken"): bind_taken,
    ("bind_email", "TooManyRequests"): bind_too_often,
    ("unbind_email", "CodeIncorrect"): code_incorrect,
    ("unbind_email", "CodeExpired"): code_expired,
    ("unbind_email", "TooManyRequests"): bind_too_often,
    **OF_ACCOUNTS,
    **OF_ENTRIES,
}
"""By the names of operation and refusal: stories of one operation."""


def story_of(operation: str, refusal: str) -> Story | None:
    """The story of a refusal, if somebody has written it."""
    return OWN.get((operation, refusal)) or EVERYWHERE.get(refusal)
