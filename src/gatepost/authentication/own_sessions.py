"""Where the caller is signed in, and how to end it there. Pages and tokens are one list."""

from __future__ import annotations

from msgspec import Struct

from gatepost.authentication.user_agent import UserAgent, parsed
from gatepost.context import OwnerCall, SignedInCall
from gatepost.storage import sessions
from gatepost.storage.database import Reader, Transaction

MOST_SHOWN = 50


class OwnSession(Struct, frozen=True):
    """A sign-in that is alive; `is_this` for the one that asks. Instants are milliseconds."""

    id: str
    app_name: str
    began_at: int
    client_address: str
    device: UserAgent
    is_this: bool


async def own_sessions(reader: Reader, call: SignedInCall) -> list[OwnSession]:
    """Where the caller is signed in, the newest first but this one before all others."""
    alive = await sessions.alive_of(reader, call.session.user_id, MOST_SHOWN)
    shown = [
        OwnSession(
            id=one.id,
            app_name=one.app_name,
            began_at=one.authenticated_at,
            client_address=one.client_address or "",
            device=parsed(one.user_agent),
            is_this=one.id == call.session.session_id,
        )
        for one in alive
    ]
    return sorted(shown, key=lambda one: not one.is_this)


async def end_own_session(tx: Transaction, call: OwnerCall, session_id: str) -> None:
    """End one of the caller's sessions; one that is over already is as good."""
    if await sessions.end_of_user(tx, call.user.id, session_id):
        await call.record(tx, "logout")


async def end_other_sessions(tx: Transaction, call: OwnerCall) -> None:
    """End every session of the caller but the one that asks."""
    await sessions.end_others(tx, call.user.id, call.session.session_id)
    await call.record(tx, "logout")
