"""From an app to the pages and back, in a real browser: its policies let the way through."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import authing  # type: ignore[import-untyped]
import pytest

from tests.support.browser import Page, browser_page
from tests.support.caller import PASSWORD, Shop
from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.sign_in_clients import PythonSignIn, Registered
from tests.support.waiting import eventually

pytestmark = pytest.mark.browser

WAIT_SECONDS = 30


class AppServer:
    """The app's own server, on another port: it notes where the browser comes back to."""

    def __init__(self) -> None:
        arrivals: Queue[str] = Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
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


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, Shop]]:
    """A server with Ann and an app."""
    folder = tmp_path_factory.mktemp("place")
    env = environment(folder, DEV_MAILBOX="1")
    with ServerProcess(folder, env) as server:
        yield server, Shop.opened(env)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with browser_page(tmp_path / "browser") as page:
        yield page


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("asks", [True, False])
def test_ann_signs_in_and_out(
    place: tuple[ServerProcess, Shop], shop: AppServer, page: Page, scripts: bool, asks: bool
) -> None:
    server, own = place
    app = Registered(server.url, own.app_id, own.secret, f"{shop.url}/back", f"{shop.url}/gone")
    told(
        own.env,
        "app",
        "set",
        own.app_id,
        f"redirectUris={app.back}",
        f"logoutRedirectUris={app.gone}",
        f"skip_consent={str(not asks).lower()}",
    )
    client = PythonSignIn(authing, app)
    page.call("Emulation.setScriptExecutionDisabled", value=not scripts)
    page.call("Page.navigate", url=client.begin())
    hand = Hand(page)
    hand.types("[name=account]", "ann")
    hand.types("[name=password]", PASSWORD)
    hand.clicks("form[action^='/login'] button:not([formaction])")
    if asks:
        hand.clicks("button[name=agree][value='1']")
    address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
    assert address.startswith("/back?") and not referrer
    tokens = client.finish(f"{shop.url}{address}")
    assert tokens["claims"]["aud"] == app.app_id

    page.call(
        "Page.navigate",
        url=f"{server.url}/oidc/session/end?client_id={app.app_id}"
        f"&post_logout_redirect_uri={app.gone}",
    )
    hand.clicks("form[action='/oidc/session/confirm'] button")
    address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
    assert address == "/gone" and not referrer


class Hand:
    """What a person does on a page, also while it is still being put together."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def types(self, selector: str, text: str) -> None:
        """Into a field."""
        eventually(lambda: self._tried("DOM.focus", selector) is not None, WAIT_SECONDS)
        self._page.call("Input.insertText", text=text)

    def clicks(self, selector: str) -> None:
        """Where the element is seen."""
        quads: list[list[float]] = []

        def seen() -> bool:
            self._tried("DOM.scrollIntoViewIfNeeded", selector)
            quads[:] = (self._tried("DOM.getContentQuads", selector) or {}).get("quads", [])
            return bool(quads)

        eventually(seen, WAIT_SECONDS)
        x, y = (quads[0][0] + quads[0][4]) / 2, (quads[0][1] + quads[0][5]) / 2
        at = {"x": x, "y": y, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self._page.call("Input.dispatchMouseEvent", type=kind, **at)

    def _tried(self, method: str, selector: str) -> dict[str, Any] | None:
        """Ask something about an element; None while the page has none, or is being left."""
        try:
            root = self._page.call("DOM.getDocument", depth=0)["root"]["nodeId"]
            found = self._page.call("DOM.querySelector", nodeId=root, selector=selector)
            return self._page.call(method, nodeId=found["nodeId"])
        except AssertionError:
            return None
