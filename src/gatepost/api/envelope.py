"""The one shape of every answer of the V3 API, and its words."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from gatepost.api.http import Reply
from gatepost.messages import refusal_words, words
from gatepost.oidc.errors import CHALLENGES, ERRORS
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import (
    BodyTooLarge,
    BodyTooSlow,
    ContentTypeUnsupported,
    MethodNotAllowed,
    Overloaded,
    PathUnknown,
    Refusal,
    RetryLater,
    ServerDefect,
    TooManyAtOnce,
)

HTTP_STATUS: dict[type[Refusal], int] = {
    PathUnknown: 404,
    MethodNotAllowed: 405,
    BodyTooSlow: 408,
    BodyTooLarge: 413,
    ContentTypeUnsupported: 415,
    TooManyAtOnce: 429,
    ServerDefect: 500,
    Overloaded: 503,
}
"""What is no business answer keeps its HTTP status. All others are HTTP 200: several SDKs throw
on anything else and lose the body."""


class Envelope(Struct):
    """`statusCode` 200 is success. `apiCode` and `data` are there where they say something."""

    statusCode: int
    message: str
    apiCode: int | UnsetType = UNSET
    requestId: str = ""
    data: Any = UNSET


_encode = msgspec.json.Encoder().encode


def success(data: Any, language: Language, request_id: str) -> Reply:
    """The answer of a step that was done."""
    message = words(language, "success")
    shown = UNSET if data is None else data
    return Reply(_encode(Envelope(200, message, requestId=request_id, data=shown)))


def refused_by_oauth(refusal: Refusal, language: Language) -> Reply:
    """The same for an OAuth endpoint, with a real status (RFC 6749 section 5.2)."""
    error, status = oauth_outcome(type(refusal))
    body = {"error": error, "error_description": refusal_words(language, refusal)}
    challenge = CHALLENGES.get(error)
    headers = (("www-authenticate", challenge),) if challenge else _retry_after(refusal)
    return Reply(_encode(body), status, headers=headers)


def oauth_outcome(refusal: type[Refusal]) -> tuple[str, int]:
    """The `error` of a refusal and its HTTP status.

    What OAuth has no word for keeps the status that it has everywhere; anything else is a
    mistake of ours.
    """
    if refusal in ERRORS:
        return ERRORS[refusal]
    status = HTTP_STATUS.get(refusal, 500)
    if status == 500:
        return "server_error", status
    waits = issubclass(refusal, RetryLater)
    return "temporarily_unavailable" if waits else "invalid_request", status


def refused(refusal: Refusal, language: Language, request_id: str) -> Reply:
    """The answer of a step that was refused."""
    envelope = Envelope(
        statusCode=refusal.status,
        message=refusal_words(language, refusal),
        apiCode=UNSET if refusal.api_code is None else refusal.api_code,
        requestId=request_id,
        data=UNSET if refusal.data is None else refusal.data,
    )
    status = HTTP_STATUS.get(type(refusal), 200)
    return Reply(_encode(envelope), status, headers=_retry_after(refusal))


def _retry_after(refusal: Refusal) -> tuple[tuple[str, str], ...]:
    retry = refusal.data.get("retryAfter") if refusal.data else None
    return (("retry-after", str(retry)),) if retry else ()
