"""Between rows and the words they stand for."""

from __future__ import annotations

import msgspec


def columns(struct: type[msgspec.Struct], **elsewhere: str) -> str:
    """The columns of a struct, in its order; `elsewhere` names those called otherwise."""
    return ", ".join(elsewhere.get(name, name) for name in struct.__struct_fields__)
