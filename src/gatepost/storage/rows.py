"""Between rows and the words they stand for."""

from __future__ import annotations

import msgspec


def columns(struct: type[msgspec.Struct], of: str = "", **elsewhere: str) -> str:
    """The columns of a struct, in its order, `of` a table that goes by a name of its own.

    `elsewhere` names those called otherwise.
    """
    table = f"{of}." if of else ""
    return ", ".join(table + elsewhere.get(name, name) for name in struct.__struct_fields__)
