"""CPU and memory as the benchmark counts them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.measure.accounting import TICK_SECONDS, cost, family, process_seconds, resident

BURN = """
import os, subprocess, sys, time
is_parent = len(sys.argv) == 1
if is_parent:
    subprocess.run([sys.executable, __file__, "child"])
while time.process_time() < 0.3:
    pass
if is_parent:
    print("done", flush=True)
    sys.stdin.read()
"""


THREADS = """
import sys, threading, time

def burn():
    while time.thread_time() < 0.1:
        pass

threads = [threading.Thread(target=burn) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(time.process_time(), flush=True)
sys.stdin.read()
"""


def no_clock(_: int) -> None:
    """The clock of a process that ended between two looks."""


def process(proc: Path, pid: int, parent: int, times: str, kib: int, name: str = "x") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 1 1 0 -1 0 0 0 0 0 {times} 20 0 1 0\n")
    (folder / "status").write_text(f"Name:\t{name}\nVmRSS:\t{kib} kB\n")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    process(tmp_path, 10, 1, "100 20 3 4", 1000)
    process(tmp_path, 11, 10, "7 1 0 0", 500, name="a (strange) name")
    process(tmp_path, 12, 11, "2 0 0 0", 250)
    process(tmp_path, 13, 1, "9000 0 0 0", 9000)
    (tmp_path / "meminfo").write_text("")
    return tmp_path


def test_workers_of_workers_belong_to_the_family(proc: Path) -> None:
    assert sorted(family(10, proc)) == [10, 11, 12]


def test_cost_is_user_and_system_of_the_living_and_of_the_ended(proc: Path) -> None:
    found = cost(10, proc, no_clock)
    assert found.seconds == pytest.approx((127 + 8 + 2) * TICK_SECONDS)


def test_the_living_are_read_from_their_clocks_the_ended_from_ticks(proc: Path) -> None:
    clocks = {10: 1.2000001, 11: 0.0800002, 12: None}
    found = cost(10, proc, clocks.get)
    assert found.seconds == pytest.approx(1.2800003 + (7 + 2) * TICK_SECONDS, abs=1e-9)


def test_a_process_is_read_more_exactly_than_in_ticks() -> None:
    before = time.process_time()
    found = process_seconds(os.getpid())
    assert found is not None and before <= found <= time.process_time()


def test_threads_that_ended_have_cost_what_they_did() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as burner:
        assert burner.stdout is not None and burner.stdin is not None
        itself = float(burner.stdout.readline())
        found = cost(burner.pid).seconds
        burner.stdin.close()
    assert itself >= 0.3
    assert itself <= found <= itself + 0.1


def test_memory_is_that_of_the_whole_family(proc: Path) -> None:
    assert resident(10, proc) == 1750 * 1024


def test_a_process_that_is_gone_costs_nothing_more(proc: Path) -> None:
    assert cost(99, proc, no_clock).seconds == 0.0
    assert resident(99, proc) == 0


def test_real_work_is_counted_with_that_of_a_child_that_ended(tmp_path: Path) -> None:
    script = tmp_path / "burn.py"
    script.write_text(BURN)
    before = cost(os.getpid())
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as burner:
        assert burner.stdout is not None and burner.stdin is not None
        assert burner.stdout.readline() == b"done\n"
        spent = cost(burner.pid)
        burner.stdin.close()
    assert spent.seconds >= 0.6 - 4 * TICK_SECONDS
    assert cost(os.getpid()).since(before) >= spent.seconds - 4 * TICK_SECONDS
