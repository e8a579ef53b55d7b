"""Cases that schemathesis makes of the description, sent and judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import requests
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.generation.meta import CoverageScenario, coverage_scenario

from gatepost.api import examples
from gatepost.api.operations import FORM
from tests.support.calls import by_person
from tests.support.described import DOCUMENT, OPERATIONS, ORIGIN, Operation, fits
from tests.support.world import Person

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
DESCRIBED: list[Any] = [
    found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)
]
_BY_PLACE = {(operation.method, operation.path): operation for operation in OPERATIONS}
_NAMES_THE_CALLER = {
    "authorization",
    "x-genauth-app-id",
    "x-authing-app-id",
    "x-genauth-userpool-id",
}
_NOT_OURS = {CoverageScenario.MALFORMED_CONTENT_TYPE, CoverageScenario.UNSUPPORTED_CONTENT_TYPE}


def corners(operation: Any) -> Iterator[Case[Any]]:
    """The cases at every limit of what an operation allows, and right beyond: always the same."""
    yield from SCHEMA.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=SCHEMA.config.generation_for(operation=operation, phase="coverage"),
    )


@dataclass
class Explorer:
    """Sends cases as Ann, or as whoever they say they are, and counts how they ended."""

    ann: Person
    invalid: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)

    async def try_signed_in(self, case: Case[Any]) -> None:
        """By Ann, to her app: what is random is only what she says."""
        sent = _on_the_wire(case)
        kept = {n: v for n, v in sent.headers.items() if n not in _NAMES_THE_CALLER}
        app = self.ann.app
        body = sent.body.replace(examples.SECRET.encode(), app.secret.encode())
        body = body.replace(examples.APP.encode(), app.app_id.encode())
        await self._try(case, Sent(sent.query, kept | by_person(self.ann), body))

    async def try_as_it_is(self, case: Case[Any]) -> None:
        """By whoever the case's own headers name: nobody, for no token of theirs is good."""
        done = await self._try(case, _on_the_wire(case))
        assert not (done and _operation_of(case).wants_token)

    async def _try(self, case: Case[Any], sent: Sent) -> bool:
        self.ann.world.clock.advance(61)  # so that the next mail may be asked for
        reply = await self.ann.world.http.request(
            case.method, case.path + sent.query, headers=sent.latin_headers(), content=sent.body
        )
        operation = _operation_of(case)
        if case.method != operation.method:
            _assert_not_allowed(case.method, reply)
            return False
        outcome = operation.outcome_of(reply)
        assert outcome.name != "ServerDefect"
        self.done[operation.name] += outcome.done
        if not operation.allows(sent.value(), sent.parameters()) or (
            coverage_scenario(case) in _NOT_OURS and operation.body is not None
        ):
            self.invalid[operation.name] += 1
            assert not outcome.done, f"{sent} was taken for valid"
        return outcome.done


def _operation_of(case: Case[Any]) -> Operation:
    return _BY_PLACE[case.operation.method.upper(), case.path]


def _assert_not_allowed(method: str, reply: httpx.Response) -> None:
    """HEAD goes where GET does, and OPTIONS is what browsers ask first."""
    if method in ("HEAD", "OPTIONS"):
        assert reply.status_code in (200, 204, 405) and not reply.content
        return
    assert reply.status_code == 405
    assert fits("MethodNotAllowed", reply.json())


@dataclass(frozen=True)
class Sent:
    """A request as it is on the wire."""

    query: str
    headers: dict[str, str]
    body: bytes

    def parameters(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the last counts."""
        return dict(parse_qsl(self.query.removeprefix("?"), keep_blank_values=True))

    def value(self) -> Any:
        """What the body says; None where it is neither JSON nor a form, which no description
        of a body allows. No body at all is an empty object."""
        if not self.body.strip():
            return {}
        if self.headers.get("content-type", "").startswith(FORM):
            pairs = parse_qsl(self.body.decode("latin-1"), keep_blank_values=True)
            return dict(pairs) if len(dict(pairs)) == len(pairs) else None
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def latin_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers as octets: they may hold more than ASCII."""
        return [(n.encode("latin-1"), v.encode("latin-1")) for n, v in self.headers.items()]


def _on_the_wire(case: Case[Any]) -> Sent:
    prepared = requests.Request(**case.as_transport_kwargs(base_url=ORIGIN)).prepare()
    query = urlsplit(prepared.url or "").query
    body = prepared.body or b""
    octets = body if isinstance(body, bytes) else str(body).encode()
    headers = {_text(name).lower(): _text(value) for name, value in prepared.headers.items()}
    return Sent(f"?{query}" if query else "", headers, octets)


def _text(header: str | bytes) -> str:
    return header.decode("latin-1") if isinstance(header, bytes) else header
