"""A browser without scripts: it keeps cookies, reads forms and sends them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
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
        self.sent_to = ""

    async def open(self, path: str, **params: str) -> httpx.Response:
        """Go to an address, and on wherever it leads."""
        headers = {"accept-language": self.language}
        self.page = await self.http.get(path, params=params or None, headers=headers)
        return await self._led_on()

    @property
    def words(self) -> str:
        """What somebody reads."""
        return words_of(self.page)

    @property
    def tag(self) -> str:
        """The letters that tell this window's mail; empty where there are none."""
        found = re.search(r'<b class="tag">([A-Z]{2})</b>', self.page.text)
        return found[1] if found else ""

    @property
    def target(self) -> str:
        """Where the browser was sent last, also where that is no page of ours."""
        return self.sent_to

    def cookies(self) -> dict[str, str]:
        """The cookies that are kept, by name."""
        return {cookie.name: cookie.value or "" for cookie in self.http.cookies.jar}

    def keeps(self, cookies: dict[str, str]) -> None:
        """Have these cookies and no others, as when an answer was never seen."""
        self.http.cookies.clear()
        for name, value in cookies.items():
            self.http.cookies.set(name, value, domain="127.0.0.1", path="/")

    def problem(self, name: str) -> str:
        """The sentence beside a field, or the one above a form ("")."""
        if not name:
            found = re.search(r'<p class="problem" role="alert">([^<]*)</p>', self.page.text)
            assert found, self.words
            return unescape(found[1])
        field = re.search(rf'<input[^>]* name="{name}"[^>]*>', self.page.text)
        assert field and 'aria-invalid="true"' in field[0], self.words
        described = re.search(r'aria-describedby="([^" ]+)', field[0])
        assert described
        said = re.search(
            rf'<p class="problem" id="{described[1]}" role="alert">([^<]*)<', self.page.text
        )
        assert said
        return unescape(said[1])

    async def press(self, action: str, goes_to: str, **typed: str) -> httpx.Response:
        """Fill in a form, and press the button of it that goes elsewhere."""
        form = self.form(action)
        (path,) = [
            button["formaction"]
            for button in form.buttons
            if button.get("formaction", "").partition("?")[0] == goes_to
        ]
        return await self.post(path, form.fields | typed)

    async def sign_in(self, person: Person, path: str = "/login") -> httpx.Response:
        """Sign in with the usual password."""
        await self.open(path, app_id=person.app.app_id)
        return await self.send("/login", account=person.username, password=PASSWORD)

    async def send(self, action: str, **typed: str) -> httpx.Response:
        """Fill in the form of an action, press its button, and go wherever that leads."""
        form = self.form(action)
        return await self.post(form.action, form.fields | typed)

    async def post(
        self, path: str, fields: dict[str, str], origin: str = "", site: str = ""
    ) -> httpx.Response:
        """Send what no form may have said; `site` as browsers that know Fetch Metadata do."""
        ours = str(self.http.base_url).rstrip("/")
        given = {"origin": origin or ours, "accept-language": self.language}
        given |= {"sec-fetch-site": site} if site else {}
        self.page = await self.http.post(path, data=fields, headers=given)
        return await self._led_on()

    async def _led_on(self) -> httpx.Response:
        for _ in range(5):
            target = self.page.headers.get("location") or _refresh(self.page.text)
            if target is None:
                break
            self.sent_to = target.partition("#")[0]
            if not target.startswith("/"):
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
    return unescape(found[1]) if found else None


@contextmanager
def browsing(world: World, language: str = "en-US", peer: str = "127.0.0.1") -> Iterator[Browser]:
    """A browser that has never been here."""
    transport = httpx.ASGITransport(world.server, client=(peer, 50_000))
    yield Browser(httpx.AsyncClient(transport=transport, base_url=ORIGIN), language)
