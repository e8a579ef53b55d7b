"""When lines of the log reach whoever reads it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gatepost.log import BUFFER, Log


class Reader(io.RawIOBase):
    """The far end: what reached it, and how often something did."""

    def __init__(self) -> None:
        super().__init__()
        self.read_so_far = b""
        self.times = 0
        self.came = asyncio.Event()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        octets = bytes(data)  # type: ignore[call-overload]
        self.read_so_far += octets
        self.times += 1
        self.came.set()
        return len(octets)


def log_to(reader: Reader) -> Log:
    return Log(lambda: 0, "info", io.BufferedWriter(reader, BUFFER))


async def test_lines_that_come_together_are_handed_over_together_and_soon() -> None:
    reader = Reader()
    log = log_to(reader)
    for number in range(50):
        log.write("info", "request", number=number)
        await asyncio.sleep(0)
    assert reader.times == 0
    async with asyncio.timeout(10):
        await reader.came.wait()
    assert reader.times == 1
    assert [json.loads(line)["number"] for line in reader.read_so_far.splitlines()] == [*range(50)]


async def test_an_error_is_handed_over_at_once_with_all_before_it() -> None:
    reader = Reader()
    log = log_to(reader)
    log.write("info", "before")
    log.write("error", "now")
    assert [json.loads(line)["event"] for line in reader.read_so_far.splitlines()] == [
        "before",
        "now",
    ]


def test_without_a_loop_nothing_waits() -> None:
    reader = Reader()
    log_to(reader).write("info", "alone")
    assert reader.times == 1


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_the_last_lines_of_a_process_are_not_lost(unbuffered: str) -> None:
    program = (
        "import asyncio\n"
        "from gatepost.log import Log\n"
        "async def main():\n"
        "    log = Log(lambda: 0, 'info')\n"
        "    for n in range(3): log.write('info', 'line', n=n)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert [json.loads(line)["n"] for line in done.stderr.splitlines()] == [0, 1, 2]


def test_what_stands_in_the_place_of_standard_error_is_written_to_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(octets))
    Log(lambda: 0, "info").write("info", "line")
    assert json.loads(octets.getvalue())["event"] == "line"


def test_a_file_in_the_place_of_standard_error_may_be_closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its number may then be that of another file, which must not be written to."""
    with (tmp_path / "captured").open("w") as captured:
        monkeypatch.setattr(sys, "stderr", captured)
        log = Log(lambda: 0, "info")
    with (tmp_path / "other").open("wb") as other:
        assert other.fileno() >= 0
        with pytest.raises(ValueError, match="closed"):
            log.write("info", "line")
    assert (tmp_path / "other").read_bytes() == b""
