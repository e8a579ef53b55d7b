"""An app signs people in at the pages: with each official SDK and with standard clients."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.sdk.conftest import PASSWORD, Site
from tests.support.authorization import BACK, GONE, target_of
from tests.support.pages import Browser
from tests.support.sdks import Node
from tests.support.sign_in_clients import Registered, SignInClient, Tokens, client_of

NODE = pytest.mark.node
CLIENTS = [
    pytest.param("genauth", "client_secret_post"),
    pytest.param("genauth", "client_secret_basic"),
    pytest.param("genauth", "none"),
    pytest.param("authing", "client_secret_post"),
    pytest.param("authing", "client_secret_basic"),
    pytest.param("authing", "none"),
    pytest.param("node", "client_secret_post", marks=NODE),
    pytest.param("node", "client_secret_basic", marks=NODE),
    pytest.param("node", "none", marks=NODE),
    pytest.param("authlib", "client_secret_post"),
    pytest.param("authlib", "client_secret_basic"),
    pytest.param("authlib", "none"),
    pytest.param("openid-client", "client_secret_post", marks=NODE),
    pytest.param("openid-client", "none", marks=NODE),
]


@pytest.fixture(scope="module")
def node() -> Iterator[Callable[[str], Node]]:
    """Node processes by their driver, each started when first asked for."""
    with ExitStack() as stack:
        running: dict[str, Node] = {}

        def process(driver: str) -> Node:
            if driver not in running:
                running[driver] = stack.enter_context(Node(driver))
            return running[driver]

        yield process


def registered(site: Site, auth: str, **settings: str) -> Registered:
    """An app with addresses to come back to."""
    made = site.run(
        "app", "create", "Shop", "--pool", site.pool_id, "--client-auth", auth, "--json"
    )
    wanted = {"redirectUris": BACK, "logoutRedirectUris": GONE} | settings
    site.run("app", "set", made["appId"], *(f"{name}={value}" for name, value in wanted.items()))
    secret = "" if auth == "none" else made["appSecret"]
    return Registered(site.url, made["appId"], secret, BACK, GONE)


async def signed_in(browser: Browser, client: SignInClient, username: str) -> Tokens:
    """Go from the app to the sign-in page and back."""
    page = await browser.open(client.begin())
    if "location" not in page.headers:
        page = await browser.send("/login", account=username, password=PASSWORD)
    return client.finish(target_of(page))


@pytest.mark.parametrize(("kind", "auth"), CLIENTS)
def test_ann_signs_in_to_an_app_and_out_of_it(
    site: Site, node: Callable[[str], Node], kind: str, auth: str
) -> None:
    app, username = registered(site, auth), site.person("ann")

    async def story() -> None:
        async with httpx.AsyncClient(base_url=site.url) as http:
            browser, client = Browser(http), client_of(kind, app, node, auth)
            tokens = await signed_in(browser, client, username)
            assert tokens["token_type"].lower() == "bearer" and tokens["refresh_token"]
            claims, person = tokens["claims"], tokens["person"]
            assert claims["iss"] == f"{site.url}/oidc" and claims["aud"] == app.app_id
            assert person["sub"] == claims["sub"] and claims["nonce"] and claims["at_hash"]

            # Signed in already: the app is answered at once, and means the same person.
            again = client_of(kind, app, node, auth)
            second = await signed_in(browser, again, "nobody")
            assert second["claims"]["sub"] == claims["sub"]

            page = await browser.open(again.leave(tokens["id_token"]))
            assert target_of(page).partition("?")[0] == GONE
            told = await http.get("/oidc/me", params={"access_token": tokens["access_token"]})
            assert told.status_code == 401
            page = await browser.open(client_of(kind, app, node, auth).begin())
            assert 'action="/login?' in page.text

    asyncio.run(story())


@NODE
def test_an_sdk_reads_an_id_token_under_the_apps_own_key(
    site: Site, node: Callable[[str], Node]
) -> None:
    app = registered(site, "client_secret_post", id_token_signed_response_alg="HS256")
    username = site.person("ann")

    async def story() -> None:
        async with httpx.AsyncClient(base_url=site.url) as http:
            client = client_of("node", app, node, "client_secret_post")
            tokens = await signed_in(Browser(http), client, username)
            assert tokens["claims"]["aud"] == app.app_id

    asyncio.run(story())


def test_ann_agrees_to_what_an_app_asks_for(site: Site, node: Callable[[str], Node]) -> None:
    app = registered(site, "client_secret_post", skip_consent="false")
    username = site.person("ann")

    async def story() -> None:
        async with httpx.AsyncClient(base_url=site.url) as http:
            browser, client = Browser(http), client_of("genauth", app, node)
            await browser.open(client.begin())
            await browser.send("/login", account=username, password=PASSWORD)
            page = await browser.send("/oidc/consent", agree="1")
            assert client.finish(target_of(page))["claims"]["aud"] == app.app_id

    asyncio.run(story())
