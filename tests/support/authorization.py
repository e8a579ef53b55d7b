"""An app that signs people in at `/oidc/auth`, and what it is answered through the browser."""

from __future__ import annotations

import hashlib
import html
import re
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.oauth import TOKEN, in_body
from tests.support.pages import Browser
from tests.support.world import PASSWORD, App, Person, World

AUTH = "/oidc/auth"
BACK = "https://shop.example/back"
GONE = "https://shop.example/gone"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
ISSUER = "http://127.0.0.1/oidc"


def challenge_of(verifier: str) -> str:
    """What an app shows first of a verifier (RFC 7636 section 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


async def shop(
    world: World, pool_id: str | None = None, auth: str = "client_secret_post", **settings: str
) -> App:
    """An app with an address to come back to, and one to go to afterwards."""
    given = {"redirectUris": BACK, "logoutRedirectUris": GONE} | settings
    return await world.app(pool_id, auth, **given)


def asking(app: App, **changes: str | None) -> dict[str, str]:
    """A right request with other parameters; None leaves one out."""
    right = {
        "client_id": app.app_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "a state",
        "nonce": "a nonce",
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
    } | changes
    return {name: value for name, value in right.items() if value is not None}


async def signs_in(browser: Browser, person: Person) -> httpx.Response:
    """Fill in the sign-in page that is there."""
    return await browser.send("/login", account=person.username, password=PASSWORD)


def target_of(page: httpx.Response) -> str:
    """Where an answer leads: by a redirect, or by a page that goes on by itself."""
    if "location" in page.headers:
        assert page.status_code == 303
        return page.headers["location"]
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]*)"', page.text)
    assert found, f"{page.status_code} {page.text}"
    return html.unescape(found[1])


def answer_of(page: httpx.Response, back: str = BACK) -> dict[str, str]:
    """What the app is told."""
    target = target_of(page)
    address, _, query = target.partition("?")
    assert address == back and not urlsplit(target).fragment
    pairs = parse_qsl(query, strict_parsing=True)
    told = dict(pairs)
    assert len(told) == len(pairs) and told["iss"] == ISSUER
    return told


async def code_for(browser: Browser, person: Person, **changes: str | None) -> str:
    """The code that an app gets when a person signs in, or is signed in already."""
    page = await browser.open(AUTH, **asking(person.app, **changes))
    if page.status_code == 200 and 'action="/login?' in page.text:
        page = await signs_in(browser, person)
    told = answer_of(page, changes.get("redirect_uri") or BACK)
    assert told.get("state") == asking(person.app, **changes).get("state")
    return told["code"]


async def exchanges(world: World, app: App, shown: str, /, **changes: Any) -> httpx.Response:
    """Show a code, as the app; None leaves a field out."""
    fields = {
        "grant_type": "authorization_code",
        "code": shown,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        **in_body(app),
    } | changes
    given = {name: value for name, value in fields.items() if value is not None}
    return await world.http.post(TOKEN, data=given)


async def tokens_for(browser: Browser, person: Person, **changes: str | None) -> dict[str, Any]:
    """Sign in to an app, all the way."""
    code = await code_for(browser, person, **changes)
    response = await exchanges(person.world, person.app, code)
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()
    return tokens
