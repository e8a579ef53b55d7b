"""What each process of `gatepost serve --workers` runs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread

from uvicorn.config import STARTUP_FAILURE

from gatepost.app import Application
from gatepost.metrics.workers import Workers
from gatepost.settings import SettingError, load_settings

# Not settings, which begin with GATEPOST_: nobody but the parent sets them.
FOLDER, COUNT = "_GATEPOST_WORKERS_FOLDER", "_GATEPOST_WORKERS_COUNT"


def create() -> Application:
    """A server as the environment and `gatepost.toml` say.

    Raises SystemExit with the status that tells the parent not to try again.
    """
    _end_with_parent()
    try:
        settings = load_settings(os.environ, Path.cwd())
    except SettingError as error:
        print(f"gatepost: {error}", file=sys.stderr, flush=True)
        raise SystemExit(STARTUP_FAILURE) from None
    return Application(settings, rereads_keys=True, workers=siblings(os.environ))


def siblings(environment: Mapping[str, str]) -> Workers:
    """The other workers, as the parent tells of them."""
    folder = environment.get(FOLDER)
    return Workers(Path(folder), int(environment[COUNT])) if folder else Workers()


def _end_with_parent() -> None:
    """A parent that was killed could not end its workers: they would hold the port for good."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, name="end-with-parent", daemon=True).start()
