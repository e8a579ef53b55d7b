"""Random bytes from a stock: as good as those of the system, and never twice the same."""

from __future__ import annotations

import os
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatepost.chance import system_chance
from gatepost.vocabulary.identifiers import is_id, new_row_id, new_uuid


@pytest.mark.parametrize("count", [0, 1, 12, 16, 32, 33, 4096, 5000])
def test_as_many_octets_as_are_asked_for(count: int) -> None:
    assert len(system_chance(count)) == count


def test_no_octets_come_twice_whoever_asks() -> None:
    asked = 4000  # many times what the stock holds
    with ThreadPoolExecutor(8) as threads:
        drawn = list(threads.map(system_chance, [16] * asked))
    assert len(set(drawn)) == asked


def test_a_child_draws_other_octets_than_its_parent() -> None:
    system_chance(1)  # so that there is a stock to share
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, system_chance(32))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        drawn = pipe.read()
    os.waitpid(child, 0)
    assert len(drawn) == 32
    assert drawn != system_chance(32)


def test_every_bit_varies() -> None:
    drawn = [int.from_bytes(system_chance(32)) for _ in range(200)]
    always = drawn[0]
    ever = 0
    for number in drawn:
        always &= number
        ever |= number
    assert (always, ever) == (0, 2**256 - 1)


def test_uuids_are_of_version_4() -> None:
    read = [uuid.UUID(text) for text in (new_uuid(system_chance) for _ in range(200))]
    assert {(each.version, each.variant) for each in read} == {(4, uuid.RFC_4122)}
    assert {str(each)[19] for each in read} == set("89ab")
    assert len(set(read)) == 200
    assert new_uuid(bytes) == "00000000-0000-4000-8000-000000000000"


def test_ids_of_rows_are_ordered_by_their_instants() -> None:
    instants = [0, 1, 1_700_000_000_000, 2**48 - 1]
    ids = [new_row_id(system_chance, at) for at in instants]
    assert ids == sorted(ids)
    assert all(is_id(each) for each in ids)
    of_one_instant = {new_row_id(system_chance, 1_700_000_000_000) for _ in range(1000)}
    assert len(of_one_instant) == 1000
