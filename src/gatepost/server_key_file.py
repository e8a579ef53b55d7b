"""Where the server keys of this process come from, and whether they fit the database."""

from __future__ import annotations

import os
from pathlib import Path

from gatepost.server_keys import ServerKeys, generate
from gatepost.settings import SettingError, Settings
from gatepost.storage import server_keys
from gatepost.storage.database import Database, Transaction
from gatepost.vocabulary.identifiers import Chance

FILE_NAME = "server.keys"


def key_file(settings: Settings) -> Path:
    """The file of the keys, where they are in one."""
    return settings.server_keys_file or settings.data_dir / FILE_NAME


def load_server_keys(settings: Settings, chance: Chance, *, may_make: bool = False) -> ServerKeys:
    """The server keys as they are set.

    `may_make` lets a first key be made where none is: only with SQLite, and only for a database
    that was never used with one, or a lost key would be replaced by one that opens nothing.

    Raises SettingError, in one line that shows no key.
    """
    if settings.server_keys:
        return _parsed("GATEPOST_SERVER_KEYS", settings.server_keys, chance)
    path = key_file(settings)
    if not path.exists():
        if not may_make or not settings.on_sqlite or settings.server_keys_file is not None:
            raise SettingError(
                f"GATEPOST_SERVER_KEYS_FILE {path} does not exist"
                if settings.on_sqlite or settings.server_keys_file
                else "GATEPOST_SERVER_KEYS is not set, and PostgreSQL needs it:"
                " id:base64 of 32 random bytes"
            )
        _make(path, chance)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingError(f"GATEPOST_SERVER_KEYS_FILE {path} cannot be read") from error
    return _parsed("GATEPOST_SERVER_KEYS_FILE", text, chance)


def _parsed(name: str, text: str, chance: Chance) -> ServerKeys:
    try:
        return ServerKeys.parse(text, chance)
    except ValueError as error:
        raise SettingError(f"{name}: {error}") from None


def _make(path: Path, chance: Chance) -> None:
    """Make a file with a new key that only its owner may read, whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)  # of a process that died here under the same number
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(generate(chance) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # of two first processes one wins, the other reads its key
    except FileExistsError:
        return
    finally:
        temporary.unlink(missing_ok=True)


async def reread_server_keys(
    settings: Settings, chance: Chance, database: Database, keys: ServerKeys
) -> None:
    """Have `keys` be what is set now, in a server that runs; if that fails they stay.

    Raises SettingError where the keys cannot be read or do not fit the database.
    """
    fresh = load_server_keys(settings, chance)
    await fit_keys_to_database(database, fresh)
    keys.replace(fresh)


async def see_that_complete(database: Database, keys: ServerKeys) -> dict[str, str]:
    """The key ids and fingerprints of a database whose keys are all among these.

    Raises SettingError where a key that it needs is missing or another.
    """
    stored = await server_keys.fingerprints(database.reader())
    for key_id, fingerprint in stored.items():
        if key_id not in keys.ids:
            raise SettingError(f"server key {key_id} is missing, and the database needs it")
        if keys.fingerprint(key_id) != fingerprint:
            raise SettingError(f"server key {key_id} is not the one the database was used with")
    return stored


async def fit_keys_to_database(database: Database, keys: ServerKeys) -> None:
    """See that this database was used with these keys, or never with any.

    Raises SettingError where a key it needs is missing or another, or where the first key is
    unknown to it: `gatepost keys rotate` makes a new first key known.
    """
    stored = await see_that_complete(database, keys)
    if stored and keys.first_id not in stored:
        raise SettingError(
            f"server key {keys.first_id} is new to the database: run gatepost keys rotate,"
            " or put a known key first"
        )
    if not stored:
        await database.unit(lambda tx: _remember(tx, keys))


async def _remember(tx: Transaction, keys: ServerKeys) -> None:
    await server_keys.remember(tx, keys.first_id, keys.fingerprint(keys.first_id))
