"""Links in mails: each lets its holder do one thing once, after a button was pressed."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class LinkPurpose(StrEnum):
    """What a link is for. `subject` of its row is an e-mail change, a user, or nobody."""

    UNDO = "undo"
    NOT_ME = "not-me"
    NOT_ASKED = "not-asked"
    ALLOW_AGAIN = "allow-again"
    VERIFY = "verify"


class Link(Struct, frozen=True):
    """A link by the digest of its token."""

    digest: str
    purpose: str
    user_pool_id: str
    app_name: str
    subject: str
    email: str
    expires_at: int
    used_at: int | None


_LINK = columns(Link)
_PUT = sql(
    f"INSERT INTO links ({_LINK}) VALUES (:digest, :purpose, :user_pool_id, :app_name,"
    " :subject, :email, :expires_at, NULL)"
)
_FIND = sql(f"SELECT {_LINK} FROM links WHERE digest = :digest AND purpose = :purpose")
_USE = sql(
    "UPDATE links SET used_at = :now WHERE digest = :digest AND purpose = :purpose"
    f" AND used_at IS NULL AND expires_at > :now RETURNING {_LINK}"
)


async def put(
    tx: Transaction,
    digest: str,
    purpose: LinkPurpose,
    *,
    user_pool_id: str,
    app_name: str,
    subject: str,
    email: str,
    expires_at: int,
) -> None:
    """Keep a new link."""
    await tx.run(
        _PUT,
        digest=digest,
        purpose=purpose,
        user_pool_id=user_pool_id,
        app_name=app_name,
        subject=subject,
        email=email,
        expires_at=expires_at,
    )


async def find(reader: Reader, purpose: LinkPurpose, digest: str) -> Link | None:
    """A link as it stands: a page shows it and changes nothing."""
    row = await reader.one(_FIND, digest=digest, purpose=purpose)
    return Link(*row) if row else None


async def use(tx: Transaction, purpose: LinkPurpose, digest: str) -> Link | None:
    """Use a link up; None if it is unknown, used or late."""
    row = await tx.one(_USE, digest=digest, purpose=purpose, now=tx.now)
    return Link(*row) if row else None
