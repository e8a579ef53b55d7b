"""HTTP on a connection, with a bound on what comes before a request is known."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from gatepost.cli.one_write import OneWrite

LARGEST_HEAD = 32 * 1024
"""Octets that a request line and its headers may have together."""

SLOWEST_HEAD_SECONDS = 20.0

LINGER_SECONDS = 1.0
"""How long a server that leaves waits for a request on a connection that has none, at most: half
of its farewell if that is shorter. A busy client may have connected and not come to ask yet."""

_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself would take in headers without an end.

    A head that is too large is answered with 431 (RFC 6585 section 5); a connection on which
    none is complete in time is closed.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._head_octets = 0
        self._in_head = True
        self._patience: asyncio.TimerHandle | None = None

    @property
    def _server_leaves(self) -> bool:
        return getattr(self.server_state, "leaving", False)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(OneWrite(transport, self.loop))  # type: ignore[arg-type]
        self._wait_for_head()
        if self._server_leaves:
            self._linger()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        before = len(data)
        super().data_received(data)
        if self._in_head:
            self._head_octets += before
            if self._head_octets > LARGEST_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        self._in_head, self._head_octets = True, 0
        self._wait_for_head()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._end_wait()
        super().on_headers_complete()
        if self._server_leaves:
            self.close_after_answer()

    def close_after_answer(self) -> None:
        """Have the request under way, if there is one, be the last of this connection."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_started:
            cycle.keep_alive = False

    def shutdown(self) -> None:
        """The server leaves: end, but not under a request that may be on its way."""
        self.close_after_answer()
        self._linger()

    def _linger(self) -> None:
        farewell = self.config.timeout_graceful_shutdown or 0
        self.loop.call_later(min(LINGER_SECONDS, farewell / 2), self._close_if_idle)

    def _close_if_idle(self) -> None:
        is_asked = self._in_head and self._head_octets > 0
        cycle: RequestResponseCycle | None = self.cycle
        is_answering = cycle is not None and not cycle.response_complete
        if not is_asked and not is_answering and not self.transport.is_closing():
            self.transport.close()

    def _wait_for_head(self) -> None:
        self._end_wait()
        self._patience = self.loop.call_later(SLOWEST_HEAD_SECONDS, self._lose_patience)

    def _end_wait(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
