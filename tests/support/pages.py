"""A browser without scripts: it keeps cookies, reads forms and sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import httpx
from msgspec import Struct, field

from tests.support.links import words_of
from tests.support.world import PASSWORD, Person, World

ORIGIN = "http://127.0.0.1"


class Form(Struct):
    """A form as it stands on a page."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
            self._open = True
        elif self._open and tag == "input" and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif self._open and tag == "select":
            self._select = given["name"]
        elif self._open and tag == "option" and "selected" in given:
            self.forms[-1].fields[self._select] = given.get("value", "")
        elif self._open and tag == "button":
            self.forms[-1].buttons.append(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False


class Browser:
    """What somebody sees and sends, one page after the other."""

    def __init__(self, http: httpx.AsyncClient, language: str = "en-US") -> None:
        self.http = http
        self.language = language
        self.page: httpx.Response = httpx.Response(200)

    async def open(self, path: str, **params: str) -> httpx.Response:
        """Go to an address, and on wherever it leads."""
        headers = {"accept-language": self.language}
        self.page = await self.http.get(path, params=params or None, headers=headers)
        return await self._led_on()

    @property
    def words(self) -> str:
        """What somebody reads."""
        return words_of(self.page)

    async def sign_in(self, person: Person, path: str = "/login") -> httpx.Response:
        """Sign in with the usual password."""
        await self.open(path, app_id=person.app.app_id)
        return await self.send("/login", account=person.username, password=PASSWORD)

    async def send(self, action: str, button: str = "", **typed: str) -> httpx.Response:
        """Fill in the form of an action, press its button, and go wherever that leads.

        `button` is the name of the button where a form has several; "name=value" also works.
        """
        form = self.form(action)
        name, _, value = button.partition("=")
        pressed = {name: value} if name else {}
        return await self.post(form.action, form.fields | typed | pressed)

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        """Send what no form may have said."""
        given = {"origin": ORIGIN, "accept-language": self.language} | headers
        self.page = await self.http.post(path, data=fields, headers=given)
        return await self._led_on()

    async def _led_on(self) -> httpx.Response:
        for _ in range(5):
            target = self.page.headers.get("location") or _refresh(self.page.text)
            if target is None or not target.startswith("/"):
                break
            headers = {"accept-language": self.language}
            self.page = await self.http.get(target, headers=headers)
        return self.page

    def form(self, action: str) -> Form:
        """The form of the page that goes to an address."""
        found = [form for form in self.forms() if form.action.partition("?")[0] == action]
        assert found, f"no form to {action}: {self.page.status_code} {self.page.text}"
        return found[0]

    def forms(self) -> list[Form]:
        """Every form of the page."""
        parser = _Forms()
        parser.feed(self.page.text)
        return parser.forms


def _refresh(html: str) -> str | None:
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', html)
    return found[1].replace("&amp;", "&") if found else None


@contextmanager
def browsing(world: World, language: str = "en-US", peer: str = "127.0.0.1") -> Iterator[Browser]:
    """A browser that has never been here."""
    transport = httpx.ASGITransport(world.server, client=(peer, 50_000))
    yield Browser(httpx.AsyncClient(transport=transport, base_url=ORIGIN), language)
