"""Accounts in every state that a stranger might want to learn of, and what a stranger may try."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from gatepost.vocabulary.channel import Channel
from tests.support.backstage import change, set_status
from tests.support.world import App, World

OF_CODES = (
    Channel.LOGIN,
    Channel.REGISTER,
    Channel.RESET_PASSWORD,
    Channel.COMPLETE_EMAIL,
    Channel.BIND_EMAIL,
    Channel.UPDATE_EMAIL,
    Channel.UNBIND_EMAIL,
    Channel.DELETE_ACCOUNT,
)
SERVED = (*OF_CODES, Channel.VERIFY_EMAIL_LINK)
UNKNOWN = "unknown"

Make = Callable[[World, App, str, str], Awaitable[None]]


async def _unknown(world: World, app: App, name: str, email: str) -> None:
    """Nobody has the address."""


async def _known(world: World, app: App, name: str, email: str) -> None:
    await world.person(name, app, sign_in=False, email=email, email_verified=True)


async def _without_password(world: World, app: App, name: str, email: str) -> None:
    how: dict[str, Any] = {"email": email, "email_verified": True, "password_hash": None}
    await world.person(name, app, sign_in=False, **how)


async def _unverified(world: World, app: App, name: str, email: str) -> None:
    person = await world.person(name, app, sign_in=False, email=email)
    text = "UPDATE users SET source_type = 'register' WHERE id = :id"
    await change(world, text, id=person.user_id)


async def _with(world: World, app: App, name: str, email: str, **values: int) -> None:
    person = await world.person(name, app, sign_in=False, email=email, email_verified=True)
    for column, value in values.items():
        text = f"UPDATE users SET {column} = :value WHERE id = :id"
        await change(world, text, value=value, id=person.user_id)


async def _on_probation(world: World, app: App, name: str, email: str) -> None:
    await _with(world, app, name, email, email_probation_until=world.clock() + 10**9)


async def _paused(world: World, app: App, name: str, email: str) -> None:
    await _with(world, app, name, email, changes_paused_until=world.clock() + 10**9)


def _in_status(status: str) -> Make:
    async def make(world: World, app: App, name: str, email: str) -> None:
        person = await world.person(name, app, sign_in=False, email=email, email_verified=True)
        await set_status(world, person.user_id, status)

    return make


ACCOUNTS: dict[str, Make] = {
    UNKNOWN: _unknown,
    "known": _known,
    "without-password": _without_password,
    "unverified": _unverified,
    "on-probation": _on_probation,
    "paused": _paused,
    "suspended": _in_status("Suspended"),
    "archived": _in_status("Archived"),
    "deactivated": _in_status("Deactivated"),
}


def address(kind: str, n: int = 0) -> str:
    """An address; those of all kinds are equally long."""
    return f"{kind[:10]:x<10}{n:05}@example.com"


def sending(email: str, channel: str) -> tuple[str, dict[str, Any]]:
    """Ask for a mail."""
    return "/api/v3/send-email", {"email": email, "channel": channel}


def password(app: App, email: str, by: str = "email") -> tuple[str, dict[str, Any]]:
    """Sign in with a wrong password."""
    return "/api/v3/signin", {
        "connection": "PASSWORD",
        "passwordPayload": {by: email, "password": "not the password"},
        "client_id": app.app_id,
        "client_secret": app.secret,
    }


def pass_code(app: App, email: str, code: str) -> tuple[str, dict[str, Any]]:
    """Sign in with a code."""
    return "/api/v3/signin", {
        "connection": "PASSCODE",
        "passCodePayload": {"email": email, "passCode": code},
        "client_id": app.app_id,
        "client_secret": app.secret,
    }


def reset(email: str, code: str) -> tuple[str, dict[str, Any]]:
    """Show a code to reset the password."""
    return "/api/v3/verify-reset-password-request", {
        "verifyMethod": "EMAIL_PASSCODE",
        "emailPassCodePayload": {"email": email, "passCode": code},
    }


def look(email: str, channel: str, code: str) -> tuple[str, dict[str, Any]]:
    """Look at a code."""
    payload = {"email": email, "passCode": code, "channel": channel}
    return "/api/v3/pre-check-code", {"codeType": "EMAIL", "emailCodePayload": payload}
