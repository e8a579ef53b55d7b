"""From a step to an HTTP request, and from the response to an answer. No I/O here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from gatepost_client.answers import Answer, Read, bare, envelope
from gatepost_client.errors import UnexpectedAnswer
from gatepost_client.options import Options, without_none

T = TypeVar("T")


@dataclass(frozen=True, repr=False)
class Call(Generic[T]):
    """One step: where it goes, what it carries, how its answer is read.

    `signed_in` calls carry the held access token. `repeatable` ones do no harm when they arrive
    twice. `bare` ones are answered without an envelope.
    """

    method: str
    path: str
    read: Read[T]
    json: Mapping[str, Any] | None = None
    form: Mapping[str, Any] | None = None
    query: Mapping[str, Any] | None = None
    signed_in: bool = False
    repeatable: bool = False
    bare: bool = False
    authorization: str | None = None


@dataclass(frozen=True)
class Request:
    """What goes over the wire. Its secrets are not shown."""

    method: str
    url: str
    headers: dict[str, str] = field(repr=False)
    content: bytes = field(repr=False)


def request_of(call: Call[Any], options: Options, access_token: str | None) -> Request:
    """A call as an HTTP request."""
    headers, content = options.headers(), b""
    authorization = call.authorization
    if authorization is None and call.signed_in and access_token:
        authorization = f"Bearer {access_token}"
    if authorization:
        headers["authorization"] = authorization
    if call.json is not None:
        headers["content-type"] = "application/json"
        content = json.dumps(without_none(call.json)).encode()
    elif call.form is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
        content = urlencode(without_none(call.form), errors="replace").encode()
    query = without_none(call.query or {})
    shown = {name: str(it).lower() if isinstance(it, bool) else it for name, it in query.items()}
    url = options.app_host + call.path + (f"?{urlencode(shown, errors='replace')}" if shown else "")
    return Request(call.method, url, headers, content)


def answer_of(
    call: Call[T],
    status: int,
    headers: Mapping[str, str],
    content: bytes,
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
) -> Answer[T]:
    """A response as an answer.

    What is no JSON but has an HTTP status that says no, as gateways answer, is a refusal with
    that status. UnexpectedAnswer for whatever else is not of the API.
    """
    raw = _object(call, status, content)
    waits = raw.get("data")
    stated = waits.get("retryAfter") if isinstance(waits, Mapping) else None
    if not isinstance(stated, int):
        stated = _seconds(headers.get("retry-after"), now)
    request_id = raw.get("requestId") or headers.get("x-request-id")
    return (bare if call.bare else envelope)(
        raw,
        call.read,
        status,
        request_id=request_id if isinstance(request_id, str) else None,
        retry_after=stated,
    )


def _object(call: Call[Any], status: int, content: bytes) -> Mapping[str, Any]:
    if 300 <= status < 400:
        raise UnexpectedAnswer(f"the server redirects (HTTP {status}): is app_host right?")
    try:
        found = json.loads(content) if content or not call.bare else {}
    except ValueError:
        found = None
    if isinstance(found, dict):
        return found
    if status < 400 and not (call.bare and found is not None):
        raise UnexpectedAnswer(f"the answer (HTTP {status}) is no JSON object")
    if status < 400:
        return {}
    return {"statusCode": status, "message": _phrase(status)}


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"HTTP {status}"


def _seconds(header: str | None, now: Callable[[], datetime]) -> int | None:
    """`Retry-After` (RFC 9110 section 10.2.3): seconds, or a date."""
    if not header:
        return None
    if header.isascii() and header.isdigit():
        return int(header[:9])
    try:
        until = parsedate_to_datetime(header)
    except (ValueError, TypeError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=timezone.utc)
    return max(0, round((until - now()).total_seconds()))
