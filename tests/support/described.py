"""The server's own description as a judge: which of the described outcomes an answer is."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import jsonschema_rs

from gatepost.api.endpoint import needs_of
from gatepost.api.openapi import description
from gatepost.api.operations import outcome_name, refusals_of, status_of
from gatepost.api.routes import ENDPOINTS

ORIGIN = "http://127.0.0.1"
DOCUMENT = description(ENDPOINTS, ORIGIN)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
JSON = "application/json"


@dataclass(frozen=True)
class Outcome:
    """One described answer of one operation; `codes` are those of its envelope or the error of
    OAuth, and None where it has neither."""

    http: int
    name: str
    codes: tuple[int, int | None] | str | None
    schema: dict[str, Any]

    @property
    def done(self) -> bool:
        """Whether this is what the operation is there for."""
        return self.http == 200 and self.codes in (None, (200, None))


class Operation:
    """One operation of the description."""

    def __init__(self, path: str, method: str, told: dict[str, Any]) -> None:
        self.path = path
        self.method = method.upper()
        self.name: str = told["operationId"]
        self.wants_token = told.get("security") == [{"accessToken": []}]
        self.outcomes = list(_outcomes(told["responses"]))
        self.refusals = REFUSALS[self.name]
        self.names_app = {"$ref": "#/components/parameters/AppId"} in told.get("parameters", [])
        body = told.get("requestBody")
        self.body: dict[str, Any] | None = body["content"][JSON]["schema"] if body else None
        own = [p for p in told.get("parameters", []) if p.get("in") == "query"]
        self.query: dict[str, Any] = {parameter["name"]: parameter["schema"] for parameter in own}

    def allows(self, body: Any, query: dict[str, str]) -> bool:
        """Whether the description lets a body and a query through, as they are on the wire.

        Parameters that it does not name are let through, and so are fields. An empty parameter
        is as good as none, and so is null.
        """
        said = {name: text for name, text in query.items() if text not in ("", "null")}
        known = {name: text for name, text in said.items() if name in self.query}
        fine = all(_stands_for_any(self.query[name], text) for name, text in known.items())
        return fine and (self.body is None or _validator(self.body).is_valid(body))

    def outcome_of(self, reply: httpx.Response) -> Outcome:
        """The one described outcome that an answer is. AssertionError where there is none."""
        assert reply.headers["content-type"].partition(";")[0] == JSON
        answer = reply.json()
        codes = answer.get("error") if isinstance(answer, dict) else None
        if "statusCode" in answer:
            codes = answer["statusCode"], answer.get("apiCode")
        found = [o for o in self.outcomes if (o.http, o.codes) == (reply.status_code, codes)]
        assert len(found) == 1, f"{self.name} does not declare {reply.status_code} {answer}"
        errors = [error.message for error in _validator(found[0].schema).iter_errors(answer)]
        assert not errors, f"{self.name} does not answer {found[0].name} as described: {errors}"
        _says_the_same_in_headers(reply, answer, isinstance(codes, tuple))
        return found[0]


def fits(name: str, answer: Any) -> bool:
    """Whether an answer is what the named schema describes."""
    return _validator({"$ref": f"#/components/schemas/{name}"}).is_valid(answer)


def _outcomes(responses: dict[str, Any]) -> Iterator[Outcome]:
    for status, response in responses.items():
        if status == "default":
            continue
        schema = response["content"][JSON]["schema"]
        for member in schema.get("oneOf") or schema.get("anyOf") or [schema]:
            name = member.get("$ref", "").rpartition("/")[2]
            fields = SCHEMAS.get(name, {}).get("properties", {})
            codes = fields.get("error", {}).get("const")
            if "statusCode" in fields:
                codes = fields["statusCode"]["const"], fields.get("apiCode", {}).get("const")
            yield Outcome(int(status), name or f"own {status}", codes, member)


def _says_the_same_in_headers(reply: httpx.Response, answer: Any, enveloped: bool) -> None:
    request_id = reply.headers["x-request-id"]
    assert str(uuid.UUID(request_id)) == request_id
    if enveloped:
        assert answer["requestId"] == request_id
        assert answer["message"].strip()
        data = answer.get("data")
        wait = data.get("retryAfter") if isinstance(data, dict) else None
        assert reply.headers.get("retry-after") == (str(wait) if wait else None)


def _stands_for_any(schema: dict[str, Any], text: str) -> bool:
    """Whether a text of a query is one way to write a value that the schema lets through."""
    meant: list[Any] = [text, {"true": True, "false": False}.get(text)]
    if text.isdecimal() and text.isascii():
        meant.append(int(text))
    return any(_validator(schema).is_valid(value) for value in meant if value is not None)


def _validator(schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    return _compiled(json.dumps(schema))


@cache
def _compiled(text: str) -> jsonschema_rs.Draft202012Validator:
    whole = json.loads(text) | {"components": DOCUMENT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


REFUSALS = {
    route.function.__name__: {
        refusal.__name__: (status_of(route, refusal), outcome_name(route, refusal))
        for refusal in refusals_of(route, needs_of(route.function))
    }
    for route in ENDPOINTS
}
"""By operation and refusal: the HTTP status and name of the outcome."""

OPERATIONS = [
    Operation(path, method, told)
    for path, methods in DOCUMENT["paths"].items()
    for method, told in methods.items()
]
