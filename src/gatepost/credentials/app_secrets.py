"""The secret of an app in clear, for where it is a key and not only to be compared."""

from __future__ import annotations

from gatepost.server_keys import ServerKeys
from gatepost.storage.applications import SECRET_SEAL
from gatepost.vocabulary.application import Application


def opened(keys: ServerKeys, app: Application) -> str:
    """The app's secret."""
    return keys.open(SECRET_SEAL, app.secret_sealed).decode()
