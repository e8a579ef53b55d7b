"""`/oidc/session/end` (OpenID Connect RP-Initiated Logout 1.0): what an app may ask to end."""

from __future__ import annotations

from msgspec import Struct, field

from gatepost.context import Context
from gatepost.credentials import app_secrets, id_token_hint
from gatepost.credentials.id_token_hint import Hint
from gatepost.oidc.authorization_answer import extended
from gatepost.storage import applications, sessions
from gatepost.storage.database import Reader
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.fields import Query
from gatepost.vocabulary.redirect_uri import is_registered
from gatepost.vocabulary.session import SignedIn


class LogoutRequest(Query):
    """Who is meant, and where the browser goes afterwards."""

    id_token_hint: str = field(name="id_token_hint", default="")
    client_id: str = field(name="client_id", default="")
    post_logout_redirect_uri: str = field(name="post_logout_redirect_uri", default="")
    state: str = field(name="state", default="")
    ui_locales: str = field(name="ui_locales", default="")


class Logout(Struct, frozen=True):
    """What a request is worth: the app that asks, its session, and where to go afterwards."""

    app: Application | None = None
    session: SignedIn | None = None
    parent_id: str | None = None
    back: str | None = None

    def may_end(self, browser: SignedIn) -> bool:
        """Whether the app's session began in this very browser session, so nobody is asked."""
        return self.session is not None and self.parent_id == browser.session_id


async def logout_of(context: Context, asked: LogoutRequest) -> Logout:
    """What a request is worth. What cannot be trusted in it is left out (section 4).

    An address to go to counts only if the app registered it, compared octet by octet.
    """
    reader = context.database.reader()
    app_id = asked.client_id or id_token_hint.app_of(asked.id_token_hint)
    app = await applications.find(reader, app_id) if app_id.isprintable() else None
    if app is None:
        return Logout()
    hint = _hint(context, app, asked.id_token_hint)
    if asked.id_token_hint and hint is None:
        return Logout()
    back = _back(app, asked)
    session = await _session(reader, hint) if hint else None
    parent_id = await sessions.parent_of(reader, session.session_id) if session else None
    return Logout(app, session, parent_id, back)


def _hint(context: Context, app: Application, raw: str) -> Hint | None:
    keyring = context.key_store.keyring
    return id_token_hint.read(keyring, raw, app.id, lambda: app_secrets.opened(context.keys, app))


async def _session(reader: Reader, hint: Hint) -> SignedIn | None:
    session = await sessions.find(reader, hint.sid)
    if session is None or (session.user_id, session.app_id) != (hint.sub, hint.aud):
        return None
    return session


def _back(app: Application, asked: LogoutRequest) -> str | None:
    uri = asked.post_logout_redirect_uri
    if not is_registered(uri, app.settings.logoutRedirectUris, native=app.is_public):
        return None
    return extended(uri, {"state": asked.state} if asked.state else {})
