"""The development mailbox: mails that were kept instead of sent."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.rows import columns
from gatepost.storage.statement import sql


class KeptMail(Struct, frozen=True):
    """A mail as its recipient would have got it; `code` is None where it carries none."""

    id: str
    sent_at: int
    recipient: str
    template: str
    subject: str
    code: str | None
    text_body: str
    html_body: str


_MAIL = columns(KeptMail)
_ADD = sql(
    f"INSERT INTO dev_mailbox ({_MAIL}) VALUES (:id, :sent_at, :recipient, :template,"
    " :subject, :code, :text_body, :html_body) ON CONFLICT (id) DO NOTHING"
)
_NEWEST = sql(
    f"SELECT {_MAIL} FROM dev_mailbox"
    " WHERE CAST(:recipient AS text) = '' OR recipient = :recipient"
    " ORDER BY sent_at DESC, id DESC LIMIT :most"
)
_ONE = sql(f"SELECT {_MAIL} FROM dev_mailbox WHERE id = :id")


async def add(tx: Transaction, mail: KeptMail) -> None:
    """Keep a mail; one that was kept already (a second delivery) stays as it is."""
    await tx.run(_ADD, **{name: getattr(mail, name) for name in KeptMail.__struct_fields__})


async def newest(reader: Reader, recipient: str = "", most: int = 100) -> Sequence[KeptMail]:
    """The newest mails first, to everybody or to one canonical address."""
    rows = await reader.all(_NEWEST, recipient=recipient, most=most)
    return [KeptMail(*row) for row in rows]


async def find(reader: Reader, mail_id: str) -> KeptMail | None:
    """One mail by its id."""
    row = await reader.one(_ONE, id=mail_id)
    return KeptMail(*row) if row else None
