"""What a guard is to the tests of mutants."""

from __future__ import annotations

from typing import NamedTuple


class Guard(NamedTuple):
    """A guard. `old` is its text in `file`, `new` what stands there once it is gone."""

    name: str
    file: str
    old: str
    new: str
    caught_by: tuple[str, ...]
