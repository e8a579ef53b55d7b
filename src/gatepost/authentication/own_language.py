"""The language that pages and mails speak to the caller."""

from __future__ import annotations

from gatepost.context import OwnerCall
from gatepost.storage import users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.language import Language


async def set_own_language(tx: Transaction, call: OwnerCall, language: Language) -> None:
    """Keep the language that the caller chose."""
    await users.set_language(tx, call.user.id, language)
    await call.record(tx, "updateUserPrefile")
