"""From a function to an endpoint: what it takes says how it is called.

    async def bind_email(tx: Transaction, call: OwnerCall, body: BindEmail) -> None

`tx` makes the call one unit of work, `reader` one that only reads; without either the function
runs units of its own. `SignedInCall` wants a token whose session is alive; `ReadingCall` has the
caller's profile too, and `OwnerCall`, in the unit, the account held until it ends. `Call` wants
an app. The body or query is parsed into the type that is named.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

from msgspec import Struct

from gatepost.api import parsing
from gatepost.api.caller import (
    call_to_app,
    claims_needed,
    owner_call,
    reading_call,
    signed_in_call,
    token_of,
)
from gatepost.api.http import Request
from gatepost.context import Bearer, Call, Context, OwnerCall, ReadingCall, SignedInCall
from gatepost.storage.database import Reader, Transaction
from gatepost.vocabulary.fields import Body, Query

Function = Callable[..., Awaitable[Any]]

_SIGNED_IN: dict[type[SignedInCall], Function] = {
    SignedInCall: signed_in_call,
    ReadingCall: reading_call,
    OwnerCall: owner_call,
}


class Needs(Struct, frozen=True):
    """What a function takes, read from its annotations."""

    unit: str | None
    reader: str | None
    context: str | None
    request: str | None
    call: str | None
    signed_in: tuple[str, type[SignedInCall]] | None
    bearer: str | None
    body: tuple[str, type[Body]] | None
    query: tuple[str, type[Query]] | None
    answer: Any


def needs_of(function: Function) -> Needs:
    """Read a function's annotations. TypeError for a parameter that nobody can fill."""
    hints = get_type_hints(function)
    answer = hints.pop("return", None)
    by_type = {hint: name for name, hint in hints.items()}
    known = (Transaction, Reader, Context, Request, Call, Bearer, *_SIGNED_IN)
    for name, hint in hints.items():
        if hint not in known and not issubclass(hint, Body | Query):
            raise TypeError(f"{function.__name__} takes {name}, which no request has")
    if OwnerCall in by_type and Transaction not in by_type:
        raise TypeError(f"{function.__name__} holds an account, but is no unit")
    return Needs(
        unit=by_type.get(Transaction),
        reader=by_type.get(Reader),
        context=by_type.get(Context),
        request=by_type.get(Request),
        call=by_type.get(Call),
        signed_in=_parameter(hints, SignedInCall),
        bearer=by_type.get(Bearer),
        body=_parameter(hints, Body),
        query=_parameter(hints, Query),
        answer=answer,
    )


def _parameter(hints: dict[str, Any], kind: type) -> tuple[str, Any] | None:
    found = [
        (name, hint)
        for name, hint in hints.items()
        if hint not in (Body, Query) and issubclass(hint, kind)
    ]
    return found[0] if found else None


class Endpoint:
    """A function, ready to be called with requests."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self.needs = needs_of(function)

    async def __call__(self, context: Context, request: Request) -> Any:
        """What the function answers. Raises every refusal it or the wire has."""
        needs = self.needs
        given = self._surroundings(context, request)
        claims = claims_needed(context, request) if needs.signed_in else None
        if needs.query:
            given[needs.query[0]] = parsing.query_as(needs.query[1], request)
        raw = parsing.raw_body(request) if needs.body or needs.call else {}
        if needs.call:
            given[needs.call] = await call_to_app(context, request, raw)
        if needs.body:
            given[needs.body[0]] = parsing.body_as(needs.body[1], raw)

        async def run(reader: Reader) -> Any:
            if needs.signed_in and claims:
                name, kind = needs.signed_in
                call = await _SIGNED_IN[kind](reader, context, request, claims)
                return await self._function(**given, **{name: call})
            return await self._function(**given)

        if needs.unit:
            name = needs.unit
            return await context.database.unit(lambda tx: _with(given, name, tx, run))
        reader = context.database.reader()
        if needs.reader:
            given[needs.reader] = reader
        return await run(reader)

    def _surroundings(self, context: Context, request: Request) -> dict[str, Any]:
        """What is there before anything was read."""
        needs = self.needs
        given: dict[str, Any] = {}
        if needs.context:
            given[needs.context] = context
        if needs.request:
            given[needs.request] = request
        if needs.bearer:
            given[needs.bearer] = Bearer(token_of(request))
        return given


async def _with(
    given: dict[str, Any], name: str, tx: Transaction, run: Callable[[Reader], Awaitable[Any]]
) -> Any:
    given[name] = tx  # a unit that is run again gets its new transaction
    return await run(tx)
