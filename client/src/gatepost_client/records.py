"""From JSON to typed objects, as tolerant as clients of an API that grows must be.

A field that nobody knows is kept and ignored, and one that is null, missing or of another type is
None where it may be. Only what a step is useless without is insisted on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from gatepost_client.errors import UnexpectedAnswer
from gatepost_client.secrecy import HIDDEN, SECRETS, shown

R = TypeVar("R", bound="Record")


@dataclass(frozen=True, repr=False, kw_only=True)
class Record:
    """An object of an answer. `raw` is all of it as it came; `record["wireName"]` looks there."""

    raw: Mapping[str, Any]
    snake_case: ClassVar[bool] = False
    """Whether the wire's names are the attributes' own, as in OAuth, and not in camelCase."""
    aliases: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Attributes that have other names on the wire, the most usual first."""

    def __getitem__(self, name: str) -> Any:
        return self.raw[name]

    def get(self, name: str, default: Any = None) -> Any:
        """What the wire had under a name, or something else if nothing."""
        return self.raw.get(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def __repr__(self) -> str:
        parts = [
            f"{each.name}={HIDDEN if _is_secret(each.name) and value else repr(shown(value))}"
            for each in fields(self)
            if each.name != "raw" and (value := getattr(self, each.name)) is not None
        ]
        return f"{type(self).__name__}({', '.join(parts)})"


def _is_secret(attribute: str) -> bool:
    return attribute in SECRETS or _camel(attribute) in SECRETS


def _camel(name: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), name)


@cache
def _plan(kind: Any) -> list[tuple[str, tuple[str, ...], Any]]:
    """The attributes of a record, their names on the wire, and their types."""
    hints = get_type_hints(kind)
    plan = []
    for each in fields(kind):
        if each.name != "raw":
            usual = each.name if kind.snake_case else _camel(each.name)
            plan.append((each.name, kind.aliases.get(each.name, (usual,)), hints[each.name]))
    return plan


def record(kind: type[R]) -> Callable[[Any], R]:
    """Reads one object. UnexpectedAnswer where it lacks what it is useless without."""

    plan = _plan(cast("Any", kind))

    def read(value: Any) -> R:
        if not isinstance(value, Mapping):
            raise UnexpectedAnswer(f"the answer has no {kind.__name__}")
        values = {name: _value(value, names, hint) for name, names, hint in plan}
        return kind(raw=value, **values)

    return read


def records(kind: type[R]) -> Callable[[Any], list[R]]:
    """Reads a list of objects; null is an empty one."""
    read = record(kind)

    def read_all(value: Any) -> list[R]:
        if not isinstance(value, list | None):
            raise UnexpectedAnswer(f"the answer has no list of {kind.__name__}")
        return [read(member) for member in value or []]

    return read_all


def nothing(value: Any) -> None:
    """Reads the data of a step that has none to tell, whatever it is."""


def _value(raw: Mapping[str, Any], names: tuple[str, ...], hint: Any) -> Any:
    found = next((raw[name] for name in names if raw.get(name) is not None), None)
    optional = get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint)
    kind = next(arg for arg in get_args(hint) if arg is not NoneType) if optional else hint
    if found is None or not _fits(found, kind):
        if optional:
            return None
        raise UnexpectedAnswer(f"the answer lacks a usable {names[0]!r}")
    return _read(found, kind)


def _fits(value: Any, kind: Any) -> bool:
    plain = get_origin(kind) or kind
    if plain is Any:
        return True
    if issubclass(plain, Record):
        return isinstance(value, Mapping)
    if isinstance(value, bool) or plain is bool:
        return isinstance(value, bool) and plain is bool
    return isinstance(value, int if plain is int else plain)


def _read(value: Any, kind: Any) -> Any:
    # On Python 3.10 dict[str, Any] says that it is a type, too.
    if type(kind) is type and issubclass(kind, Record):
        return record(kind)(value)
    inner = get_args(kind)
    if get_origin(kind) is list and isinstance(inner[0], type):
        members = [member for member in value if _fits(member, inner[0])]
        return [_read(member, inner[0]) for member in members]
    return value
