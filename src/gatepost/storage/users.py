"""Accounts."""

from __future__ import annotations

import unicodedata

from gatepost.storage.database import Reader, Transaction, UniqueViolation
from gatepost.storage.rows import columns
from gatepost.storage.statement import Statement, sql
from gatepost.storage.step_tokens import EVERY_PURPOSE
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.refusals import EmailTaken, UserExists, UsernameTaken
from gatepost.vocabulary.user import Profile, User
from gatepost.vocabulary.username import LONGEST_TYPED

_USER = columns(User)

SAID_OF_ONESELF = (
    "name", "nickname", "photo", "gender", "birthdate", "country", "province", "city",
    "address", "street_address", "postal_code", "region", "formatted", "company", "browser",
    "device", "given_name", "family_name", "middle_name", "profile", "preferred_username",
    "website", "zoneinfo", "locale", "identity_number", "custom_data",
)  # fmt: skip
"""The columns that people fill in about themselves."""

_BY_ID = sql(f"SELECT {_USER} FROM users WHERE id = :id")
_LOCK = sql(
    f"SELECT {_USER} FROM users WHERE id = :id",
    postgresql=f"SELECT {_USER} FROM users WHERE id = :id FOR UPDATE",
)
# Whether there is an account must not show in the time it takes to look: so what is looked for is
# the name or the next one after it, and a row is read in either case (but for a name that would be
# the last of its pool).
_FROM_EMAIL = sql(
    f"SELECT email, {_USER} FROM users WHERE user_pool_id = :pool_id AND email >= :name"
    " ORDER BY email LIMIT 1"
)
_FROM_USERNAME = sql(
    f"SELECT username_key, {_USER} FROM users WHERE user_pool_id = :pool_id"
    " AND username_key >= :name ORDER BY username_key LIMIT 1"
)
_PROFILE = sql(f"SELECT {columns(Profile)} FROM users WHERE id = :id")
_ADD = sql(
    "INSERT INTO users (id, user_pool_id, created_at, updated_at, status, username,"
    " username_key, email, email_verified_at, password_hash, password_set_at, password_level,"
    " gender, source_type, logins_count)"
    " VALUES (:id, :user_pool_id, :now, :now, :status, :username, :username_key, :email,"
    " :email_verified_at, :password_hash, :password_set_at, :password_level, 'U',"
    " :source_type, 0)"
)
_SET_EMAIL = sql(
    "UPDATE users SET email = :email, email_verified_at = :verified_at,"
    " email_probation_until = COALESCE(CAST(:probation_until AS bigint), email_probation_until),"
    " stamp = stamp + 1, updated_at = :now"
    " WHERE id = :id",
    taken=EmailTaken,
)
_SET_PASSWORD = sql(
    "UPDATE users SET password_hash = :password_hash, password_level = :level,"
    " password_set_at = CASE WHEN CAST(:password_hash AS text) IS NULL THEN NULL"
    " ELSE CAST(:now AS bigint) END,"
    " stamp = stamp + 1, updated_at = :now WHERE id = :id"
)
_SET_PROFILE = sql(
    "UPDATE users SET "
    + ", ".join(f"{name} = :{name}" for name in SAID_OF_ONESELF)
    + ", username = :username, username_key = :username_key, external_id = :external_id,"
    " updated_at = :now WHERE id = :id"
)
_SET_LANGUAGE = sql("UPDATE users SET language = :language, updated_at = :now WHERE id = :id")
_PAUSE = sql("UPDATE users SET changes_paused_until = :until WHERE id = :id")
# A refresh adds a token to a session that it has seen: it must see it before it is gone, or wait.
_HOLD_SESSIONS = sql(
    "SELECT id FROM sessions WHERE user_id = :id",
    postgresql="SELECT id FROM sessions WHERE user_id = :id FOR UPDATE",
)
_REMOVE = [
    sql(f"DELETE FROM step_tokens WHERE user_id = :id AND purpose IN ({EVERY_PURPOSE})"),
    sql("DELETE FROM authorization_codes WHERE user_id = :id"),
    sql("DELETE FROM consents WHERE user_id = :id"),
    sql(
        "DELETE FROM refresh_tokens WHERE session_id IN"
        " (SELECT s.id FROM sessions s WHERE s.user_id = :id)"
    ),
    sql("DELETE FROM sessions WHERE user_id = :id"),
    sql("DELETE FROM email_changes WHERE user_id = :id"),
    sql("DELETE FROM users WHERE id = :id"),
]
_REMOVE_NAMELESS = sql("DELETE FROM users WHERE id = :id AND username IS NULL AND email IS NULL")
_SIGNED_IN = sql(
    "UPDATE users SET logins_count = logins_count + 1, last_login_at = :now,"
    " last_ip = :last_ip, last_login_app = :app_id WHERE id = :id"
)
_REHASH = sql("UPDATE users SET password_hash = :new WHERE id = :id AND password_hash = :old")


