"""Somebody at the door of an app: which app, how it looks, and where they are on the way to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import field

from gatepost.api.http import Reply, Request
from gatepost.context import Call, Context
from gatepost.storage import applications
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.fields import Query
from gatepost.vocabulary.identifiers import is_id
from gatepost.vocabulary.language import language_of_tag
from gatepost.vocabulary.refusals import AppUnknown
from gatepost.web import speaking
from gatepost.web.look import LANGUAGES, Look, look_of
from gatepost.web.pages import onward, page, to
from gatepost.web.problem import NOTHING, Said
from gatepost.web.return_to import ACCOUNT, allowed, is_own, login_path
from gatepost.web.same_origin import SAME
from gatepost.web.step import Step, drop_step, keep_step, read_step
from gatepost.web.visitor import Visitor, visitor_of


class Way(Query):
    """Which app, and where to go on afterwards: what every page before a sign-in is told.

    `again` asks for a sign-in even of whoever is signed in; `login_hint` is a first guess.
    `switch` is of a language that the person chose on the page before.
    """

    app_id: str = field(name="app_id", default="")
    return_to: str = field(name="return_to", default="")
    again: str = ""
    login_hint: str = field(name="login_hint", default="")
    lang: str = ""
    switch: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A browser before a sign-in. `return_to` is an address that may be gone to."""

    visitor: Visitor
    app: Application
    look: Look
    return_to: str
    step: Step
    way: Way

    @property
    def call(self) -> Call:
        """A call to the app."""
        return self.visitor.call(self.app, self.look.language)

    def path(self, page: str, **more: str) -> str:
        """The address of another page on the same way, or of the same one in another `lang`."""
        way = {"again": self.way.again, "login_hint": self.hint, "lang": self.way.lang[:64]}
        query = login_path(self.app.id, self.return_to, **way | more).partition("?")[2]
        return f"{page}?{query}"

    @property
    def hint(self) -> str:
        """Who the app guesses it is."""
        return self.way.login_hint[:254]

    def goes_on_at_once(self) -> bool:
        """Whether nobody need sign in."""
        return self.visitor.signed_in(self.app.user_pool_id) is not None and not self.way.again

    def shows(self, template: str, said: Said = NOTHING, **values: Any) -> Reply:
        """A page of this app; a notice that an earlier page left is told once."""
        self.visitor.request.known.refusal = said.refusal
        notice = self.look.says(f"notice.{self.step.notice}") if self.step.notice else ""
        given = {"at": self, "said": said, "notice": notice, "languages": LANGUAGES} | values
        reply = page(template, self.look, said.status, **given)
        dropped = [drop_step(self.visitor.context)] if self.step.notice else []
        reply.headers += (*self.visitor.kept(), *dropped, *self._language())
        return reply

    def leads(self, path: str, step: Step) -> Reply:
        """On to another page of this app, with what it goes on with."""
        kept = msgspec.structs.replace(step, holder=self.app.id)
        return to(self.path(path), keep_step(self.visitor.context, kept))

    def stale(self, template: str, **values: Any) -> Reply:
        """The same page again, for a form that was not ours or not this browser's any more."""
        return self.shows(
            template, Said(words=self.look.says("common.stale"), status=403), **values
        )

    def _language(self) -> list[tuple[str, str]]:
        """The header that keeps what the switch chose: on a page of ours, not by any link."""
        visitor = self.visitor
        pressed = self.way.switch and language_of_tag(self.way.lang)
        if not pressed or visitor.request.headers.get("sec-fetch-site", SAME) != SAME:
            return []
        return [speaking.keep(visitor.context.settings, self.look.language)]

    def go_on(self, *headers: tuple[str, str]) -> Reply:
        """Send the browser to where it was on the way to."""
        headers = (*headers, *self._language(), drop_step(self.visitor.context))
        if is_own(self.return_to) and not self.return_to.startswith("/oidc/"):
            return to(self.return_to, *headers)
        return onward(self.look, self.return_to, *headers)


async def arrival(context: Context, request: Request, way: Way) -> Arrival:
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
    request.known.pool_id, request.known.app_id = app.user_pool_id, app.id
    step = read_step(context, request, app.id)
    return Arrival(visitor, app, look_of(app, language), goal or ACCOUNT, step, way)
