"""A server that answers as it is told, one request after the other."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOUND_SECONDS = 20


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    connection: int

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.target).query)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, list[str]]:
        return parse_qs(self.body.decode())


@dataclass(frozen=True)
class Say:
    """What to answer with."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Drop:
    """Close the connection without a word, once the request is there."""


@dataclass(frozen=True)
class Hold:
    """Say nothing until told to, or until the test ends."""

    until: threading.Event


Act = Say | Drop | Hold


def told(**members: Any) -> Say:
    """A JSON object."""
    status = members.pop("http_status", 200)
    return Say(json.dumps(members).encode(), status)


def done(data: Any = None, **members: Any) -> Say:
    """An envelope that says yes."""
    said = {"statusCode": 200, "message": "Operation successful", "requestId": "r-1"}
    return told(**said, **({} if data is None else {"data": data}), **members)


def refused(status: int, api_code: int | None = None, **members: Any) -> Say:
    """An envelope that says no."""
    codes = {} if api_code is None else {"apiCode": api_code}
    return told(statusCode=status, message="No.", requestId="r-1", **codes, **members)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that goes away, or trusts nobody, is no news."""


class ScriptedServer:
    """Answers with each act in turn, or as `decide` says; keeps what it has seen."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.acts: list[Act] = []
        self.decide: Callable[[Seen], Act] | None = None
        self.seen: list[Seen] = []
        self._lock = threading.Lock()
        self._connections = 0
        self._ended = threading.Event()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.scheme = "http"
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self.scheme = "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}"

    def then(self, *acts: Act) -> ScriptedServer:
        """Answer with these next."""
        self.acts.extend(acts)
        return self

    def paths(self) -> list[str]:
        return [seen.path for seen in self.seen]

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(BOUND_SECONDS)

    def _next(self, seen: Seen) -> Act:
        with self._lock:
            self.seen.append(seen)
            if self.decide is not None:
                return self.decide(seen)
            assert self.acts, f"nobody said what to answer to {seen.method} {seen.target}"
            return self.acts.pop(0)

    def _number(self) -> int:
        with self._lock:
            self._connections += 1
            return self._connections

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                self.number = server._number()

            def answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length)
                act = server._next(Seen(self.command, self.path, headers, body, self.number))
                if isinstance(act, Hold):
                    while not (act.until.wait(0.02) or server._ended.is_set()):
                        pass
                    act = done()
                if isinstance(act, Drop):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(act.status)
                for name, value in {"content-type": "application/json", **act.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(act.body)))
                self.end_headers()
                self.wfile.write(act.body)

            do_GET = do_POST = answer

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@contextmanager
def closed_port() -> Iterator[str]:
    """An address where nobody listens, and nobody else will meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
