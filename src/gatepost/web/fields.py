"""The fields of requests and answers, read out of JSON Schemas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from msgspec import Struct


class Field(Struct, frozen=True):
    """One field of a request or an answer; `only_for` is the choice that it belongs to."""

    name: str
    kind: str
    required: bool
    about: str = ""
    values: tuple[str, ...] = ()
    default: str = ""
    only_for: str = ""


class Components:
    """The named parts of a description."""

    def __init__(self, components: dict[str, Any]) -> None:
        self._components = components

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema or parameter itself, wherever it is; what stands beside a reference counts."""
        if "anyOf" in schema:
            named = next(s for s in schema["anyOf"] if s != {"type": "null"})
            beside = {k: v for k, v in schema.items() if k != "anyOf"}
            return self.resolved(named) | beside
        if "$ref" not in schema:
            return schema
        _, _, kind, name = schema["$ref"].split("/")
        found: dict[str, Any] = self._components[kind][name]
        return found | {k: v for k, v in schema.items() if k != "$ref"}

    def fields(self, schema: dict[str, Any], prefix: str = "") -> Iterator[Field]:
        """All fields of a schema, those inside others by their dotted names."""
        whole = self.resolved(schema)
        yield from self._members(whole, prefix)
        if "items" in whole:
            yield from self.fields(whole["items"], prefix)
        for branch in whole.get("oneOf", []):
            members = branch["properties"]
            chooser = next(name for name, member in members.items() if "const" in member)
            own = {name: member for name, member in members.items() if name != chooser}
            choice = f"{chooser} {members[chooser]['const']}"
            yield from self._members(branch | {"properties": own}, prefix, choice)

    def _members(self, schema: dict[str, Any], prefix: str, only: str = "") -> Iterator[Field]:
        for name, member in schema.get("properties", {}).items():
            whole = self.resolved(member)
            yield Field(
                name=prefix + name,
                kind=_kind(whole),
                required=name in schema.get("required", []),
                about=whole.get("description", ""),
                values=tuple(map(str, whole.get("enum", []))),
                default=_written(whole.get("default")),
                only_for=only,
            )
            yield from self.fields(member, f"{prefix}{name}.")

    def parameter(self, parameter: dict[str, Any]) -> Field:
        """A header or a part of the query."""
        schema = self.resolved(parameter["schema"])
        return Field(
            name=parameter["name"],
            kind=_kind(schema),
            required=parameter.get("required", False),
            about=parameter.get("description", ""),
            default=_written(schema.get("default")),
        )


def _written(default: Any) -> str:
    return "" if default is None else json.dumps(default)


def _kind(schema: dict[str, Any]) -> str:
    """The type of a field in one word; that it may be null, its being optional says."""
    types = schema.get("type", "string" if "enum" in schema else "object")
    return next(t for t in types if t != "null") if isinstance(types, list) else str(types)
