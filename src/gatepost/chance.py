"""Random bytes of the system, fetched for some hundred ids at once."""

from __future__ import annotations

import os

_BLOCK = 32
"""Octets that most who ask want at most."""

_BLOCKS = 128

_stock: list[bytes] = []
os.register_at_fork(after_in_child=_stock.clear)  # or parent and child would draw the same


def system_chance(count: int) -> bytes:
    """So many random bytes, as `secrets.token_bytes` gives them.

    A call of the system for each costs several times what the rest of an id does. A block is
    handed out once, whichever thread asks: taking one off a list is one step in Python.
    """
    if count > _BLOCK:
        return os.urandom(count)
    try:
        return _stock.pop()[:count]
    except IndexError:
        fresh = os.urandom(_BLOCK * _BLOCKS)
        blocks = [fresh[at : at + _BLOCK] for at in range(0, len(fresh), _BLOCK)]
        _stock.extend(blocks[1:])
        return blocks[0][:count]
