"""The unit of work, as the rest of the house sees it, whichever engine keeps the data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from gatepost.storage.statement import Statement
from gatepost.storage.workload import Connections, Workload

T = TypeVar("T")


class Row(Protocol):
    """A row: its columns by position, in the order that the statement names them."""

    def __getitem__(self, position: int | slice, /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...


Clock = Callable[[], int]
"""Milliseconds since the epoch, UTC."""

CLOCKS_MAY_DIFFER = 60_000
"""Milliseconds by which clocks of nodes may be apart: what comes from no later than that is of
another node, and what comes from later is of a clock that was wrong."""


class UniqueViolation(Exception):
    """A unique index said no. `column` is the last column of that index."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


class Reader(Protocol):
    """Reads what is committed; each statement for itself."""

    now: int

    async def one(self, statement: Statement, /, **parameters: Any) -> Row | None:
        """The first row, or None."""

    async def all(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        """Every row."""

    async def both(
        self, first: Statement, second: Statement, /, **parameters: Any
    ) -> tuple[Sequence[Row], Sequence[Row]]:
        """Every row of two statements, neither of which depends on the other.

        They may go to the database together, the first before the second.
        """


class Transaction(Reader, Protocol):
    """One unit of work: all of it is committed, or none, or what was kept before a refusal.

    `now` is the instant at which the unit began to run. A unit awaits nothing but its
    transaction: on SQLite it is driven to its end without a pause.
    """

    async def run(self, statement: Statement, /, **parameters: Any) -> int:
        """Change rows; says how many. Raises UniqueViolation."""

    def later(self, statement: Statement, /, **parameters: Any) -> None:
        """Change rows before the unit ends, without a word on what came of it.

        All that is left for later may go to the database together and in any order: nothing
        else in the unit may depend on it, no two may change one row to different ends, and none
        one that another adds. Where a statement says what to refuse if it misses, or if a unique
        index says no, that is refused, and the unit undone, at the latest when it ends.
        """

    def keep(self) -> None:
        """What was done so far is committed even if the unit ends in a refusal.

        Nothing that was left for later may be able to refuse.
        """

    def on_commit(self, callback: Callable[[], None]) -> None:
        """Call back once the unit is committed, never if it is not."""


Work = Callable[[Transaction], Awaitable[T]]


class Database(Protocol):
    """A place to keep things. Every way in raises Overloaded where the storage is away."""

    workload: Workload

    def connections(self) -> Connections:
        """How busy the connections are at this moment."""

    async def unit(self, work: Work[T]) -> T:
        """Run `work` in one unit and answer once it is durable.

        `work` may be called again after a conflict, so it changes nothing outside the
        transaction. It goes on to its end even if the caller goes away.
        """

    async def once(self, statement: Statement, /, **parameters: Any) -> Sequence[Row]:
        """One statement as a unit of its own; its rows."""

    def reader(self) -> Reader:
        """A reader of the instant it is made."""

    async def schema_version(self) -> str | None:
        """The version the schema is at; None in an empty database."""

    async def run_script(self, expected: str | None, script: str) -> bool:
        """Run a migration's script in one transaction, alone among all processes.

        False, and nothing done, where the schema is no longer at the version `expected`.
        """

    async def close(self) -> None:
        """Finish what was accepted, then let go of every connection."""
