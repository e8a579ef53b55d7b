"""Turn a flood away before a byte of its bodies is read."""

from __future__ import annotations

from gatepost.vocabulary.refusals import Overloaded, TooManyAtOnce

MOST_OF_ONE_CLIENT = 256
MOST_OF_ALL = 4096
RETRY_SECONDS = 1


class FloodGuard:
    """Counts the requests under way in this process, of each client address and of all.

    Back-ends that speak for many people are only counted with all.
    """

    def __init__(
        self, most_of_one_client: int = MOST_OF_ONE_CLIENT, most_of_all: int = MOST_OF_ALL
    ) -> None:
        self._most_of_one_client = most_of_one_client
        self._most_of_all = most_of_all
        self._under_way: dict[str, int] = {}
        self._total = 0

    def entered(self, client: str | None) -> _Place:
        """Hold a place while a request is under way. Refuses: TooManyAtOnce, Overloaded."""
        return _Place(self, client)

    def enter(self, client: str | None) -> None:
        """Take a place. Refuses as `entered` does."""
        if self._total >= self._most_of_all:
            raise Overloaded(RETRY_SECONDS)
        own = self._under_way.get(client, 0) if client else 0
        if own >= self._most_of_one_client:
            raise TooManyAtOnce(RETRY_SECONDS)
        self._total += 1
        if client:
            self._under_way[client] = own + 1

    def leave(self, client: str | None) -> None:
        """Give a place back."""
        self._total -= 1
        if not client:
            return
        left = self._under_way[client] - 1
        if left:
            self._under_way[client] = left
        else:
            del self._under_way[client]


class _Place:
    """One request's place: taken and given back once."""

    __slots__ = ("_client", "_guard")

    def __init__(self, guard: FloodGuard, client: str | None) -> None:
        self._guard = guard
        self._client = client

    def __enter__(self) -> None:
        self._guard.enter(self._client)

    def __exit__(self, *_error: object) -> None:
        self._guard.leave(self._client)
