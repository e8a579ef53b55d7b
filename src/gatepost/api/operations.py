"""One endpoint, as OpenAPI 3.1 describes an operation."""

from __future__ import annotations

import inspect
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from gatepost.api import examples, schemas
from gatepost.api.endpoint import Function, Needs
from gatepost.api.envelope import HTTP_STATUS, oauth_outcome
from gatepost.api.example_answers import ANSWERS
from gatepost.api.http import Reply
from gatepost.api.routing import Route
from gatepost.api.schemas import Schema, reference
from gatepost.vocabulary.refusals import (
    AppUnknown,
    BodyTooLarge,
    BodyTooSlow,
    ClientUnauthenticated,
    ContentTypeUnsupported,
    InvalidRequest,
    NotSignedIn,
    Overloaded,
    Refusal,
    RetryLater,
    ServerDefect,
    SessionEnded,
    TooManyAtOnce,
    UserSuspended,
)

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def refusals_of(route: Route, needs: Needs) -> list[type[Refusal]]:
    """Everything an endpoint may refuse: as one of its kind, and by itself; each once."""
    found: list[type[Refusal]] = []
    if needs.body or needs.query or needs.call:
        found += [InvalidRequest]
    if needs.call:
        found += [AppUnknown, ClientUnauthenticated]
    if needs.signed_in:
        found += [NotSignedIn, SessionEnded, UserSuspended, AppUnknown]
    found += route.refuses
    if route.method != "GET":
        found += [BodyTooLarge, BodyTooSlow]
    if needs.body or needs.call:
        found += [ContentTypeUnsupported]
    found += [TooManyAtOnce, ServerDefect, Overloaded]
    return list(dict.fromkeys(found))


def operation(route: Route, needs: Needs) -> dict[str, Any]:
    """What an endpoint takes and all that it may answer."""
    summary, text = _told(route.function)
    told: dict[str, Any] = {
        "operationId": route.function.__name__,
        "tags": [route.tag],
        "summary": summary,
    }
    if text:
        told["description"] = text
    if parameters := _parameters(route, needs):
        told["parameters"] = parameters
    if needs.signed_in or needs.bearer:
        told["security"] = [{"accessToken": []}]
    elif needs.call:
        told["security"] = [{}, {"accessToken": []}, {"appSecret": []}]
    if needs.body:
        told["requestBody"] = _request_body(route, needs.body[1])
    told["responses"] = _responses(route, needs)
    return told


def _told(function: Function) -> tuple[str, str]:
    """What a function's docstring says, but for its refusals, which are listed elsewhere."""
    paragraphs = [" ".join(p.split()) for p in (inspect.getdoc(function) or "").split("\n\n")]
    return paragraphs[0], "\n\n".join(p for p in paragraphs[1:] if not p.startswith("Refuses:"))


def _parameters(route: Route, needs: Needs) -> list[dict[str, Any]]:
    names: list[str] = []
    if needs.call or needs.signed_in:
        names += ["AppId", "AppIdOfAuthing", "UserPoolId"]
    if route.oauth or not is_bare(route, needs):
        names += ["Lang"]
    found: list[dict[str, Any]] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    if needs.query:
        members = schemas.query_schemas(needs.query[1])
        found += [{"name": n, "in": "query", "schema": s} for n, s in members.items()]
    return found


def _request_body(route: Route, kind: type[Struct]) -> dict[str, Any]:
    """OAuth wants forms (RFC 6749 section 4.1.3) and takes JSON here as well."""
    shown = {
        summary: {"summary": summary, "value": value}
        for summary, value in examples.REQUESTS.get(kind, {}).items()
    }
    content: dict[str, Any] = {"schema": reference(kind.__name__)}
    if shown:
        content["examples"] = shown
    needed = any(field.required for field in msgspec.structs.fields(kind))
    kinds = [FORM, JSON] if route.oauth else [JSON]
    return {"required": needed, "content": dict.fromkeys(kinds, content)}


def _responses(route: Route, needs: Needs) -> dict[str, Any]:
    """One answer per HTTP status; of several that share one, a schema each."""
    by_status: dict[int, list[type[Refusal]]] = {200: []}
    for refusal in refusals_of(route, needs):
        by_status.setdefault(status_of(route, refusal), []).append(refusal)
    own = needs.answer is Reply
    responses = {
        str(status): _response(_outcomes(route, refusals), refusals, own)
        for status, refusals in by_status.items()
        if status != 200
    }
    done = _done(route, needs)
    responses["200"] = _response([done, *_outcomes(route, by_status[200])], by_status[200])
    if is_bare(route, needs) and needs.answer in ANSWERS:
        responses["200"]["content"][JSON]["example"] = ANSWERS[needs.answer]
    if own:
        responses["default"] = _response([{"type": "object"}], [])
    return dict(sorted(responses.items()))


def _outcomes(route: Route, refusals: list[type[Refusal]]) -> list[Schema]:
    names = dict.fromkeys(outcome_name(route, refusal) for refusal in refusals)
    return [reference(name) for name in names]


def status_of(route: Route, refusal: type[Refusal]) -> int:
    """The HTTP status with which an endpoint refuses."""
    return oauth_outcome(refusal)[1] if route.oauth else HTTP_STATUS.get(refusal, 200)


def outcome_name(route: Route, refusal: type[Refusal]) -> str:
    """What the schema of an endpoint's refusal is called: OAuth has one for several."""
    if not route.oauth:
        return refusal.__name__
    error, _ = oauth_outcome(refusal)
    return "OAuth" + "".join(word.capitalize() for word in error.split("_"))


def _done(route: Route, needs: Needs) -> Schema:
    if is_bare(route, needs):
        return data_schema(needs.answer) or {"type": "object"}
    return reference(success_name(route))


def _response(
    outcomes: list[Schema], refusals: list[type[Refusal]], own: bool = False
) -> dict[str, Any]:
    """The answers of one status; `own` where the endpoint may answer it in its own words too."""
    named = [outcome.get("$ref", "An object").rpartition("/")[2] for outcome in outcomes]
    headers: dict[str, Any] = {"x-request-id": {"schema": {"type": "string", "format": "uuid"}}}
    if any(issubclass(refusal, RetryLater) for refusal in refusals):
        about = "Seconds to wait, where the answer says so too"
        headers["retry-after"] = {"schema": {"type": "integer"}, "description": about}
    schema = outcomes[0] if len(outcomes) == 1 else {"oneOf": outcomes}
    if own:
        schema = {"anyOf": [*outcomes, {"type": "object"}]}
    content = {JSON: {"schema": schema}}
    return {"description": ", ".join(named), "headers": headers, "content": content}


def typed(answer: Any) -> type[Struct] | None:
    """The type of the house that an endpoint answers with, one or a list of them."""
    kind = get_args(answer)[0] if get_origin(answer) is list else answer
    is_ours = isinstance(kind, type) and issubclass(kind, Struct) and kind is not Reply
    return kind if is_ours else None


def is_bare(route: Route, needs: Needs) -> bool:
    """Whether an endpoint answers without the envelope."""
    return route.bare or needs.answer is Reply


def data_schema(answer: Any) -> Schema | None:
    """The schema of what a function returns; None where that is nothing."""
    if answer in (None, type(None)):
        return None
    kind = typed(answer)
    schema = reference(kind.__name__) if kind else {"type": "object"}
    return {"type": "array", "items": schema} if get_origin(answer) is list else schema


def success_name(route: Route) -> str:
    """What the schema of an endpoint's success is called."""
    return "".join(w.capitalize() for w in route.function.__name__.split("_")) + "Success"
