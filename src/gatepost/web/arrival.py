"""Somebody at the door of an app: which app, how it looks, and where they are on the way to."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import field

from gatepost.api.http import Reply, Request
from gatepost.context import Call, Context
from gatepost.storage import applications
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.fields import Body, Query
from gatepost.vocabulary.identifiers import is_id
from gatepost.vocabulary.refusals import AppUnknown
from gatepost.web.look import Look, look_of
from gatepost.web.pages import onward, to
from gatepost.web.return_to import ACCOUNT, allowed, is_own, login_path
from gatepost.web.visitor import Visitor, visitor_of


class Way(Query):
    """Which app, and where to go on afterwards: what every page before a sign-in is told."""

    app_id: str = field(name="app_id", default="")
    return_to: str = field(name="return_to", default="")
    lang: str = ""


class WayForm(Body):
    """The same in a form, with the token that ties it to the browser."""

    token: str = ""
    app_id: str = field(name="app_id", default="")
    return_to: str = field(name="return_to", default="")
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A browser before a sign-in. `return_to` is an address that may be gone to."""

    visitor: Visitor
    app: Application
    look: Look
    return_to: str
    lang: str

    @property
    def call(self) -> Call:
        """A call to the app."""
        return self.visitor.call(self.app, self.look.language)

    def path(self, page: str) -> str:
        """The address of another page on the same way."""
        query = login_path(self.app.id, self.return_to, lang=self.lang).partition("?")[2]
        return f"{page}?{query}"

    def go_on(self, *headers: tuple[str, str]) -> Reply:
        """Send the browser to where it was on the way to."""
        if is_own(self.return_to) and not self.return_to.startswith("/oidc/"):
            return to(self.return_to, *headers)
        return onward(self.look, self.return_to, *headers)


async def arrival(context: Context, request: Request, way: Way | WayForm) -> Arrival:
    """Who stands at the door. Refuses: AppUnknown."""
    visitor = await visitor_of(context, request)
    reader = context.database.reader()
    app_id = way.app_id or (visitor.ended.app_id if visitor.ended else "")
    app_id = app_id or (visitor.session.app_id if visitor.session else "")
    if app_id:
        app = await applications.find(reader, app_id) if is_id(app_id) else None
    else:
        app = await applications.only_one(reader)
    if app is None:
        raise AppUnknown
    language = visitor.wished_language(way.lang) or app.pool.settings.language
    goal = await allowed(reader, app.id, way.return_to) if way.return_to else ACCOUNT
    request.pool = app.pool
    return Arrival(visitor, app, look_of(app, language), goal or ACCOUNT, way.lang)
