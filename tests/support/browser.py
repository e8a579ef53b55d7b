"""A real browser without a window, driven by its DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from websockets.sync.client import ClientConnection, connect

from tests.support.machine import require_one

Scheme = Literal["light", "dark"]
ANSWER_SECONDS = 30
FLAGS = (
    "--headless",
    "--remote-debugging-port=0",
    "--no-sandbox",  # the tests may run as root, and show it nothing but our own pages
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)


class Page:
    """One page that is never loaded from anywhere: HTML is put in, and looked at."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._numbers = itertools.count(1)
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._frame = self.call("Page.getFrameTree")["frameTree"]["frame"]["id"]

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        number = next(self._numbers)
        command = {"id": number, "method": method, "params": params}
        if self._session is not None:
            command["sessionId"] = self._session
        self._wire.send(json.dumps(command))
        while (answer := json.loads(self._wire.recv(ANSWER_SECONDS))).get("id") != number:
            continue
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def size(self, width: int, height: int) -> None:
        """Make it a telephone of this size, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=True,
        )

    def prefer(self, scheme: Scheme) -> None:
        """What the owner of the telephone likes."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)

    def show(self, html: str) -> None:
        """Put a document in place of the one that is there."""
        self.call("Page.setDocumentContent", frameId=self._frame, html=html)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited where it is a promise."""
        done = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def picture(self, width: int, height: int) -> bytes:
        """What is seen of the upper left corner, as PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip, optimizeForSpeed=True)
        return base64.b64decode(shot["data"])


@contextmanager
def browser_page(folder: Path) -> Iterator[Page]:
    """A page of a browser of our own, whose profile lies in `folder`. Skips where there is none."""
    program = require_one("chromium", "chromium-browser", "google-chrome")
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={folder}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,  # the browser is many processes; they end together
    )
    try:
        with connect(_address(process), max_size=None, compression=None) as wire:
            yield Page(wire)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=ANSWER_SECONDS)


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line.decode(errors="replace"))
        _, found, address = said[-1].partition("DevTools listening on ")
        if found:
            return address.strip()
    raise AssertionError(f"the browser did not start: {''.join(said)}")
