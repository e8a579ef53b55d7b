"""Changing an address, step by step."""

from __future__ import annotations

from typing import Any

from tests.support import links
from tests.support.world import App, Person, World

UPDATE = "CHANNEL_UPDATE_EMAIL"
OLD, NEW = "old@example.com", "new@example.com"


async def ann_with_old(world: World, app: App | None = None) -> Person:
    """Ann, who has an address that she proved long ago."""
    return await world.person("ann", app, email=OLD, email_verified=True)


def payload(new_code: str, old_code: str | None = None, **more: Any) -> dict[str, Any]:
    """What Ann shows: a code of each mailbox."""
    shown = {"newEmail": NEW, "newEmailPassCode": new_code}
    if old_code is not None:
        shown |= {"oldEmail": OLD, "oldEmailPassCode": old_code}
    return shown | more


async def proves(person: Person, shown: dict[str, Any]) -> dict[str, Any]:
    """The first step: prove the mailboxes."""
    body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": shown}
    return await person.post("/api/v3/verify-update-email-request", body)


async def both_codes(person: Person) -> tuple[str, str]:
    """A code for the new address and one for the old."""
    return await links.code(person, NEW, UPDATE), await links.code(person, OLD, UPDATE)


async def updates(person: Person, token: str) -> dict[str, Any]:
    """The second step: change the address."""
    return await person.post("/api/v3/update-email", {"updateEmailToken": token})


async def granted(person: Person) -> str:
    """A token for Ann's second step."""
    return await links.granted_change(person, OLD, NEW)


async def another_session(person: Person, **options: Any) -> tuple[Person, dict[str, Any]]:
    """The same person on another device, and what the sign-in there answered."""
    other = Person(person.world, person.app, person.user_id, person.username)
    return other, (await other.sign_in(**options))["data"]
