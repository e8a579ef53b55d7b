"""Who may see figures, and where: on a port of their own, or for a token on the main one."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from contextlib import AbstractAsyncContextManager

from gatepost.api.http import Reply, Request
from gatepost.api.routing import Route
from gatepost.metrics.reading import Watched, of_all_nodes, of_release
from gatepost.metrics.workers import Workers
from gatepost.settings import Settings
from gatepost.vocabulary.refusals import Overloaded, PathUnknown

PATH = "/metrics"


class Metrics:
    """Answers a scrape with the figures of every process of this node."""

    def __init__(self, settings: Settings, watched: Watched, workers: Workers) -> None:
        self._settings = settings
        self._watched = watched
        self._workers = workers
        if settings.metrics_port is not None or settings.metrics_token:
            # Taken in now: it takes a tenth of a second, which the first scrape would cost all.
            from gatepost.metrics import exposition as _  # noqa: F401

    async def page(self) -> Reply:
        """All figures. Those that only the database has are left out while it is away."""
        from gatepost.metrics.exposition import CONTENT_TYPE, text_of

        figures = await self._workers.figures(self._watched.families())
        shared = of_release(self._workers.count, len(figures))
        with contextlib.suppress(Overloaded):
            shared += await of_all_nodes(self._watched.reader())
        # Some 10 ms of writing, in which others are answered.
        text = await asyncio.to_thread(text_of, shared, figures)
        return Reply(text, content_type=CONTENT_TYPE)

    def shared(self) -> AbstractAsyncContextManager[None]:
        """Let the other processes of this node ask for the figures of this one."""
        return self._workers.joined(self._watched.families)

    def may_see(self, authorization: str) -> bool:
        """Whether a header holds the token, where one is set (RFC 6750 section 2.1)."""
        token = self._settings.metrics_token
        if not token:
            return True
        scheme, _, shown = authorization.partition(" ")
        right = hmac.compare_digest(shown.strip().encode(), token.encode())
        return right and scheme.lower() == "bearer"

    def routes(self) -> list[Route]:
        """The page on the main port: only behind a token, and only without a port of its own."""
        if self._settings.metrics_port is not None or not self._settings.metrics_token:
            return []
        return [Route("GET", PATH, self.metrics)]

    async def metrics(self, request: Request) -> Reply:
        """The page for whoever holds the token; nobody else learns that it is there."""
        if not self.may_see(request.headers.get("authorization", "")):
            raise PathUnknown
        return await self.page()
