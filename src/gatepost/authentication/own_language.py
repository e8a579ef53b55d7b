"""The language that pages and mails speak to the caller."""

from __future__ import annotations

from gatepost.authentication.changing import held
from gatepost.context import SignedInCall
from gatepost.storage import users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.language import Language


async def set_own_language(tx: Transaction, call: SignedInCall, language: Language) -> None:
    """Keep the language that the caller chose."""
    user = await held(tx, call)
    await users.set_language(tx, user.id, language)
    await call.record(tx, "updateUserPrefile")
