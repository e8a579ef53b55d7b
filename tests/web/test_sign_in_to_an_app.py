"""From an app to the pages and back, in a real browser: its policies let the way through."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from urllib.parse import urlencode

import authing  # type: ignore[import-untyped]
import pytest

from tests.support.browser import browser_page
from tests.support.caller import PASSWORD, Shop
from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.sign_in_clients import PythonSignIn, Registered

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


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("asks", [True, False])
def test_ann_signs_in_and_out(
    place: tuple[ServerProcess, Shop], shop: AppServer, scripts: bool, asks: bool
) -> None:
    server, own = place
    app = Registered(server.url, own.app_id, own.secret, f"{shop.url}/back", f"{shop.url}/gone")
    addresses = (f"redirectUris={app.back}", f"logoutRedirectUris={app.gone}")
    consent = f"skip_consent={str(not asks).lower()}"
    told(own.env, "app", "set", own.app_id, *addresses, consent)
    client = PythonSignIn(authing, app)
    with browser_page(java_script_enabled=scripts, locale="en-US") as page:
        page.goto(client.begin())
        page.fill("[name=account]", "ann")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        if asks:
            page.click("text=Agree and go on")
        page.wait_for_url(f"{app.back}?*")
        address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
        assert address.startswith("/back?") and not referrer
        assert client.finish(f"{shop.url}{address}")["claims"]["aud"] == app.app_id

        asked = {"client_id": app.app_id, "post_logout_redirect_uri": app.gone}
        page.goto(f"{server.url}/oidc/session/end?{urlencode(asked)}")
        page.click("button")
        address, _, referrer = shop.arrivals.get(timeout=WAIT_SECONDS).partition(" ")
        assert address == "/gone" and not referrer
