"""How an app proves that it is itself (RFC 6749 section 2.3)."""

from __future__ import annotations

import hashlib
import hmac

from msgspec import Struct

from gatepost.vocabulary.application import Application, ClientAuth
from gatepost.vocabulary.refusals import ClientUnauthenticated


class ClientCredentials(Struct, frozen=True):
    """An app id and a secret that came with a call."""

    app_id: str
    secret: str

    def __repr__(self) -> str:
        return f"ClientCredentials(app_id={self.app_id!r})"


def digest_of_secret(secret: str) -> str:
    """How secrets of apps and access keys rest: they are random, so one hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def proves(app: Application, presented: ClientCredentials) -> bool:
    """Whether credentials are those of the app."""
    same_secret = hmac.compare_digest(digest_of_secret(presented.secret), app.secret_digest)
    return presented.app_id == app.id and same_secret


def vouched(app: Application, presented: ClientCredentials | None) -> bool:
    """Whether a call showed the app's secret. Refuses ClientUnauthenticated for a wrong one."""
    if presented is not None and not proves(app, presented):
        raise ClientUnauthenticated
    return presented is not None


def authenticate(app: Application, presented: ClientCredentials | None) -> bool:
    """Hold an app to its own setting; says whether it showed its secret.

    Credentials that are sent are always checked, whatever the setting, and a right secret is
    good in header and body alike: SDKs send it where they can. An app set to be lenient may
    leave them out, for SDKs that cannot send them to the sign-in interface.

    Refuses: ClientUnauthenticated.
    """
    if vouched(app, presented):
        return True
    if app.client_auth != ClientAuth.NONE and not app.settings.lenientClientAuth:
        raise ClientUnauthenticated
    return False
