"""How answers leave: whole, in one write."""

from __future__ import annotations

import asyncio
from typing import Any

from gatepost.cli.one_write import OneWrite

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """A transport that notes each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.writes.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


async def turn() -> None:
    """Let the loop do what was put off to its next turn."""
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(done.set_result, None)
    await done


def wired() -> tuple[Wire, Any]:
    wire = Wire()
    return wire, OneWrite(wire, asyncio.get_running_loop())


async def test_a_head_leaves_with_its_body() -> None:
    wire, transport = wired()
    transport.write(HEAD)
    assert wire.writes == []
    transport.write(b"{}")
    assert wire.writes == [HEAD + b"{}"]
    await turn()
    assert wire.writes == [HEAD + b"{}"]


async def test_a_head_that_nothing_follows_leaves_alone() -> None:
    wire, transport = wired()
    transport.write(HEAD)
    await turn()
    assert wire.writes == [HEAD]


async def test_what_waits_leaves_before_the_end() -> None:
    wire, transport = wired()
    transport.write(HEAD)
    transport.close()
    assert (wire.writes, wire.closed, transport.is_closing()) == ([HEAD], True, True)
    await turn()
    assert wire.writes == [HEAD]


async def test_answers_in_a_row_keep_their_order() -> None:
    wire, transport = wired()
    for body in (b"11", b"22", b""):
        transport.write(HEAD)
        transport.write(body)
    transport.write(b"more")
    assert b"".join(wire.writes) == HEAD + b"11" + HEAD + b"22" + HEAD + b"more"
