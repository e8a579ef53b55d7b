"""A port that only says how the server is doing. One request a connection, small and quick."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import msgspec

from gatepost.api.http import Reply
from gatepost.metrics.asking import PATH, Metrics
from gatepost.settings import SettingError, Settings

LARGEST_HEAD = 8192
SLOWEST_SECONDS = 5.0
MOST_AT_ONCE = 16

NOT_FOUND = Reply(b"not found\n", 404, "text/plain")
_REASONS = {200: "OK", 404: "Not Found"}


@contextmanager
def reserved(settings: Settings) -> Iterator[Settings]:
    """Keep the port for the processes of this node, which listen on it together.

    Yields the settings with the port that it is. Raises SettingError where somebody listens
    there already, another node included.
    """
    if settings.metrics_port is None:
        yield settings
        return
    with _bound(settings) as holder:
        yield msgspec.structs.replace(settings, metrics_port=holder.getsockname()[1])


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.metrics_host else socket.AF_INET
    address = (settings.metrics_host, settings.metrics_port)
    holder = socket.socket(family, socket.SOCK_STREAM)
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:  # alone: refused if it is in use
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(address)
    except (OSError, UnicodeError) as error:
        holder.close()
        reason = (getattr(error, "strerror", None) or "no such address").lower()
        place = f"{settings.metrics_host} port {settings.metrics_port}"
        raise SettingError(f"GATEPOST_METRICS_PORT cannot listen on {place}: {reason}") from None
    return holder


@asynccontextmanager
async def opened(settings: Settings, metrics: Metrics) -> AsyncIterator[None]:
    """Answer on the port of the metrics, where one is set, while the server runs."""
    if settings.metrics_port is None:
        yield
        return
    port = _Port(metrics)
    try:
        server = await asyncio.start_server(
            port.serve,
            settings.metrics_host,
            settings.metrics_port,
            limit=LARGEST_HEAD,
            reuse_address=True,
            reuse_port=True,
        )
    except OSError as error:
        raise SettingError(f"GATEPOST_METRICS_PORT cannot be opened: {error.strerror}") from None
    try:
        yield
    finally:
        server.close()


class _Port:
    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._under_way = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and hang up. What is no HTTP is not answered at all."""
        try:
            if self._under_way < MOST_AT_ONCE:
                self._under_way += 1
                try:
                    await self._answered(reader, writer)
                finally:
                    self._under_way -= 1
        finally:
            writer.close()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            async with asyncio.timeout(SLOWEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                reply = await self._reply(head.decode("latin-1"))
                writer.write(_head(reply) + reply.body)
                await writer.drain()

    async def _reply(self, head: str) -> Reply:
        request, *lines = head.split("\r\n")
        target = request.split(" ")[1:2]
        fields = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in fields}
        asked = request.startswith("GET ") and target and target[0].partition("?")[0] == PATH
        if not asked or not self._metrics.may_see(headers.get("authorization", "")):
            return NOT_FOUND
        return await self._metrics.page()


def _head(reply: Reply) -> bytes:
    lines = (
        f"HTTP/1.1 {reply.status} {_REASONS[reply.status]}",
        f"content-type: {reply.content_type}",
        f"content-length: {len(reply.body)}",
        "connection: close",
        "cache-control: no-store",
    )
    return "\r\n".join((*lines, "", "")).encode("latin-1")
