"""Apps, each of one pool."""

from __future__ import annotations

from gatepost.storage.database import Reader, Transaction
from gatepost.storage.statement import sql
from gatepost.vocabulary.application import Application, AppSettings, app_settings

SECRET_SEAL = "app secret"
"""What app secrets are sealed for, beside the digest they are checked by."""

_ADD = sql(
    "INSERT INTO applications (id, user_pool_id, name, client_auth, secret_digest,"
    " secret_sealed, redirect_uris, settings, created_at)"
    " VALUES (:id, :user_pool_id, :name, :client_auth, :secret_digest,"
    " :secret_sealed, :redirect_uris, :settings, :now)"
)
_APP = (
    "SELECT a.id, a.user_pool_id, a.name, a.client_auth, a.secret_digest, a.secret_sealed,"
    " a.settings, p.settings FROM applications a JOIN user_pools p ON p.id = a.user_pool_id"
)
_FIND = sql(f"{_APP} WHERE a.id = :id")
_FIRST_TWO = sql(f"{_APP} LIMIT 2")
_NAMED = sql(f"{_APP} WHERE a.user_pool_id = :user_pool_id AND a.name = :name LIMIT 2")
_SET = sql(
    "UPDATE applications SET client_auth = :client_auth, redirect_uris = :redirect_uris,"
    " settings = :settings WHERE id = :id"
)
_REDIRECT_URIS = sql("SELECT redirect_uris FROM applications WHERE id = :id")
_SEALED = sql("SELECT id, secret_sealed FROM applications")
_SETTINGS = sql("SELECT DISTINCT settings FROM applications")
_RESEAL = sql("UPDATE applications SET secret_sealed = :sealed WHERE id = :id")


async def add(tx: Transaction, app: Application, redirect_uris: str) -> None:
    """Keep a new app; `redirect_uris` is a JSON list."""
    await tx.run(
        _ADD,
        id=app.id,
        user_pool_id=app.user_pool_id,
        name=app.name,
        client_auth=app.client_auth,
        secret_digest=app.secret_digest,
        secret_sealed=app.secret_sealed,
        redirect_uris=redirect_uris,
        settings=app.settings_text,
        now=tx.now,
    )


async def find(reader: Reader, app_id: str) -> Application | None:
    """An app by its id, with its pool's settings."""
    row = await reader.one(_FIND, id=app_id)
    return Application(*row) if row else None


async def only_one(reader: Reader) -> Application | None:
    """The app of a server that has just one."""
    rows = await reader.all(_FIRST_TWO)
    return Application(*rows[0]) if len(rows) == 1 else None


async def named(reader: Reader, user_pool_id: str, name: str) -> Application | None:
    """The app of a pool that has a name, if just one has it."""
    rows = await reader.all(_NAMED, user_pool_id=user_pool_id, name=name)
    return Application(*rows[0]) if len(rows) == 1 else None


async def redirect_uris(reader: Reader, app_id: str) -> str:
    """Where an app may send people back to: a JSON list."""
    row = await reader.one(_REDIRECT_URIS, id=app_id)
    return str(row[0]) if row else "[]"


async def change(
    tx: Transaction, app_id: str, *, client_auth: str, redirect_uris: str, settings: str
) -> None:
    """Keep what an administrator changed of an app."""
    await tx.run(
        _SET,
        id=app_id,
        client_auth=client_auth,
        redirect_uris=redirect_uris,
        settings=settings,
    )


async def all_settings(reader: Reader) -> list[AppSettings]:
    """The settings that apps have, each once."""
    return [app_settings(row[0]) for row in await reader.all(_SETTINGS)]


async def sealed(reader: Reader) -> list[tuple[str, str]]:
    """Every app's id and sealed secret."""
    return [(row[0], row[1]) for row in await reader.all(_SEALED)]


async def reseal(tx: Transaction, app_id: str, secret_sealed: str) -> None:
    """Keep a secret sealed anew."""
    await tx.run(_RESEAL, id=app_id, sealed=secret_sealed)
