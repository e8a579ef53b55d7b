"""The page on the API: whole, readable without scripts, and at peace with its own policy."""

from __future__ import annotations

import copy
import re
import shlex
from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest

from gatepost.api.openapi import description
from gatepost.api.routes import ENDPOINTS
from gatepost.web.assets import address_of
from gatepost.web.docs import prose, reference_page
from gatepost.web.reference import Reference
from tests.support.world import World

ORIGIN = "https://id.example.com"
DESCRIPTION = description(ENDPOINTS, ORIGIN)
REFERENCE = Reference(DESCRIPTION)
OPERATIONS = [operation for _, group in REFERENCE.groups() for operation in group]


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(given)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.loaded += [value for name, value in attrs if name == "src" and value]
        if href := given.get("href"):
            (self.loaded if tag == "link" else self.links).append(href)

    def handle_data(self, data: str) -> None:
        self.text += data.replace("\u200b", "")


def html_of(described: dict[str, Any]) -> str:
    return reference_page(Reference(described)).body.decode()


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html_of(DESCRIPTION))


class TestPage:
    @pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
    def test_shows_every_operation(self, page: Page, operation: Any) -> None:
        assert operation.anchor in page.ids and f"#{operation.anchor}" in page.links
        assert f"{operation.method} {operation.path}" in page.text
        for field in (*operation.body, *operation.query, *operation.headers):
            assert field.name in page.text
        for example in operation.examples:
            assert example.command in page.text

    def test_lists_every_refusal_with_its_codes(self, page: Page) -> None:
        assert {"EmailTaken", "InvalidRequest", "PathUnknown", "Overloaded"} <= set(page.ids)
        for refusal in REFERENCE.refusals():
            assert refusal.name in page.ids
            assert refusal.message in page.text

    def test_links_lead_somewhere(self, page: Page) -> None:
        inside = [link for link in page.links if link.startswith("#")]
        assert {link[1:] for link in inside} <= set(page.ids)
        assert len(page.ids) == len(set(page.ids))
        assert set(page.links) - set(inside) == {"/openapi.json"}

    def test_loads_nothing_from_elsewhere(self, page: Page) -> None:
        assert set(page.loaded) == {address_of("style.css"), address_of("docs.css"), "data:,"}
        assert not {"script", "style", "iframe", "object", "img"} & set(page.tags)
        assert not {name for name in page.attributes if name == "style" or name[:2] == "on"}

    def test_has_landmarks_and_one_heading_of_the_first_rank(self, page: Page) -> None:
        assert {"header", "nav", "main"} <= set(page.tags)
        assert page.tags.count("h1") == 1

    def test_says_which_choice_a_payload_belongs_to(self, page: Page) -> None:
        (sign_in,) = (o for o in OPERATIONS if o.path == "/api/v3/signin")
        chosen = {field.name: field.only_for for field in sign_in.body if field.only_for}
        assert chosen == {
            "passwordPayload": "connection PASSWORD",
            "passCodePayload": "connection PASSCODE",
        }


class TestEscaping:
    def test_what_a_description_says_is_text(self) -> None:
        hostile = copy.deepcopy(DESCRIPTION)
        script = "<script>alert('`<b>`')</script>"
        for methods in hostile["paths"].values():
            for operation in methods.values():
                operation |= {"summary": script, "description": script}
        for schema in hostile["components"]["schemas"].values():
            schema["description"] = script
        page = Page(html_of(hostile))
        assert "script" not in page.tags and "<script>" in page.text

    def test_backticks_are_code(self) -> None:
        assert prose("a `b<c` & d") == "a <code>b&lt;c</code> &amp; d"


class TestExamples:
    def test_a_shell_reads_the_body_that_is_meant(self) -> None:
        described = copy.deepcopy(DESCRIPTION)
        body = described["paths"]["/api/v3/bind-email"]["post"]["requestBody"]
        meant = {"email": "o'brien@example.com", "passCode": "$(id) `id` \\"}
        body["content"]["application/json"]["examples"] = {"": {"summary": "", "value": meant}}
        groups = dict(Reference(described).groups())
        (bind,) = (o for o in groups["E-mail"] if o.anchor == "bind_email")
        words = shlex.split(bind.examples[0].command.replace("\\\n", ""))
        assert words[:2] == ["curl", f"{ORIGIN}/api/v3/bind-email"]
        assert words[2:4] == ["-H", "authorization: Bearer $ACCESS_TOKEN"]
        assert msgspec.json.decode(words[words.index("-d") + 1]) == meant


class TestServed:
    async def test_with_a_policy_that_lets_nothing_else_in(self, world: World) -> None:
        reply = await world.http.get("/docs")
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert world.settings.origin in Page(reply.text).text

    async def test_its_styles_load_nothing_either(self, world: World) -> None:
        for path in Page((await world.http.get("/docs")).text).loaded:
            if path.startswith("/"):
                reply = await world.http.get(path)
                assert reply.headers["content-type"] == "text/css; charset=utf-8"
                assert not re.search(r"url\(|@import|://", reply.text)
