"""Settings changed by texts: `verifyCodeLength=8`, `changeEmailStrategy.verifyOldEmail=false`."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest

S = TypeVar("S", bound=msgspec.Struct)


def changed(settings: S, kind: type[S], changes: dict[str, str]) -> S:
    """Settings with some of them changed.

    A value is JSON where it reads as JSON, else text; a list may be separated by commas.
    Settings of a group are named one by one.
    Refuses: InvalidRequest, naming the setting that is unknown, a group or out of its range.
    """
    values = msgspec.to_builtins(settings)
    for name, text in changes.items():
        _put(values, name, text)
        try:
            settings = msgspec.convert(values, kind)
        except msgspec.ValidationError:
            raise InvalidRequest(name, Problem.NOT_SUPPORTED_VALUE) from None
    return settings


def _put(values: dict[str, Any], name: str, text: str) -> None:
    *path, last = name.split(".")
    inner: Any = values
    for step in path:
        inner = inner.get(step) if isinstance(inner, dict) else None
    # A group as a whole would put what its value leaves out back to the defaults.
    if not isinstance(inner, dict) or last not in inner or isinstance(inner[last], dict):
        raise InvalidRequest(name, Problem.NOT_SUPPORTED_VALUE)
    inner[last] = _value(text, inner[last])


def _value(text: str, before: Any) -> Any:
    if isinstance(before, str):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        if isinstance(before, list | tuple):
            return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
        return text


def one_line(name: str) -> str:
    """A name that can stand in a mail's subject. Refuses: InvalidRequest."""
    if not name.strip() or not name.isprintable() or len(name) > 100:
        raise InvalidRequest("name", Problem.MALFORMED)
    return name.strip()
