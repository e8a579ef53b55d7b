"""The shapes of what goes over the wire, as JSON Schema (draft 2020-12), made from the types."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from gatepost.vocabulary.fields import Body, Query

Schema = dict[str, Any]

REF = "#/components/schemas/{name}"

_PROOF_OF_APP = {
    "client_id": "The app's id, where no header names it",
    "client_secret": "The app's secret, where the app proves itself in the body",
}
_FLAGS = ["True", "False", "TRUE", "FALSE", "1", "0", 1, 0]


def reference(name: str) -> Schema:
    """Where a named schema is."""
    return {"$ref": REF.format(name=name)}


def body_schemas(kinds: Iterable[type[Body]]) -> dict[str, Schema]:
    """Bodies, and what they are made of. Unknown fields are let through, nulls are as good as
    nothing, and a field that counts for one choice only is described with that choice."""
    kinds = list(kinds)
    named, schemas = _components(kinds)
    for kind, name in zip(kinds, named, strict=True):
        if "relevant" in vars(kind):
            schemas[name] = _by_choice(kind, schemas[name])
    return {name: _nullable(schema) for name, schema in schemas.items()}


def answer_schemas(kinds: Iterable[type[Struct]]) -> dict[str, Schema]:
    """Answers, and what they are made of: nothing is left out but what was not asked for."""
    _, schemas = _components(list(kinds))
    return {name: _complete(schema) for name, schema in schemas.items()}


def with_proof_of_app(schema: Schema) -> Schema:
    """A body that may also carry the app's id and secret."""
    proof = {
        name: {"type": ["string", "null"], "description": description}
        for name, description in _PROOF_OF_APP.items()
    }
    return schema | {"properties": schema["properties"] | proof}


def query_schemas(kind: type[Query]) -> dict[str, Schema]:
    """The parameters of a query by their names; a boolean may be written in several ways."""
    (name,), schemas = _components([kind])
    members = schemas[name]["properties"].items()
    return {parameter: _in_query(schema) for parameter, schema in members}


def _in_query(schema: Schema) -> Schema:
    """A parameter, which has no way to say null."""
    default = {} if schema.get("default") is None else {"default": schema["default"]}
    inner = {k: v for k, v in _without_null(schema).items() if k != "default"}
    if inner.get("type") == "boolean":
        inner = {"anyOf": [inner, {"enum": _FLAGS}]}
    return inner | default


def _components(kinds: list[Any]) -> tuple[list[str], dict[str, Schema]]:
    """The names of types and all schemas that they need."""
    references, schemas = msgspec.json.schema_components(kinds, ref_template=REF)
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema.get("description", ""))
    return [entry["$ref"].rpartition("/")[2] for entry in references], schemas


def _by_choice(kind: type[Body], schema: Schema) -> Schema:
    """A body in which one field chooses what else counts: asked of the type itself, as the
    parser does. What counts for one choice only is needed for it."""
    properties = dict(schema["properties"])
    chooser = next(name for name in schema["required"] if "enum" in properties[name])
    given: Schema = {name: {} for name in properties}
    counting = {
        choice: set(kind.relevant(given | {chooser: choice}).keys())
        for choice in properties[chooser]["enum"]
    }
    everywhere: set[str] = set.intersection(*counting.values())
    own = set(properties) - everywhere
    branches = []
    for choice, names in counting.items():
        needed = {n: _without_null(properties[n]) for n in properties if n in names & own}
        branch: Schema = {"title": choice, "properties": {chooser: {"const": choice}, **needed}}
        branches.append(branch | {"required": [chooser, *needed]})
    common = {name: value for name, value in properties.items() if name not in own}
    told = f"{schema['description']} What `{chooser}` does not choose is ignored."
    return schema | {"description": told, "properties": common, "oneOf": branches}


def _without_null(schema: Schema) -> Schema:
    found: Schema = next((s for s in schema.get("anyOf", []) if s != {"type": "null"}), schema)
    return found


def _nullable(schema: Schema) -> Schema:
    def shown(name: str, member: Schema) -> Schema:
        return member if name in schema["required"] else _or_null(member)

    return _with_members(schema, shown)


def _or_null(schema: Schema) -> Schema:
    """A schema that lets null through, in its short form where there is one."""
    default = {"default": schema["default"]} if schema.get("default") is not None else {}
    inner = {k: v for k, v in _without_null(schema).items() if k != "default"}
    if isinstance(inner.get("type"), str) and "enum" not in inner:
        return inner | {"type": [inner["type"], "null"]} | default
    return {"anyOf": [inner, {"type": "null"}]} | default


def _complete(schema: Schema) -> Schema:
    """What has a default is sent all the same; only what is unset stays away."""

    def shown(_: str, member: Schema) -> Schema:
        nullable = {"type": "null"} in member.get("anyOf", [])
        inner = {k: v for k, v in member.items() if k != "default"}
        return _or_null(inner) if nullable else inner

    if "properties" not in schema:
        return schema
    members = schema["properties"]
    always = [n for n in members if n in schema["required"] or "default" in members[n]]
    whole = _with_members(schema, shown)
    return whole | {"required": always, "additionalProperties": False}


def _with_members(schema: Schema, change: Callable[[str, Schema], Schema]) -> Schema:
    if "properties" not in schema:
        return schema
    changed = {name: change(name, member) for name, member in schema["properties"].items()}
    return schema | {"properties": changed}
