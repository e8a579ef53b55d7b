"""The sign-ins of one user, out of the audit log: those that went well and those that failed."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatepost.storage.database import Reader
from gatepost.storage.statement import sql


class PastSignIn(Struct, frozen=True):
    """One sign-in, or failures of one minute and client address.

    The app's name is empty where the app is gone.
    """

    at: int
    succeeded: int
    app_id: str
    app_name: str
    client_address: str | None
    user_agent: str | None
    method: str | None
    refusal: str | None
    times: int


class Wanted(Struct, frozen=True):
    """Which sign-ins; an empty text is any, `succeeded` -1 is either."""

    user_id: str
    app_id: str
    client_address: str
    succeeded: int
    since: int
    until: int


_WANTED = (
    "l.user_id = :user_id AND l.event = 'login' AND l.at >= :since AND l.at <= :until"
    " AND (CAST(:app_id AS text) = '' OR l.app_id = :app_id)"
    " AND (CAST(:client_address AS text) = '' OR l.client_address = :client_address)"
    " AND (CAST(:succeeded AS bigint) < 0 OR l.succeeded = :succeeded)"
)
_PAGE = sql(
    "SELECT l.at, l.succeeded, coalesce(l.app_id, ''), coalesce(a.name, ''), l.client_address,"
    " l.user_agent, l.detail, l.refusal, l.times"
    " FROM audit_log l LEFT JOIN applications a ON a.id = l.app_id"
    f" WHERE {_WANTED} ORDER BY l.at DESC, l.id DESC LIMIT :most OFFSET :skipped"
)
_COUNT = sql(f"SELECT count(*) FROM audit_log l WHERE {_WANTED}")


async def page(reader: Reader, wanted: Wanted, *, most: int, skipped: int) -> list[PastSignIn]:
    """Some of the sign-ins that are wanted, the newest first."""
    rows = await reader.all(_PAGE, **_parameters(wanted), most=most, skipped=skipped)
    return [PastSignIn(*row) for row in rows]


async def count(reader: Reader, wanted: Wanted) -> int:
    """How many sign-ins are wanted."""
    row = await reader.one(_COUNT, **_parameters(wanted))
    return row[0] if row else 0


def _parameters(wanted: Wanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Wanted.__struct_fields__}
