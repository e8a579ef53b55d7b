"""The ASGI application: finds the endpoint, answers, writes one line of log."""

from __future__ import annotations

import time

import msgspec

from gatepost import deadline
from gatepost.api import cors, envelope
from gatepost.api.caller import caller_of, language_of
from gatepost.api.endpoint import Endpoint
from gatepost.api.flood_guard import FloodGuard
from gatepost.api.http import (
    SLOWEST_BODY_SECONDS,
    Disconnected,
    Receive,
    Reply,
    Request,
    Scope,
    Send,
    read_body,
)
from gatepost.api.refused import note_refusal
from gatepost.api.request_tally import RequestTally
from gatepost.api.routing import Route, Table
from gatepost.chance import system_chance
from gatepost.context import Context
from gatepost.log import Log
from gatepost.vocabulary.client_address import client_network
from gatepost.vocabulary.identifiers import new_uuid
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import MethodNotAllowed, PathUnknown, Refusal, ServerDefect

_encode = msgspec.json.Encoder().encode

NOT_KEPT = (b"cache-control", b"no-store")
ALWAYS = (b"x-content-type-options", b"nosniff")
_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Server:
    """Answers HTTP requests for the routes of a table."""

    def __init__(
        self,
        context: Context,
        table: Table,
        log: Log,
        tally: RequestTally | None = None,
        guard: FloodGuard | None = None,
        slowest_body_seconds: float = SLOWEST_BODY_SECONDS,
        answer_seconds: float = deadline.ANSWER_SECONDS,
    ) -> None:
        self.context = context
        self._table = table
        self._log = log
        self._tally = tally or RequestTally()
        self._guard = guard or FloodGuard()
        self._slowest_body_seconds = slowest_body_seconds
        self._answer_seconds = answer_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. A client that went away is answered nothing."""
        started = time.perf_counter()
        request = Request(scope, new_uuid(system_chance))
        try:
            with deadline.scope():
                route, reply, refusal = await self._answer(request, receive)
                headers = [(b"x-request-id", request.request_id.encode()), ALWAYS]
                if not reply.headers or "cache-control" not in dict(reply.headers):
                    headers.append(NOT_KEPT)
                if "origin" in request.headers:
                    headers += await self._cors(request)
        except Disconnected:
            return
        await reply.send(send, headers, request.method == "HEAD")
        seconds = time.perf_counter() - started
        self._tally.note(route, reply.status, refusal, seconds)
        self._log.write(
            "info",
            "request",
            requestId=request.request_id,
            method=request.method,
            route=route.path if route else None,
            status=reply.status,
            statusCode=refusal.status if refusal else 200 if reply.status < 300 else None,
            apiCode=refusal.api_code if refusal else None,
            milliseconds=round(seconds * 1000, 2),
            userId=request.known.user_id,
        )

    async def _answer(
        self, request: Request, receive: Receive
    ) -> tuple[Route | None, Reply, Refusal | None]:
        route = None
        try:
            if request.method == "OPTIONS" and (methods := self._table.methods(request)):
                return None, cors.preflight(request, methods), None
            route, endpoint = self._table.find(request)
            with self._guard.entered(self._origin(request)):
                if request.method in _WITH_BODY:
                    request.body = await read_body(request, receive, self._slowest_body_seconds)
                deadline.begin(self._answer_seconds)
                result = await self._called(route, endpoint, request)
            return route, self._reply(route, request, result), None
        except Refusal as refusal:
            return route, self._refused(route, request, refusal), refusal
        except Disconnected:
            raise
        except Exception as error:
            self._log.defect("defect", error, requestId=request.request_id)
            defect = ServerDefect()
            return route, self._refused(route, request, defect), defect

    async def _called(self, route: Route, endpoint: Endpoint, request: Request) -> object:
        """What an endpoint answers; what it refuses is noted for the audit log."""
        try:
            result = await endpoint(self.context, request)
        except Refusal as refusal:
            note_refusal(self.context, route, request, refusal)
            raise
        if request.known.refusal is not None:
            note_refusal(self.context, route, request, request.known.refusal)
        return result

    def _origin(self, request: Request) -> str | None:
        """Whose flood a request would be part of."""
        client = caller_of(request, self.context.settings).client()
        return client_network(client) if client else None

    def _reply(self, route: Route, request: Request, result: object) -> Reply:
        if isinstance(result, Reply):
            return result
        if route.bare:
            return Reply(_encode(result))
        return envelope.success(result, self._language(request), request.request_id)

    def _refused(self, route: Route | None, request: Request, refusal: Refusal) -> Reply:
        # What is not there for somebody is told in the words of what is not there at all.
        if route and route.refused and not isinstance(refusal, PathUnknown):
            return route.refused(self.context, request, refusal)
        if route is not None and route.oauth:
            return envelope.refused_by_oauth(refusal, self._language(request))
        reply = envelope.refused(refusal, self._language(request), request.request_id)
        if isinstance(refusal, MethodNotAllowed):
            reply.headers += (("allow", ", ".join(self._table.methods(request))),)
        return reply

    def _language(self, request: Request) -> Language:
        pools = request.pool.settings.language if request.pool else Language.EN_US
        return language_of(request) or pools

    async def _cors(self, request: Request) -> list[tuple[bytes, bytes]]:
        try:
            return await cors.headers_for(self.context.database.reader(), request)
        except Exception:  # then no page may read the answer, but whoever called gets it
            return []
