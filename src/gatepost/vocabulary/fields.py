"""The shapes of what comes in and goes out, and the kinds of fields they are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, overload

from msgspec import Meta, Struct


class Body(Struct, kw_only=True, rename="camel"):
    """What a request brings. Unknown fields are ignored, and a null is as good as nothing."""

    @classmethod
    def relevant(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """The part of a request that counts: SDKs send empty siblings of what was chosen."""
        return raw


def with_one_payload(raw: dict[str, Any], chosen: str | None) -> dict[str, Any]:
    """A request without the payloads that were not chosen."""
    return {
        name: value for name, value in raw.items() if not name.endswith("Payload") or name == chosen
    }


class Query(Struct, kw_only=True, rename="camel"):
    """What a query string brings; SDKs write booleans as `true`, `True` or `1`."""


class Answer(Struct, kw_only=True, rename="camel"):
    """What an endpoint answers, as the envelope's `data`."""


Text = Annotated[str, Meta(min_length=1, max_length=4096)]
TypedEmail = Annotated[
    str,
    Meta(max_length=1024, description="An e-mail address; upper and lower case are the same"),
]
TypedCode = Annotated[
    str,
    Meta(max_length=64, description="The code from the mail, as text", examples=["123456"]),
]


@overload
def iso(instant: int) -> str: ...
@overload
def iso(instant: None) -> None: ...
@overload
def iso(instant: int | None) -> str | None: ...
def iso(instant: int | None) -> str | None:
    """An instant in milliseconds as the API writes it: ISO 8601 in UTC, to the millisecond."""
    if instant is None:
        return None
    return f"{_iso_second(instant // 1000)}.{instant % 1000:03d}Z"


@lru_cache(maxsize=4096)
def _iso_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:19]
