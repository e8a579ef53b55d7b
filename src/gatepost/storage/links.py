"""Links in mails: each lets its holder do one thing once, after a button was pressed."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class LinkPurpose(StrEnum):
    """What a link is for. `subject` of its row is an e-mail change, a code, a user, or nobody."""

    UNDO = "undo"
    UNDO_BIND = "undo-bind"
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
# A link about a code lives as long as that code, which a resend may have given more time.
_OPEN = (
    "digest = :digest AND purpose = :purpose AND used_at IS NULL"
    f" AND CASE WHEN purpose <> '{LinkPurpose.NOT_ASKED}' THEN expires_at > :now"
    " ELSE EXISTS (SELECT 1 FROM verification_codes c WHERE c.id = links.subject"
    " AND c.spent_at IS NULL AND c.expires_at > :now) END"
)
_FIND_OPEN = sql(f"SELECT {_LINK} FROM links WHERE {_OPEN}")
_USE = sql(f"UPDATE links SET used_at = :now WHERE {_OPEN} RETURNING {_LINK}")


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
    tx.later(
        _PUT,
        digest=digest,
        purpose=purpose,
        user_pool_id=user_pool_id,
        app_name=app_name,
        subject=subject,
        email=email,
        expires_at=expires_at,
    )


async def find_open(reader: Reader, purpose: LinkPurpose, digest: str) -> Link | None:
    """A link that could be used now: a page shows it and changes nothing."""
    row = await reader.one(_FIND_OPEN, digest=digest, purpose=purpose, now=reader.now)
    return Link(*row) if row else None


async def use(tx: Transaction, purpose: LinkPurpose, digest: str) -> Link | None:
    """Use a link up; None if it is unknown, used or late, or the code it is about is dead."""
    row = await tx.one(_USE, digest=digest, purpose=purpose, now=tx.now)
    return Link(*row) if row else None
