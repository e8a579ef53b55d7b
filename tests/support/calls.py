"""What goes over the wire, and who it is from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.world import App, Person

EMAIL = "ann@example.com"
NEW_EMAIL = "ann.lee@example.com"
NEW_PASSWORD = "a wholly different one"


@dataclass(frozen=True)
class Call:
    """What goes over the wire, but for method and path."""

    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    def with_body(self, **changes: Any) -> Call:
        """The same call with other fields in its body."""
        return replace(self, body=self.body | changes)

    def with_headers(self, **changes: str | None) -> Call:
        """The same call with other headers; None leaves one out."""
        given = self.headers | {n.replace("_", "-"): v for n, v in changes.items()}
        return replace(self, headers={n: v for n, v in given.items() if v is not None})


def by_app(app: App) -> dict[str, str]:
    """The headers of a call that names its app."""
    return {"x-genauth-app-id": app.app_id}


def by_person(person: Person) -> dict[str, str]:
    """The headers of a call by somebody signed in."""
    return by_app(person.app) | {"authorization": f"Bearer {person.token}"}
