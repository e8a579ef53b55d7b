"""SIGHUP: a server that runs takes up the server keys as they are set now."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from gatepost.credentials.key_store import KeyStore
from gatepost.log import Log
from gatepost.server_key_file import reread_server_keys
from gatepost.server_keys import ServerKeys
from gatepost.settings import SettingError, Settings
from gatepost.storage.database import Database
from gatepost.vocabulary.identifiers import Chance
from gatepost.vocabulary.refusals import Refusal


@contextmanager
def keys_reread_on_hangup(
    settings: Settings,
    chance: Chance,
    database: Database,
    keys: ServerKeys,
    key_store: KeyStore,
    log: Log,
) -> Iterator[None]:
    """Have SIGHUP renew `keys` and what the database has of signing keys, on the main thread's
    event loop only.

    Between two steps of the loop, never inside one: nothing meets keys that are half old.
    """
    loop = asyncio.get_running_loop()
    readings: set[asyncio.Task[None]] = set()

    async def reread() -> None:
        try:
            await reread_server_keys(settings, chance, database, keys)
            await key_store.refresh()
        except (SettingError, Refusal) as error:
            log.write("error", "server keys not read again", reason=str(error))
        else:
            log.write("info", "server keys read again", keys=list(keys.ids))

    def begin() -> None:
        task = loop.create_task(reread())
        readings.add(task)
        task.add_done_callback(readings.discard)

    loop.add_signal_handler(signal.SIGHUP, begin)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
