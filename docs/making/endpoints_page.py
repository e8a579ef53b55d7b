"""The reference of endpoints: what `/openapi.json` says, with every refusal."""

from __future__ import annotations

from collections.abc import Iterator

from docs.making.markdown import MADE, cell, code, fenced, table
from gatepost.api.openapi import description
from gatepost.api.routes import ENDPOINTS
from gatepost.web.fields import Field
from gatepost.web.reference import Operation, Outcome, Reference

ORIGIN = "http://127.0.0.1:8080"
OUTCOMES = ("outcome", "HTTP", "code", "apiCode", "when")
REFUSALS_INTRO = """\
By `statusCode` and `apiCode`; the endpoints below `/oidc` answer with the `error` of RFC 6749
instead. Which endpoint knows which: [Endpoints](endpoints.md). Messages come in four languages;
this is the English.
"""


def endpoints_page() -> str:
    """Every endpoint with its fields and outcomes."""
    reference = Reference(description(ENDPOINTS, ORIGIN))
    about = [f"{part}\n" for part in reference.about]
    parts = [MADE, "# Endpoints\n", *about]
    for group, operations in reference.groups():
        parts.append(f"## {group}\n")
        for operation in operations:
            parts += _operation(operation)
    return "\n".join(parts)


def refusals_page() -> str:
    """Every refusal of any endpoint, by its codes."""
    found = Reference(description(ENDPOINTS, ORIGIN)).refusals()
    rows = [(code(o.name), o.status, o.api_code, cell(o.when), cell(o.message)) for o in found]
    return "\n".join(
        [
            MADE,
            "# Refusals\n",
            REFUSALS_INTRO,
            table(("refusal", "code", "apiCode", "when", "message"), rows),
        ]
    )


def _operation(operation: Operation) -> Iterator[str]:
    yield f"### `{operation.method} {operation.path}`\n"
    yield f"{cell(operation.summary)} {operation.access}.\n"
    yield from (f"{cell(part)}\n" for part in operation.about)
    heads = ("field", "type", "meaning", "default")
    yield from _titled("Query", table(heads, map(_field, operation.query)))
    yield from _titled("Body", table(heads, map(_field, operation.body)))
    yield from _titled("Answer", table(heads, map(_field, operation.answer_fields)))
    if operation.answer:
        yield fenced(operation.answer, "json")
    yield from _titled("Outcomes", table(OUTCOMES, map(_outcome, operation.outcomes)))


def _titled(title: str, shown: str) -> Iterator[str]:
    if shown:
        yield f"**{title}**\n"
        yield shown


def _field(field: Field) -> tuple[str, str, str, str]:
    name = f"{code(field.name)}{' (required)' if field.required else ''}"
    values = f"One of {', '.join(map(code, field.values))}." if field.values else ""
    only = f"With {code(field.only_for)}." if field.only_for else ""
    about = " ".join(filter(None, (only, cell(field.about), values)))
    return name, field.kind, about, code(field.default)


def _outcome(outcome: Outcome) -> tuple[str, str, str, str, str]:
    return (
        code(outcome.name),
        outcome.http,
        outcome.status,
        outcome.api_code,
        cell(outcome.when),
    )
