"""Requests and replies, straight on ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct

from gatepost.context import Caller, Known
from gatepost.vocabulary.refusals import BodyTooLarge, BodyTooSlow
from gatepost.vocabulary.user_pool import UserPool

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_BODY = 64 * 1024
"""A body of this many octets or more is refused."""

SLOWEST_BODY_SECONDS = 20

JSON = "application/json; charset=utf-8"


class Disconnected(Exception):
    """The client went away before its request was complete."""


class Request:
    """One request. Header names are in lower case; of repeated headers the first counts,
    but for `x-forwarded-for`, whose values are one list (RFC 9110 section 5.3)."""

    __slots__ = (
        "body",
        "caller",
        "headers",
        "known",
        "method",
        "path",
        "peer",
        "pool",
        "query",
        "request_id",
    )

    def __init__(self, scope: Scope, request_id: str) -> None:
        self.method: str = scope["method"]
        self.path = normalised_path(scope["path"])
        self.query: bytes = scope["query_string"]
        self.peer: str = scope["client"][0] if scope.get("client") else ""
        self.headers = _headers(scope["headers"])
        self.request_id = request_id
        self.body = b""
        self.caller: Caller | None = None  # once somebody asked where it comes from
        self.pool: UserPool | None = None  # for the answer's language
        self.known = Known()

    def header(self, name: str) -> str | None:
        """A header of the API, which has two families of names: GenAuth's and Authing's."""
        return self.headers.get(f"x-genauth-{name}") or self.headers.get(f"x-authing-{name}")

    def parameters(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last counts."""
        if not self.query:
            return {}
        text = self.query.decode("latin-1")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=100))


def normalised_path(path: str) -> str:
    """A path without doubled slashes and without one at its end: SDKs send both."""
    if path.endswith("/") or "//" in path:
        path = "/" + "/".join(part for part in path.split("/") if part)
    return path


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        if key not in headers:
            headers[key] = text
        elif key == "x-forwarded-for":
            headers[key] += f",{text}"
    return headers


async def read_body(
    request: Request, receive: Receive, slowest_seconds: float = SLOWEST_BODY_SECONDS
) -> bytes:
    """The whole body. Refuses: BodyTooLarge as soon as it is known to be, BodyTooSlow."""
    try:
        async with asyncio.timeout(slowest_seconds):
            return await _read_body(request, receive)
    except TimeoutError:
        raise BodyTooSlow from None


async def _read_body(request: Request, receive: Receive) -> bytes:
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and len(stated) < 19 and int(stated) >= LARGEST_BODY:
        raise BodyTooLarge
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size >= LARGEST_BODY:
            raise BodyTooLarge
        chunks.append(chunk)
        if not message.get("more_body", False):
            return chunks[0] if len(chunks) == 1 else b"".join(chunks)


class Reply(Struct):
    """What goes back: a status, a body, and headers beside its type and length."""

    body: bytes
    status: int = 200
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    async def send(self, send: Send, extra: list[tuple[bytes, bytes]], head: bool) -> None:
        """Send it; a HEAD request gets the headers only."""
        headers = [
            (b"content-type", self.content_type.encode("latin-1")),
            (b"content-length", str(len(self.body)).encode()),
            *((name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers),
            *extra,
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})
