"""The reference, made from the code at each build: it cannot say what is not so."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from typing import Any

import click
import msgspec
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from gatepost.api.openapi import description
from gatepost.api.routes import ROUTES
from gatepost.cli import commands
from gatepost.management.apps import AppConfig
from gatepost.settings import PREFIX, Settings
from gatepost.vocabulary.refusals import Refusal
from gatepost.vocabulary.user_pool import PoolSettings


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that nobody writes."""
    for name, lines in (
        ("endpoints", endpoints()),
        ("commands", command_pages()),
        ("settings", settings()),
        ("pools-and-apps", pools_and_apps()),
    ):
        content = "\n".join(lines) + "\n"
        files.append(File.generated(config, f"reference/{name}.md", content=content))
    return files


def table(*head: str) -> Iterator[str]:
    """The head of a table."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)


def cell(text: str) -> str:
    """A text that ends no cell and is no markup."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def endpoints() -> Iterator[str]:
    """Every operation of the OpenAPI description, with what it takes."""
    document = description(ROUTES, "https://login.example.com")
    yield "# Endpoints"
    yield "\nEvery running server has the same, with schemas and examples, at `/docs`.\n"
    refused = {(route.method, route.path): route.refuses for route in ROUTES}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"## `{method.upper()} {path}`\n"
            yield f"{operation.get('summary', '')}\n"
            yield operation.get("description", "").replace("<", "&lt;") + "\n"
            yield from _refusals(refused.get((method.upper(), path), ()))


def _refusals(kinds: Iterable[type[Refusal]]) -> Iterator[str]:
    """What an endpoint itself says no with, beside what every endpoint of its kind does."""
    if not kinds:
        return
    yield from table("refusal", "statusCode", "apiCode", "when")
    for kind in kinds:
        about = cell(inspect.getdoc(kind) or "")
        yield f"| `{kind.__name__}` | {kind.status} | {kind.api_code or ''} | {about} |"
    yield ""


def command_pages() -> Iterator[str]:
    """Every command, as `--help` tells it."""
    yield "# Commands"
    yield from _commands("gatepost", commands)


def _commands(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name, max_content_width=88)
    yield f"\n## `{name}`\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for inner_name, inner in sorted(command.commands.items()):
            yield from _commands(f"{name} {inner_name}", inner)


def settings() -> Iterator[str]:
    """Settings of a process, with their defaults."""
    yield "# Settings of the server\n"
    yield "From the environment, or under the same names from `gatepost.toml` in the folder where"
    yield "the server starts; the environment wins. What each means is told in the `README.md`.\n"
    yield from table("setting", "default")
    for field in msgspec.structs.fields(Settings):
        default = "" if field.default in (None, "", ()) else f"`{field.default}`"
        yield f"| `{PREFIX}{field.name.upper()}` | {default} |"


def pools_and_apps() -> Iterator[str]:
    """Settings that commands change in the database."""
    yield "# Settings of pools and apps"
    for title, kind in (("gatepost pool set", PoolSettings), ("gatepost app set", AppConfig)):
        schema = msgspec.json.schema(kind)
        yield f"\n## `{title}`\n"
        yield from table("setting", "default", "may be")
        yield from _rows("", schema["$defs"][kind.__name__], schema["$defs"])


def _rows(prefix: str, shape: dict[str, Any], defs: dict[str, Any]) -> Iterator[str]:
    for name, member in shape["properties"].items():
        target = defs.get(str(member.get("$ref", "")).rpartition("/")[2], {})
        inner = target if "properties" in target else None
        if inner is None and "anyOf" not in member and "properties" in member:
            inner = member
        if inner is not None:
            yield from _rows(f"{prefix}{name}.", inner, defs)
            continue
        default = msgspec.json.encode(member.get("default")).decode()
        yield f"| `{prefix}{name}` | `{cell(default)}` | {cell(_range(target or member))} |"


def _range(member: dict[str, Any]) -> str:
    if "enum" in member:
        return ", ".join(str(value) for value in member["enum"])
    if "minimum" in member:
        upper = f" to {member['maximum']:,}" if "maximum" in member else ""
        return f"{member['minimum']:,}{upper}"
    return {"boolean": "true, false", "array": "a list, by commas"}.get(member.get("type", ""), "")
