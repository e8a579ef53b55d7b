"""What the reference page shows, read out of the description of the API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shlex import quote
from typing import Any

from msgspec import Struct

from gatepost.web.fields import Components, Field

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Outcome(Struct, frozen=True):
    """One way in which a call may end."""

    name: str
    http: str
    status: str
    api_code: str
    when: str
    message: str


class Example(Struct, frozen=True):
    """A request to paste into a shell."""

    summary: str
    command: str


class Operation(Struct, frozen=True):
    """One endpoint."""

    anchor: str
    method: str
    path: str
    summary: str
    about: tuple[str, ...]
    access: str
    headers: tuple[Field, ...]
    query: tuple[Field, ...]
    body: tuple[Field, ...]
    body_about: str
    examples: tuple[Example, ...]
    answer: str
    answer_fields: tuple[Field, ...]
    outcomes: tuple[Outcome, ...]


class Reference:
    """A description, in the order and words of a page."""

    def __init__(self, description: dict[str, Any]) -> None:
        self._description = description
        self._parts = Components(description["components"])
        self._schemas: dict[str, Any] = description["components"]["schemas"]
        self.title: str = description["info"]["title"]
        self.version: str = description["info"]["version"]
        self.summary: str = description["info"]["summary"]
        self.about: list[str] = description["info"]["description"].split("\n\n")
        self.origin: str = description["servers"][0]["url"]

    def groups(self) -> list[tuple[str, list[Operation]]]:
        """The operations by their tag."""
        found: dict[str, list[Operation]] = {t["name"]: [] for t in self._description["tags"]}
        for path, methods in self._description["paths"].items():
            for method, operation in methods.items():
                shown = self._operation(method.upper(), path, operation)
                found[operation["tags"][0]].append(shown)
        return list(found.items())

    def refusals(self) -> list[Outcome]:
        """Every refusal that any operation knows, by its codes."""
        found: dict[str, Outcome] = {}
        for _, operations in self.groups():
            for operation in operations:
                found = {outcome.name: outcome for outcome in operation.outcomes} | found
        for name, http in (("PathUnknown", "404"), ("MethodNotAllowed", "405")):
            found[name] = self._outcome(name, http)
        refused = [outcome for outcome in found.values() if outcome.status not in ("", "200")]
        return sorted(refused, key=_by_codes)

    def _operation(self, method: str, path: str, operation: dict[str, Any]) -> Operation:
        schema = _json(operation.get("requestBody", {})).get("schema", {})
        parameters = [self._parts.resolved(p) for p in operation.get("parameters", [])]
        answer, answer_schema = self._success(operation["responses"])
        return Operation(
            anchor=operation["operationId"],
            method=method,
            path=path,
            summary=operation["summary"],
            about=tuple(filter(None, operation.get("description", "").split("\n\n"))),
            access=_access(operation),
            headers=tuple(self._parts.parameter(p) for p in parameters if p["in"] == "header"),
            query=tuple(self._parts.parameter(p) for p in parameters if p["in"] == "query"),
            body=tuple(self._parts.fields(schema)),
            body_about=self._parts.resolved(schema).get("description", ""),
            examples=tuple(self._examples(method, path, operation)),
            answer=answer,
            answer_fields=tuple(self._parts.fields(answer_schema)),
            outcomes=tuple(self._outcomes(operation["responses"])),
        )

    def _examples(self, method: str, path: str, operation: dict[str, Any]) -> Iterator[Example]:
        request = operation.get("requestBody", {})
        bodies = _json(request).get("examples", {})
        is_form = FORM in request.get("content", {})
        for shown in bodies.values() or [{"summary": "", "value": None}]:
            parts = [f"curl {self.origin}{path}" if method in ("GET", "POST") else ""]
            security = operation.get("security", [])
            if {"accessToken": []} in security and {} not in security:
                parts.append('-H "authorization: Bearer $ACCESS_TOKEN"')
            elif security:
                parts.append('-H "x-genauth-app-id: $APP_ID"')
            if is_form and shown["value"] is not None:
                fields = shown["value"].items()
                parts += [f"--data-urlencode {quote(f'{name}={text}')}" for name, text in fields]
            elif shown["value"] is not None:
                parts.append("-H 'content-type: application/json'")
                body = _indented(shown["value"]).replace("\n", "\n  ")
                parts.append(f"-d {quote(body)}")
            yield Example(shown["summary"], " \\\n  ".join(parts))

    def _success(self, responses: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """What is answered where all went well: shown, and the schema of what it carries."""
        content = _json(responses["200"])
        schema = content["schema"].get("oneOf", [content["schema"]])[0]
        whole = self._parts.resolved(schema)
        if "statusCode" not in whole.get("properties", {}):
            example = content.get("example")
            return (_indented(example) if example else ""), schema
        shown = whole.get("examples")
        return (_indented(shown[0]) if shown else ""), whole["properties"].get("data", {})

    def _outcomes(self, responses: dict[str, Any]) -> Iterator[Outcome]:
        for http, response in responses.items():
            schema = _json(response)["schema"]
            for outcome in schema.get("oneOf") or schema.get("anyOf") or [schema]:
                name = outcome.get("$ref", "").rpartition("/")[2]
                if "statusCode" in self._schemas.get(name, {}).get("properties", {}):
                    yield self._outcome(name, http)
                elif "error" in self._schemas.get(name, {}).get("properties", {}):
                    yield self._oauth_outcome(name, http)
                elif http == "200":
                    yield Outcome("", http, "", "", "It was done; there is no envelope.", "")

    def _outcome(self, name: str, http: str) -> Outcome:
        schema = self._schemas[name]
        constants = {k: str(v["const"]) for k, v in schema["properties"].items() if "const" in v}
        said = schema.get("examples", [{}])[0]
        status, api_code = constants["statusCode"], constants.get("apiCode", "")
        when, message = schema["description"], said.get("message", "")
        return Outcome(name, http, status, api_code, when, message)

    def _oauth_outcome(self, name: str, http: str) -> Outcome:
        schema = self._schemas[name]
        error, shown = schema["properties"]["error"]["const"], schema["examples"][0]
        return Outcome(name, http, error, "", schema["description"], shown["error_description"])


def _by_codes(outcome: Outcome) -> tuple[int, int, str]:
    """The order of refusals: by their codes, then those that have words for them."""
    status = int(outcome.status) if outcome.status.isdigit() else 1000
    return status, int(outcome.api_code or 0), outcome.name


def _json(content: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = content.get("content", {}).get(JSON, {})
    return found


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _access(operation: dict[str, Any]) -> str:
    security = operation.get("security")
    if not security:
        return "Open to everyone"
    if {} not in security:
        return "Needs an access token"
    return "Needs an app ID"
