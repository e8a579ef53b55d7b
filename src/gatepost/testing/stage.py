"""What an emulator sets up for a test: pools with an app, and accounts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import msgspec

from gatepost.context import Context
from gatepost.management.apps import NewApp, create_app, set_app
from gatepost.management.pools import create_pool, set_pool
from gatepost.management.users import create_user
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Answer
from gatepost.vocabulary.user_pool import PoolSettings

PASSWORD = "correct-horse-battery-staple"
"""Without blanks or other signs that a shell reads, since it is printed for one."""
FOR_TESTS = PoolSettings(allowSpecialUseDomains=True)
"""As a new pool is, but for the addresses at example.com that tests are full of."""


class NewAccount(Answer):
    """An account, and the password to sign in with."""

    user_id: str
    user_pool_id: str
    username: str
    password: str
    email: str | None
    email_verified: bool


class Stage:
    """Sets things up in a running server, through its own functions."""

    def __init__(self) -> None:
        self._hashes: dict[str, str] = {}

    async def new_pool(
        self, context: Context, pool: Mapping[str, Any], app: Mapping[str, Any]
    ) -> NewApp:
        """A pool with an app, and settings of both. Refuses: InvalidRequest naming the setting."""

        async def work(tx: Transaction) -> NewApp:
            made = await create_pool(tx, context.keys, context.chance, "Tests", FOR_TESTS)
            pool_id = made.user_pool_id
            await set_pool(tx, pool_id, as_texts(pool))
            new = await create_app(tx, context.keys, context.chance, pool_id, "Tests")
            await set_app(tx, new.app_id, as_texts(app))
            return new

        return await context.database.unit(work)

    async def new_account(
        self,
        context: Context,
        pool_id: str,
        *,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        email_verified: bool = False,
    ) -> NewAccount:
        """An account; what is not said is made up.

        Refuses: UserPoolUnknown, InvalidRequest, EmailInvalid, UsernameTaken, UserExists.
        """
        password = password or PASSWORD
        made = await create_user(
            context.database,
            context.chance,
            pool_id,
            username=username or f"user-{secrets.token_hex(4)}",
            password_hash=await self._hashed(context, password),
            email=email,
            email_verified=email_verified,
        )
        return NewAccount(password=password, **msgspec.structs.asdict(made))

    async def _hashed(self, context: Context, password: str) -> str:
        """A password's hash, made once: argon2 is slow by design, and tests make many users."""
        if password not in self._hashes:
            self._hashes[password] = await context.passwords.hash(password)
        return self._hashes[password]


def as_texts(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings as a command line would say them."""
    return {
        name: value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in settings.items()
    }
