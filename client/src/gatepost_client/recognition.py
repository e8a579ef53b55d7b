"""Which refusal an answer is."""

from __future__ import annotations

from typing import Any

from gatepost_client import refusals
from gatepost_client.refusals import Refusal

OAUTH_ERRORS: dict[str, type[Refusal]] = {
    "invalid_request": refusals.InvalidRequest,
    "invalid_client": refusals.ClientUnauthenticated,
    "invalid_grant": refusals.TokenInvalid,
    "invalid_token": refusals.SessionEnded,
    "unsupported_grant_type": refusals.NotSupported,
    "temporarily_unavailable": refusals.Overloaded,
    "server_error": refusals.ServerDefect,
}
"""The `error` of OAuth endpoints (RFC 6749 section 5.2, RFC 6750 section 3.1)."""


def all_refusals() -> list[type[Refusal]]:
    """Every refusal that has a class of its own, in the order of their file."""
    families = (Refusal, refusals.RetryLater)
    return [
        value
        for value in vars(refusals).values()
        if isinstance(value, type) and issubclass(value, Refusal) and value not in families
    ]


_BY_API_CODE = {code: refusal for refusal in all_refusals() for code in refusal.known_as}
_BY_STATUS = {refusal.status: refusal for refusal in all_refusals() if not refusal.known_as}


def refusal_class(status_code: int, api_code: int | None, error: Any = None) -> type[Refusal]:
    """The class of a refusal: by OAuth's word, else by the finer code, else by the status."""
    if isinstance(error, str):
        return OAUTH_ERRORS.get(error, Refusal)
    if api_code is not None:
        return _BY_API_CODE.get(api_code, Refusal)
    return _BY_STATUS.get(status_code, Refusal)
