"""Make accounts."""

from __future__ import annotations

from msgspec import Struct

from gatepost.context import address_in
from gatepost.storage import user_pools, users
from gatepost.storage.database import Database, Transaction
from gatepost.vocabulary.identifiers import Chance, new_id
from gatepost.vocabulary.refusals import UserPoolUnknown
from gatepost.vocabulary.user import Status, User
from gatepost.vocabulary.username import username as parsed_username


class NewUser(Struct, frozen=True, rename="camel"):
    """A new account."""

    user_id: str
    user_pool_id: str
    username: str
    email: str | None
    email_verified: bool


async def create_user(
    database: Database,
    chance: Chance,
    pool_id: str,
    *,
    username: str,
    password_hash: str | None = None,
    email: str | None = None,
    email_verified: bool = False,
) -> NewUser:
    """Make an account in a pool.

    Refuses: UserPoolUnknown, InvalidRequest, EmailInvalid, UsernameTaken, UserExists.
    """

    async def work(tx: Transaction) -> NewUser:
        pool = await user_pools.find(tx, pool_id)
        if pool is None:
            raise UserPoolUnknown
        address = address_in(pool, email) if email is not None else None
        verified = address is not None and email_verified
        user = User(
            id=new_id(chance),
            user_pool_id=pool.id,
            status=Status.ACTIVATED,
            username=parsed_username(username),
            email=str(address) if address else None,
            email_verified_at=tx.now if verified else None,
            password_hash=password_hash,
            language=None,
        )
        await users.add(tx, user, source_type="adminCreated")
        return NewUser(user.id, pool.id, user.username or "", user.email, verified)

    return await database.unit(work)
