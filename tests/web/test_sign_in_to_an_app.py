"""From an app to the pages and back, in a real browser: its policies let the way through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page

from tests.support.browser import ANSWER_MILLISECONDS, chromium
from tests.support.caller import PASSWORD, Shop
from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.sdks import Node
from tests.support.sign_in_clients import Registered, SignInClient, Tokens, client_of

pytestmark = pytest.mark.browser

WAIT_SECONDS = 30


class AppServer:
    """The app's own server, on another port: it notes where the browser comes back to."""

    def __init__(self) -> None:
        arrivals: Queue[str] = Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                with suppress(BrokenPipeError):  # a browser that has gone on already
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(b"<title>shop</title>")
                if not self.path.startswith("/favicon"):
                    arrivals.put(f"{self.path} {self.headers.get('referer', '')}")

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.arrivals = arrivals
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def shop() -> Iterator[AppServer]:
    server = AppServer()
    yield server
    server.close()


class Place(Struct):
    """Two apps of a server that knows Ann, and a browser. `asking` has her agree first."""

    app: Registered
    asking: Registered
    browser: Browser

    @contextmanager
    def page(self, **person: Any) -> Iterator[Page]:
        """A page of a browser that has never been here."""
        with self.browser.new_context(locale="en-US", **person) as context:
            context.set_default_timeout(ANSWER_MILLISECONDS)
            yield context.new_page()


def registered(url: str, own: Shop, back: str, asks: bool) -> Registered:
    """A new app, with addresses to come back to."""
    made = told(own.env, "app", "create", "Web", "--pool", own.pool_id, "--json")
    app = Registered(url, made["appId"], made["appSecret"], f"{back}/back", f"{back}/gone")
    addresses = (f"redirectUris={app.back}", f"logoutRedirectUris={app.gone}")
    consent = f"skip_consent={str(not asks).lower()}"
    told(own.env, "app", "set", app.app_id, *addresses, consent)
    return app


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, shop: AppServer) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    env = environment(folder, DEV_MAILBOX="1")
    with ServerProcess(folder, env) as server:
        # Commands run in this thread, which is the browser's own once that has started.
        own = Shop.opened(env)
        apps = [registered(server.url, own, shop.url, asks) for asks in (False, True)]
        with chromium() as browser:
            yield Place(*apps, browser)


def signed_in(page: Page, client: SignInClient, shop: AppServer, asks: bool) -> Tokens:
    """Go from the app to the pages and back."""
    page.goto(client.begin())
    page.fill("[name=account]", "ann")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    if asks:
        page.click("text=Agree and go on")
    page.wait_for_url(f"{shop.url}/back?*")
    address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
    assert address.startswith("/back?") and not referrer
    return client.finish(f"{shop.url}{address}")


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("asks", [True, False])
def test_ann_signs_in_and_out(place: Place, shop: AppServer, scripts: bool, asks: bool) -> None:
    app = place.asking if asks else place.app
    with place.page(java_script_enabled=scripts) as page:
        tokens = signed_in(page, client_of("authing", app, None), shop, asks)
        assert tokens["claims"]["aud"] == app.app_id
        asked = {"client_id": app.app_id, "post_logout_redirect_uri": app.gone}
        page.goto(f"{app.url}/oidc/session/end?{urlencode(asked)}")
        page.click("button")
        address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
        assert address == "/gone" and not referrer


@pytest.mark.parametrize(
    "kind",
    [
        "genauth",
        pytest.param("node", marks=pytest.mark.node),
        "authlib",
        pytest.param("openid-client", marks=pytest.mark.node),
    ],
)
def test_ann_signs_in_and_out_by_each_client(place: Place, shop: AppServer, kind: str) -> None:
    app = place.app
    with ExitStack() as stack, place.page() as page:
        client = client_of(kind, app, lambda driver: stack.enter_context(Node(driver)))
        tokens = signed_in(page, client, shop, asks=False)
        assert tokens["person"]["sub"] == tokens["claims"]["sub"]
        page.goto(client.leave(tokens["id_token"]))
        address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
        assert address.startswith("/gone") and not referrer
        page.goto(f"{app.url}/account?app_id={app.app_id}")
        page.wait_for_selector("[name=password]")
