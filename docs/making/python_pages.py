"""The reference of what Python people import: signatures and docstrings, as they stand."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ForwardRef, Literal, get_args, get_origin, is_typeddict

import gatepost_client
from docs.making.markdown import MADE, cell, code, fenced, table
from gatepost import testing
from gatepost.testing import Emulator, Gatepost
from gatepost_client import AuthenticationClient, GatepostError, payloads
from gatepost_client.records import Record
from gatepost_client.synchronous.session import Session

WIDTH = 88
CLIENT_INTRO = """
How it is used: [The Python client](../how-to/python-client.md). Here stands the synchronous
client; `AsyncAuthenticationClient` has the same methods, to be awaited. What the exceptions below
`Refusal` are called and when they come: [Refusals](refusals.md).
"""
TESTING_INTRO = """
How it is used: [Test your app with Gatepost](../how-to/test-your-app.md). With pytest, a test that
takes `gatepost` has a `Gatepost` of its own, and `gatepost_emulator` is the `Emulator` behind it.
"""


def client_page() -> str:
    """The client with all its methods, what they answer, take and raise."""
    public = [getattr(gatepost_client, name) for name in gatepost_client.__all__]
    kinds = [it for it in public if inspect.isclass(it)]
    return "\n".join(
        [
            MADE,
            "# The Python client in full",
            CLIENT_INTRO,
            *_client(),
            "## Answers\n",
            *_kind(gatepost_client.Answer),
            "## What answers have as data\n",
            f"{inspect.getdoc(Record)}\n",
            *_each([it for it in kinds if issubclass(it, Record)]),
            "## What goes in as payloads and options\n",
            *_words(),
            *_each([it for it in vars(payloads).values() if is_typeddict(it)]),
            "## What is raised\n",
            *_each([it for it in kinds if issubclass(it, GatepostError)]),
        ]
    )


def testing_page() -> str:
    """What `gatepost.testing` has."""
    parts = [MADE, "# gatepost.testing in full", TESTING_INTRO]
    for kind in [getattr(testing, name) for name in testing.__all__]:
        parts.append(f"## `{kind.__name__}`\n")
        if kind in (Emulator, Gatepost):  # the others are made by these
            parts.append(fenced(_signature(kind.__name__, kind), "python"))
        parts += _kind(kind)
    return "\n".join(parts)


def _client() -> Iterator[str]:
    yield "## `AuthenticationClient`\n"
    yield fenced(_signature("AuthenticationClient", AuthenticationClient), "python")
    yield f"{inspect.getdoc(AuthenticationClient)}\n"
    for family in (AuthenticationClient, *AuthenticationClient.__bases__, *Session.__bases__):
        own = _methods(family)
        yield f"## {_heading(family)}\n"
        if family is not AuthenticationClient:
            yield f"{inspect.getdoc(family)}\n"
        for name, method in own.items():
            yield from _function(name, method)


def _heading(family: type) -> str:
    """`SigningIn` as people say it."""
    if family is AuthenticationClient:
        return "Users and connections"
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", family.__name__).capitalize()


def _each(kinds: Iterable[type]) -> Iterator[str]:
    for kind in kinds:
        yield f"### `{kind.__name__}`\n"
        yield from _kind(kind)


def _kind(kind: type) -> Iterator[str]:
    """A class: what it is, has and does."""
    yield f"{inspect.getdoc(kind)}\n"
    yield table(("attribute", "type"), _fields(kind))
    yield table(("attribute", "type", "meaning"), _properties(kind))
    for name, method in _methods(kind).items():
        yield from _function(f"{kind.__name__}.{name}", method)


def _fields(kind: type) -> Iterator[tuple[str, str]]:
    made_with = inspect.get_annotations(kind.__init__) if hasattr(kind, "__slots__") else {}
    slots = {name: made_with[name] for name in getattr(kind, "__slots__", ()) if name in made_with}
    for name, of in (slots | inspect.get_annotations(kind)).items():
        if not name.startswith("_") and "ClassVar" not in _plain(of):
            yield code(name), code(_plain(of))


def _properties(kind: type) -> Iterator[tuple[str, str, str]]:
    for name, member in vars(kind).items():
        if isinstance(member, property) and member.fget:
            of = inspect.get_annotations(member.fget)["return"]
            yield code(name), code(_plain(of)), cell(inspect.getdoc(member) or "")


def _words() -> Iterator[str]:
    """The types that are a choice of words."""
    chosen = {name: it for name, it in vars(payloads).items() if get_origin(it) is Literal}
    rows = [(code(name), ", ".join(map(code, get_args(it)))) for name, it in chosen.items()]
    yield table(("type", "one of"), rows)


def _function(name: str, method: Callable[..., Any]) -> Iterator[str]:
    yield f"### `{name}`\n"
    yield fenced(_signature(name.rpartition(".")[2], method), "python")
    yield f"{inspect.getdoc(method)}\n"


def _methods(kind: type) -> dict[str, Callable[..., Any]]:
    return {
        name: member
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }


def _signature(name: str, of: Callable[..., Any]) -> str:
    """`name(…) -> …`, one parameter a line where it is long."""
    signature = inspect.signature(of)
    shown = list(_separated(signature))
    answer = signature.return_annotation
    end = "" if answer in (signature.empty, None, "None") else f" -> {_plain(answer)}"
    line = f"{name}({', '.join(shown)}){end}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {it}," for it in shown), f"){end}"])


def _separated(signature: inspect.Signature) -> Iterator[str]:
    """The parameters, and the `*` before those that only go by name."""
    named = False
    for it in signature.parameters.values():
        if it.name == "self":
            continue
        if it.kind is it.KEYWORD_ONLY and not named:
            named = True
            yield "*"
        default = "" if it.default is it.empty else f" = {it.default!r}"
        yield f"{it.name}: {_plain(it.annotation)}{default}"


def _plain(annotation: Any) -> str:
    if isinstance(annotation, ForwardRef):  # what a TypedDict makes of a text
        return annotation.__forward_arg__
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
