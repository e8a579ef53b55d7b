"""Finding the endpoint: paths are fixed texts, so a dictionary does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from gatepost.api.endpoint import Endpoint, Function
from gatepost.api.http import Reply, Request
from gatepost.context import Context
from gatepost.vocabulary.refusals import MethodNotAllowed, PathUnknown, Refusal


class Route(Struct, frozen=True):
    """One line of the table: a method, a path, a function, and what it may refuse.

    `bare` answers go out without the envelope, `oauth` ones also refuse as RFC 6749 says.
    `refuses` names what the function itself says no with, beside what every endpoint of its
    kind does. `tag` groups it in the description, where a route without one is left out.
    `event` is the step's name in the audit log, where its refusals are kept too; what only
    looks has none. `refused` says a refusal to people, where the envelope would be for programs.
    """

    method: str
    path: str
    function: Function
    tag: str = ""
    refuses: tuple[type[Refusal], ...] = ()
    bare: bool = False
    oauth: bool = False
    event: str = ""
    refused: Callable[[Context, Request, Refusal], Reply] | None = None


class Table:
    """All routes by path and method."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_path: dict[str, dict[str, tuple[Route, Endpoint]]] = {}
        for route in routes:
            methods = self._by_path.setdefault(route.path, {})
            if route.method in methods:
                raise ValueError(f"two routes for {route.method} {route.path}")
            methods[route.method] = (route, Endpoint(route.function))

    def find(self, request: Request) -> tuple[Route, Endpoint]:
        """The route of a request; HEAD goes where GET does.

        Refuses: PathUnknown, MethodNotAllowed.
        """
        methods = self._by_path.get(request.path)
        if methods is None:
            raise PathUnknown
        method = "GET" if request.method == "HEAD" else request.method
        found = methods.get(method)
        if found is None:
            raise MethodNotAllowed
        return found

    def methods(self, request: Request) -> list[str]:
        """The methods that a request's path knows, OPTIONS among them; none if it is unknown."""
        methods = self._by_path.get(request.path, {})
        head = ["HEAD"] if "GET" in methods else []
        return [*methods, *head, "OPTIONS"] if methods else []
