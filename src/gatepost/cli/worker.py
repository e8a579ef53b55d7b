"""What each process of `gatepost serve --workers` runs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from pathlib import Path
from threading import Thread

from uvicorn.config import STARTUP_FAILURE

from gatepost.app import Application
from gatepost.settings import SettingError, load_settings


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
    return Application(settings, rereads_keys=True)


def _end_with_parent() -> None:
    """A parent that was killed could not end its workers: they would hold the port for good."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=wait, name="end-with-parent", daemon=True).start()
