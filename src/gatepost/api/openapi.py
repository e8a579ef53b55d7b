"""The description of the API (OpenAPI 3.1), made from the table of routes and the types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec

from gatepost import __version__
from gatepost.api import examples, outcomes, schemas
from gatepost.api.endpoint import Function, Needs, needs_of
from gatepost.api.envelope import oauth_outcome
from gatepost.api.example_answers import ANSWERS
from gatepost.api.http import Reply
from gatepost.api.operations import (
    data_schema,
    is_bare,
    operation,
    outcome_name,
    refusals_of,
    success_name,
    typed,
)
from gatepost.api.routing import Route
from gatepost.api.schemas import Schema
from gatepost.context import Context
from gatepost.vocabulary.refusals import MethodNotAllowed, PathUnknown, Refusal

ABOUT = """\
Every answer of `/api/v3` has one envelope: `statusCode`, which is 200 for success, `message`, \
`requestId`, `apiCode` where there is a finer code, and `data`.

What is refused is answered with HTTP 200 and says so in `statusCode`. Real HTTP statuses are \
kept for what is no business answer: a path that does not exist is a 404 (PathUnknown), one that \
does but not by this method a 405 (MethodNotAllowed).

The OAuth endpoints below `/oidc` have no envelope: they answer and refuse as RFC 6749 says, \
with `error`, `error_description` and a real HTTP status.

Bodies are JSON in UTF-8, or a form where their fields are flat. Fields that are not known are \
ignored, and a null is as good as nothing."""


def _header(name: str, about: str, example: str) -> dict[str, Any]:
    text = {"type": "string"}
    return {"name": name, "in": "header", "description": about, "schema": text, "example": example}


PARAMETERS = {
    "AppId": _header(
        "x-genauth-app-id",
        "The app that is called. Without it, the body's `client_id`, Basic credentials or the "
        "access token name the app.",
        examples.APP,
    ),
    "AppIdOfAuthing": _header(
        "x-authing-app-id", "Another name of `x-genauth-app-id`.", examples.APP
    ),
    "UserPoolId": _header(
        "x-genauth-userpool-id",
        "The user pool, which must then be the app's; `x-authing-userpool-id` says the same.",
        "64f0d00d1e5ca1ab1e012345",
    ),
    "Lang": _header(
        "x-genauth-lang",
        "The language of messages and mails: en-US, zh-CN, zh-TW or ja-JP; `x-authing-lang` "
        "says the same. Without it `Accept-Language` counts, then the pool's language.",
        "en-US",
    ),
}
"""What the header of a call may say."""

SECURITY = {
    "accessToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The `access_token` of a sign-in, with or without the word Bearer.",
    },
    "appSecret": {
        "type": "http",
        "scheme": "basic",
        "description": "The app's id and secret (RFC 6749 section 2.3.1).",
    },
}

_ALWAYS = (PathUnknown, MethodNotAllowed)


def described(routes: Sequence[Route]) -> Function:
    """The endpoint that answers with the description of routes."""

    @cache
    def encoded(origin: str) -> bytes:
        return msgspec.json.encode(description(routes, origin))

    async def openapi(context: Context) -> Reply:
        """This description (OpenAPI 3.1)."""
        return Reply(encoded(context.settings.origin))

    return openapi


def description(routes: Iterable[Route], origin: str) -> dict[str, Any]:
    """The description of the routes that have a tag, served at `origin`."""
    shown = [(route, needs_of(route.function)) for route in routes if route.tag]
    paths: dict[str, dict[str, Any]] = {}
    for route, needs in shown:
        paths.setdefault(route.path, {})[route.method.lower()] = operation(route, needs)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gatepost",
            "version": __version__,
            "summary": "An identity server for accounts that live on an e-mail address",
            "description": ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": origin}],
        "tags": [{"name": tag} for tag in dict.fromkeys(route.tag for route, _ in shown)],
        "paths": paths,
        "components": {
            "schemas": _schemas(shown),
            "parameters": PARAMETERS,
            "securitySchemes": SECURITY,
        },
    }


def _schemas(shown: list[tuple[Route, Needs]]) -> dict[str, Schema]:
    bodies = schemas.body_schemas(needs.body[1] for _, needs in shown if needs.body)
    for _, needs in shown:
        if needs.body and needs.call:
            name = needs.body[1].__name__
            bodies[name] = schemas.with_proof_of_app(bodies[name])
    answers = schemas.answer_schemas(kind for _, n in shown if (kind := typed(n.answer)))
    successes = {success_name(r): _success(n) for r, n in shown if not is_bare(r, n)}
    return _merged(bodies, answers, successes, _refusal_schemas(shown))


def _refusal_schemas(shown: list[tuple[Route, Needs]]) -> dict[str, Schema]:
    enveloped = [refusal for r, n in shown if not r.oauth for refusal in refusals_of(r, n)]
    found = {r.__name__: outcomes.refusal_schema(r) for r in [*enveloped, *_ALWAYS]}
    by_error: dict[str, dict[type[Refusal], None]] = {}
    for route, needs in shown:
        for refusal in refusals_of(route, needs) if route.oauth else []:
            by_error.setdefault(outcome_name(route, refusal), {})[refusal] = None
    for name, refusals in by_error.items():
        error, _ = oauth_outcome(next(iter(refusals)))
        found[name] = outcomes.oauth_schema(error, refusals)
    return found


def _merged(*groups: dict[str, Schema]) -> dict[str, Schema]:
    merged: dict[str, Schema] = {}
    for group in groups:
        for name, schema in group.items():
            if merged.setdefault(name, schema) != schema:
                raise ValueError(f"two schemas are named {name}")
    return merged


def _success(needs: Needs) -> Schema:
    return outcomes.success_schema(data_schema(needs.answer), ANSWERS.get(needs.answer))
