"""What people do with the links in their mails: open the page, press its button."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from html import unescape
from typing import Any

import httpx

from gatepost.mail.message import Message
from gatepost.storage import users
from tests.support.world import Person, World

CHANNELS = {
    "CHANNEL_BIND_EMAIL": "email_bind_verify_code",
    "CHANNEL_UPDATE_EMAIL": "email_update_verify_code",
    "CHANNEL_UNBIND_EMAIL": "email_unbind_verify_code",
    "CHANNEL_LOGIN": "login_verify_code",
    "CHANNEL_REGISTER": "register_verify_code",
    "CHANNEL_RESET_PASSWORD": "reset_password_verify_code",
    "CHANNEL_DELETE_ACCOUNT": "delete_account_verify_code",
    "CHANNEL_VERIFY_EMAIL_LINK": "console_conducted_verify",
}


def url_in(mail: Message, purpose: str) -> str:
    """The link of one purpose in a mail's text."""
    found = re.search(rf"\S+/link/{purpose}\?token=[\w-]+", mail.text)
    assert found, mail.text
    return found[0]


def words_of(page: httpx.Response) -> str:
    """What somebody reads on a page."""
    body = page.text.partition("<body")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", "<body" + body))).strip()


async def press(world: World, url: str, **fields: str) -> httpx.Response:
    """Open a link and press its button, as a browser without scripts does."""
    page = await world.http.get(url)
    assert page.status_code == 200, page.text
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert action and token
    return await send(world, action[1], None, token=token[1], **fields)


async def send(
    world: World, path: str, headers: dict[str, str] | None = None, **fields: str
) -> httpx.Response:
    """Send a form from a page of the server."""
    origin = {"origin": "http://127.0.0.1"}
    return await world.http.post(path, data=fields, headers=origin | (headers or {}))


async def mail_after(
    world: World, address: str, template: str, deed: Awaitable[dict[str, Any]]
) -> Message:
    """Do something that is allowed, and wait for the mail that it causes."""
    before = len(world.mail.all_of(address, template))
    answer = await deed
    assert answer["statusCode"] == 200, answer
    return await world.mail.of(address, template, before + 1)


async def code_mail(person: Person, email: str, channel: str, *, signed_in: bool = True) -> Message:
    """Ask for a code, a minute after whatever was asked before."""
    person.world.clock.advance(61)
    body = {"email": email, "channel": channel}
    token = person.token if signed_in else None
    asking = person.world.post("/api/v3/send-email", body, app=person.app, token=token)
    return await mail_after(person.world, email, CHANNELS[channel], asking)


async def code(person: Person, email: str, channel: str, *, signed_in: bool = True) -> str:
    """A code by mail."""
    found = (await code_mail(person, email, channel, signed_in=signed_in)).code
    assert found is not None
    return found


async def bind(person: Person, email: str) -> Message:
    """Bind an address; the receipt."""
    shown = await code(person, email, "CHANNEL_BIND_EMAIL")
    return await mail_after(person.world, email, "email_bound", person.binds(email, shown))


async def granted_change(person: Person, old: str, new: str) -> str:
    """Prove both addresses; the token for the change."""
    codes = [await code(person, email, "CHANNEL_UPDATE_EMAIL") for email in (old, new)]
    payload = {
        "newEmail": new,
        "newEmailPassCode": codes[1],
        "oldEmail": old,
        "oldEmailPassCode": codes[0],
    }
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
    answer = await person.post("/api/v3/verify-update-email-request", body)
    assert answer["statusCode"] == 200, answer
    token: str = answer["data"]["updateEmailToken"]
    return token


async def change(person: Person, old: str, new: str) -> Message:
    """Change an address; the notice to the old one."""
    token = await granted_change(person, old, new)
    changing = person.post("/api/v3/update-email", {"updateEmailToken": token})
    return await mail_after(person.world, old, "email_changed_from", changing)


async def unbind(person: Person, email: str) -> Message:
    """Take an address off; the notice."""
    shown = await code(person, email, "CHANNEL_UNBIND_EMAIL")
    unbinding = person.post("/api/v3/unbind-email", {"passCode": shown})
    return await mail_after(person.world, email, "email_unbound", unbinding)


async def address_of(person: Person) -> str | None:
    """The address that an account has, whoever may sign in to it."""
    user = await users.find(person.world.database.reader(), person.user_id)
    assert user is not None
    return user.email
