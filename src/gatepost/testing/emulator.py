"""An emulator in a process of its own, and the calls that set it up."""

from __future__ import annotations

import json
import subprocess
import sys
from http.client import HTTPConnection
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

START_SECONDS = 60
FAREWELL_SECONDS = 5
ANSWER_SECONDS = 30


class EmulatorRefused(Exception):
    """The emulator would not do that: `status_code` and `message` say why, as in the API."""

    def __init__(self, status_code: int, message: str) -> None:
        super().__init__(f"{message} ({status_code})")
        self.status_code = status_code
        self.message = message


class Emulator:
    """`gatepost emulator`, from here until `stop`, or until this process ends in any way.

    `announced` is what it printed when it was ready: `host`, `appId`, `appSecret`, ….
    Raises RuntimeError if it does not start; what it says then is on standard error.
    """

    def __init__(self, *, port: int = 0) -> None:
        # -P: no file of the folder where tests run stands in for a module of the server. The
        # session of its own: Ctrl-C ends the tests first, which may need the server to tidy up.
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-P", "-m", "gatepost", "emulator", "--json", "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.announced: dict[str, str] = self._read_announcement()
        self._place = urlsplit(self.announced["controlUrl"])

    def _read_announcement(self) -> dict[str, str]:
        assert self._process.stdout is not None  # noqa: S101
        patience = Timer(START_SECONDS, self._process.kill)
        patience.start()
        line = self._process.stdout.readline()
        patience.cancel()
        if not line:
            self.stop()
            raise RuntimeError("the Gatepost emulator did not start")
        announced: dict[str, str] = json.loads(line)
        return announced

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def ask(
        self, door: str, body: dict[str, Any] | None = None, *, timeout: float = ANSWER_SECONDS
    ) -> Any:
        """Call one of the emulator's doors (`new-pool`, …) and return the `data` it answers.

        Raises EmulatorRefused, and OSError where it is not there any more.
        """
        assert self._place.hostname is not None  # noqa: S101
        connection = HTTPConnection(self._place.hostname, self._place.port, timeout=timeout)
        try:
            connection.request(
                "POST",
                f"{self._place.path}/{door}",
                json.dumps(body or {}),
                {
                    "content-type": "application/json",
                    "authorization": f"Bearer {self.announced['controlSecret']}",
                },
            )
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        if answer["statusCode"] != 200:
            raise EmulatorRefused(answer["statusCode"], answer["message"])
        return answer.get("data")

    def stop(self) -> None:
        """End it; its folder goes with it."""
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: S101
        self._process.stdin.close()
        try:
            self._process.wait(FAREWELL_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def __enter__(self) -> Emulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
