"""Calls about accounts and their tokens that would succeed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gatepost.storage import users
from gatepost.vocabulary.email_address import EmailAddress
from tests.support.calls import EMAIL, NEW_EMAIL, NEW_PASSWORD, Call, by_app, by_person
from tests.support.links import address_of, code
from tests.support.world import PASSWORD, Person


async def sign_up(ann: Person) -> Call:
    payload = {"username": "bea", "password": PASSWORD}
    return Call({"connection": "PASSWORD", "passwordPayload": payload}, by_app(ann.app))


async def unbind_email(ann: Person) -> Call:
    await with_address(ann)
    return Call({"passCode": await code(ann, EMAIL, "CHANNEL_UNBIND_EMAIL")}, by_person(ann))


async def verify_update_email_request(ann: Person) -> Call:
    await with_address(ann)
    channel = "CHANNEL_UPDATE_EMAIL"
    payload = {
        "newEmail": NEW_EMAIL,
        "newEmailPassCode": await code(ann, NEW_EMAIL, channel),
        "oldEmail": EMAIL,
        "oldEmailPassCode": await code(ann, EMAIL, channel),
    }
    return Call(by_mail(payload), by_person(ann))


async def update_email(ann: Person) -> Call:
    granted = await answered(ann, "verify-update-email-request", verify_update_email_request)
    return Call({"updateEmailToken": granted["updateEmailToken"]}, by_person(ann))


async def update_password(ann: Person) -> Call:
    return Call({"newPassword": NEW_PASSWORD, "oldPassword": PASSWORD}, by_person(ann))


async def verify_reset_password_request(ann: Person) -> Call:
    await with_address(ann)
    shown = await code(ann, EMAIL, "CHANNEL_RESET_PASSWORD", signed_in=False)
    return Call(by_mail({"email": EMAIL, "passCode": shown}), by_app(ann.app))


async def reset_password(ann: Person) -> Call:
    granted = await answered(ann, "verify-reset-password-request", verify_reset_password_request)
    token = granted["passwordResetToken"]
    return Call({"passwordResetToken": token, "password": NEW_PASSWORD}, by_app(ann.app))


async def update_profile(ann: Person) -> Call:
    return Call({"nickname": "Annie"}, by_person(ann))


async def verify_delete_account_request(ann: Person) -> Call:
    await with_address(ann)
    shown = await code(ann, EMAIL, "CHANNEL_DELETE_ACCOUNT")
    return Call(by_mail({"email": EMAIL, "passCode": shown}), by_person(ann))


async def delete_account(ann: Person) -> Call:
    granted = await answered(ann, "verify-delete-account-request", verify_delete_account_request)
    return Call({"deleteAccountToken": granted["deleteAccountToken"]}, by_person(ann))


async def token(ann: Person) -> Call:
    answer = await ann.sign_in(scope="openid offline_access")
    body = {
        "grant_type": "refresh_token",
        "refresh_token": answer["data"]["refresh_token"],
        "client_secret": ann.app.secret,
    }
    return Call(body, by_app(ann.app))


async def token_to_look_at(ann: Person) -> Call:
    return Call({"token": ann.token, "client_secret": ann.app.secret}, by_app(ann.app))


async def user_info_by_post(ann: Person) -> Call:
    return Call({}, by_person(ann))


def by_mail(payload: dict[str, str]) -> dict[str, Any]:
    """A proof by codes from mails."""
    return {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}


async def with_address(ann: Person) -> None:
    """Give Ann an address that she has proved, if she has none."""
    address = EmailAddress.stored(EMAIL)
    if await address_of(ann) is None:
        await ann.world.database.unit(lambda tx: users.bind_email(tx, ann.user_id, address))


async def answered(
    ann: Person, step: str, right: Callable[[Person], Awaitable[Call]]
) -> dict[str, str]:
    """What the first of two steps answers."""
    answer = await ann.post(f"/api/v3/{step}", (await right(ann)).body)
    assert answer["statusCode"] == 200, answer
    data: dict[str, str] = answer["data"]
    return data
