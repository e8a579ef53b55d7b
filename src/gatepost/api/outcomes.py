"""How a call may end, as JSON Schema: in the envelope, or as OAuth says it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from gatepost.api.schemas import Schema
from gatepost.messages import refusal_words, words
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest, Refusal, RetryLater

REQUEST_ID = "5f0c2ab8-30a5-4d3e-9d0c-6f1f5b0a7c11"
"""The request id of the examples."""


def success_schema(data: Schema | None, example: Any) -> Schema:
    """The envelope of a step that was done. Without data it has no such field."""
    envelope = _envelope(200, None, words(Language.EN_US, "success"), data, example)
    return {"description": "It was done."} | envelope


def refusal_schema(refusal: type[Refusal]) -> Schema:
    """The envelope of one refusal."""
    said = _said(refusal)
    data = None
    if issubclass(refusal, RetryLater):
        seconds = {"type": "integer", "minimum": 1, "description": "Seconds to wait"}
        data = _closed({"retryAfter": seconds})
    message = refusal_words(Language.EN_US, said)
    described = {"description": inspect.getdoc(refusal) or ""}
    return described | _envelope(refusal.status, refusal.api_code, message, data, said.data)


def oauth_schema(error: str, refusals: Iterable[type[Refusal]]) -> Schema:
    """How an OAuth endpoint says no (RFC 6749 section 5.2), for any of some refusals."""
    kinds = list(refusals)
    properties = {"error": {"const": error}, "error_description": {"type": "string"}}
    message = refusal_words(Language.EN_US, _said(kinds[0]))
    told = " ".join(inspect.getdoc(kind) or "" for kind in kinds)
    shown = {"error": error, "error_description": message}
    return {"description": told} | _closed(properties) | {"examples": [shown]}


def _said(refusal: type[Refusal]) -> Refusal:
    """A refusal as it may be said."""
    if issubclass(refusal, InvalidRequest):
        return refusal(field="email", problem=Problem.MISSING)
    return refusal(60) if issubclass(refusal, RetryLater) else refusal()


def _envelope(
    status: int, api_code: int | None, message: str, data: Schema | None, example: Any
) -> Schema:
    properties: Schema = {"statusCode": {"const": status}, "message": {"type": "string"}}
    shown: Schema = {"statusCode": status, "message": message}
    if api_code is not None:
        properties["apiCode"], shown["apiCode"] = {"const": api_code}, api_code
    properties["requestId"] = {"type": "string", "format": "uuid"}
    shown["requestId"] = REQUEST_ID
    if data is not None:
        properties["data"], shown["data"] = data, example
    examples = {} if data is not None and example is None else {"examples": [shown]}
    return _closed(properties) | examples


def _closed(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