def username_key(username: str) -> str:
    """What user names are compared by: neither case nor the way of composing letters counts."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", username).casefold())


async def find(reader: Reader, user_id: str) -> User | None:
    """An account by its id."""
    row = await reader.one(_BY_ID, id=user_id)
    return User(*row) if row else None


async def find_by_email(reader: Reader, pool_id: str, email: EmailAddress) -> User | None:
    """The account of a pool that an address is bound to."""
    return await _named(reader, _FROM_EMAIL, pool_id, str(email))


async def find_by_username(reader: Reader, pool_id: str, username: str) -> User | None:
    """The account of a pool that has a user name, in whatever case it is typed."""
    # Whatever is too long is nobody's, and is looked for like any other name.
    key = username_key(username) if len(username) <= LONGEST_TYPED else ""
    return await _named(reader, _FROM_USERNAME, pool_id, key)


async def _named(reader: Reader, statement: Statement, pool_id: str, name: str) -> User | None:
    row = await reader.one(statement, pool_id=pool_id, name=name)
    if row is None:  # no name comes after it
        return None
    found, *columns_of_user = row
    user = User(*columns_of_user)
    return user if found == name else None


async def lock(tx: Transaction, user_id: str) -> User | None:
    """An account, held against every other change until the unit ends."""
    row = await tx.one(_LOCK, id=user_id)
    return User(*row) if row else None


async def profile(reader: Reader, user_id: str) -> Profile | None:
    """Everything an account says of itself."""
    row = await reader.one(_PROFILE, id=user_id)
    return Profile(*row) if row else None


async def add(
    tx: Transaction,
    user: User,
    *,
    source_type: str,
    password_level: int | None = None,
) -> None:
    """Keep a new account.

    Refuses: UserExists (the address is another account's), UsernameTaken.
    """
    try:
        await tx.run(
            _ADD,
            id=user.id,
            user_pool_id=user.user_pool_id,
            now=tx.now,
            status=user.status,
            username=user.username,
            username_key=None if user.username is None else username_key(user.username),
            email=user.email,
            email_verified_at=user.email_verified_at,
            password_hash=user.password_hash,
            password_set_at=None if user.password_hash is None else tx.now,
            password_level=password_level,
            source_type=source_type,
        )
    except UniqueViolation as violation:
        raise (UsernameTaken if violation.column == "username_key" else UserExists) from violation


async def bind_email(
    tx: Transaction, user_id: str, email: EmailAddress, *, probation_until: int | None = None
) -> None:
    """Give an account an address that it has just proved.

    A probation that runs goes on unless another end of it is given. Nothing else of the account
    may change in the same unit.

    Refuses: EmailTaken, however many ask at once: the unique index decides.
    """
    tx.later(_SET_EMAIL, **_email(tx, user_id, email, tx.now, probation_until))


async def unbind_email(tx: Transaction, user_id: str) -> None:
    """Take an account's address off. Nothing else of it may change in the same unit."""
    tx.later(_SET_EMAIL, **_email(tx, user_id, None, None))


async def note_proof(tx: Transaction, user_id: str, email: EmailAddress) -> None:
    """The address that an account has was proved just now."""
    await tx.run(_SET_EMAIL, **_email(tx, user_id, email, tx.now))


async def set_email(
    tx: Transaction, user_id: str, email: EmailAddress | None, *, verified_at: int | None
) -> None:
    """Give an account an address, or take it off (None), at once. Refuses: EmailTaken."""
    try:
        await tx.run(_SET_EMAIL, **_email(tx, user_id, email, verified_at))
    except UniqueViolation as violation:
        raise EmailTaken from violation


def _email(
    tx: Transaction,
    user_id: str,
    email: EmailAddress | None,
    verified_at: int | None,
    probation_until: int | None = None,
) -> dict[str, str | int | None]:
    return {
        "id": user_id,
        "email": None if email is None else str(email),
        "verified_at": verified_at,
        "probation_until": probation_until,
        "now": tx.now,
    }


async def set_password(
    tx: Transaction, user_id: str, password_hash: str | None, level: int | None
) -> None:
    """Give an account a password, or take it away (None)."""
    await tx.run(_SET_PASSWORD, id=user_id, password_hash=password_hash, level=level, now=tx.now)


async def set_profile(tx: Transaction, person: Profile) -> None:
    """Keep what a person says of themselves. Refuses: UsernameTaken, UserExists."""
    said = {name: getattr(person, name) for name in SAID_OF_ONESELF}
    try:
        await tx.run(
            _SET_PROFILE,
            **said,
            id=person.id,
            username=person.username,
            username_key=None if person.username is None else username_key(person.username),
            external_id=person.external_id,
            now=tx.now,
        )
    except UniqueViolation as violation:
        raise (UsernameTaken if violation.column == "username_key" else UserExists) from violation


async def set_language(tx: Transaction, user_id: str, language: str) -> None:
    """Keep the language that a person wants to be spoken to in."""
    await tx.run(_SET_LANGUAGE, id=user_id, language=language, now=tx.now)


async def pause_changes(tx: Transaction, user_id: str, until: int) -> None:
    """Let no address change until an instant."""
    await tx.run(_PAUSE, id=user_id, until=until)


async def remove(tx: Transaction, user_id: str) -> None:
    """Remove an account and all that belongs to it but the log. Its id never comes again."""
    await tx.all(_HOLD_SESSIONS, id=user_id)
    for statement in _REMOVE:
        await tx.run(statement, id=user_id)


async def remove_nameless(tx: Transaction, user_id: str) -> None:
    """Remove an account just made, if it has neither a user name nor an address."""
    await tx.run(_REMOVE_NAMELESS, id=user_id)


async def note_sign_in(tx: Transaction, user_id: str, app_id: str, client: str | None) -> None:
    """Count a sign-in and remember where it came from."""
    tx.later(_SIGNED_IN, id=user_id, app_id=app_id, last_ip=client, now=tx.now)


async def rehash(tx: Transaction, user_id: str, old: str, new: str) -> None:
    """Keep the same password under newer parameters, unless it was changed meanwhile."""
    await tx.run(_REHASH, id=user_id, old=old, new=new)
