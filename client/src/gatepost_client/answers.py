"""What every call answers with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from gatepost_client.errors import UnexpectedAnswer
from gatepost_client.recognition import refusal_class
from gatepost_client.refusals import Refusal
from gatepost_client.secrecy import shown

T = TypeVar("T")


class Answer(Generic[T]):
    """The envelope of the V3 API, or the bare body of an OAuth endpoint as if it had one.

    Prints as the JSON of the documentation, with the values of tokens hidden. `raw` is all of it
    as it came, and `answer["statusCode"]` looks there, as in the official SDK.
    """

    __slots__ = ("_data", "http_status", "ok", "raw", "request_id", "retry_after", "status_code")

    def __init__(
        self,
        raw: Mapping[str, Any],
        *,
        http_status: int,
        status_code: int,
        ok: bool,
        data: T | None,
        request_id: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        self.raw = raw
        self.http_status = http_status
        self.status_code = status_code
        self.ok = ok
        self.request_id = request_id
        self.retry_after = retry_after
        self._data = data

    @property
    def message(self) -> str:
        """What happened, for people, in the language that was asked for."""
        for name in ("message", "error_description", "error"):
            if isinstance(self.raw.get(name), str):
                return str(self.raw[name])
        return ""

    @property
    def api_code(self) -> int | None:
        """The finer code beside the status of a refusal."""
        code = self.raw.get("apiCode")
        if isinstance(code, str) and code.isascii() and code.isdigit():
            return int(code)
        return code if isinstance(code, int) and not isinstance(code, bool) else None

    @property
    def data(self) -> T:
        """What the step has to tell. A refusal has none of it: asking for it raises the refusal."""
        if not self.ok:
            raise self.refusal()
        return self._data  # type: ignore[return-value]  # None only where T says so

    def refusal(self) -> Refusal:
        """This answer as an exception, of the class that its codes say."""
        error = self.raw.get("error") if "statusCode" not in self.raw else None
        return refusal_class(self.status_code, self.api_code, error)(self)

    def raise_for_status(self) -> None:
        """Raise the refusal, if it is one."""
        if not self.ok:
            raise self.refusal()

    def __getitem__(self, name: str) -> Any:
        return self.raw[name]

    def get(self, name: str, default: Any = None) -> Any:
        """What the wire had under a name, or something else if nothing."""
        return self.raw.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def __str__(self) -> str:
        return json.dumps(shown(self.raw), ensure_ascii=False)

    def __repr__(self) -> str:
        return f"Answer({self})"


Read = Callable[[Any], T]
"""From the data of an answer to its typed form."""


def envelope(raw: Mapping[str, Any], read: Read[T], http_status: int, **rest: Any) -> Answer[T]:
    """An answer of `/api/v3`."""
    status = raw.get("statusCode")
    if not isinstance(status, int):
        if http_status < 400:
            raise UnexpectedAnswer("the answer has no statusCode: is app_host a V3 API server?")
        status = http_status
    ok = http_status < 400 and status == 200
    data = read(raw.get("data")) if ok else None
    return Answer(raw, http_status=http_status, status_code=status, ok=ok, data=data, **rest)


def bare(raw: Mapping[str, Any], read: Read[T], http_status: int, **rest: Any) -> Answer[T]:
    """An answer without an envelope: it is all data."""
    status = raw.get("statusCode")
    refused = http_status >= 400 or "error" in raw
    if isinstance(status, int) and status != 200:
        refused = True  # some servers answer some of these with the envelope
    else:
        status = 400 if refused and http_status < 400 else http_status
    data = None if refused else read(raw)
    return Answer(
        raw, http_status=http_status, status_code=status, ok=not refused, data=data, **rest
    )
