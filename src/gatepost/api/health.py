"""For load balancers: is the process alive, and can it do its work."""

from __future__ import annotations

from typing import Any

import msgspec

from gatepost.api.http import Reply
from gatepost.context import Context
from gatepost.storage.migrations import HEAD
from gatepost.vocabulary.refusals import Overloaded


async def healthz() -> dict[str, Any]:
    """The process answers."""
    return {"status": "alive"}


async def readyz(context: Context) -> Reply:
    """Storage answers, its schema is the one this release works with, mail is being sent.

    HTTP 503 where one of them is not so, and from the moment the server was told to stop, some
    time before it stops listening; the body says which.
    """
    try:
        version = await context.database.schema_version()
    except Overloaded:
        version = None
    checks = {
        "storage": version is not None,
        "migrations": version == HEAD,
        "mail": context.mail_is_worked(),
    }
    leaving = context.is_leaving()
    ready = all(checks.values()) and not leaving
    status = "leaving" if leaving else "ready" if ready else "not ready"
    body = {"status": status, **checks}
    return Reply(msgspec.json.encode(body), 200 if ready else 503)
