"""What Mallory, who can write to the database but has no server key, cannot hide."""

from __future__ import annotations

from tests.support.audit_bench import AuditBench, happened

NO_DIGEST = "row x has no digest"
COPY = (
    "INSERT INTO audit_log SELECT 'x', at, event, succeeded, user_pool_id, app_id, user_id,"
    " session_id, request_id, client_address, user_agent, detail, refusal, api_code, times,"
    " salt, personal, key_id, {digest}, {seal} FROM audit_log WHERE id = 'b2'"
)
OF_ROWS = {
    **dict.fromkeys(("at", "succeeded", "api_code", "times"), "{name} + 1"),
    **dict.fromkeys(
        ("event", "user_pool_id", "app_id", "user_id", "session_id", "request_id", "detail",
         "client_address", "user_agent", "refusal", "salt", "personal", "key_id", "digest"),
        "'other'",
    ),
}  # fmt: skip
OF_SEALS = {
    **dict.fromkeys(("sealed_at", "settled_at", "row_count"), "{name} + 1"),
    **dict.fromkeys(("rows_digest", "erased", "previous", "key_id", "digest"), "'ann'"),
}
OF_THE_CHAIN = {
    **dict.fromkeys(("seals", "sealed_at", "settled_at", "emptied", "erased"), "{name} + 1"),
    **dict.fromkeys(("last_digest", "key_id", "digest"), "'other'"),
    "adopted": "0",
}
UNSEAL_C = "UPDATE audit_log SET seal = NULL WHERE seal = 3"
ERASE_B2 = (
    "UPDATE audit_log SET client_address = 'erased', user_agent = 'erased', salt = NULL"
    " WHERE id = 'b2'"
)
SET_BACK = (
    "UPDATE audit_chain SET seals = 2, last_digest ="
    " (SELECT digest FROM audit_seals WHERE number = 2)"
)
EXCHANGE = tuple(
    f"UPDATE audit_log SET id = '{new}' WHERE id = '{old}'"
    for old, new in (("a1", "x"), ("b1", "a1"), ("x", "b1"))
)
EXCHANGE_SEALS = "UPDATE audit_log SET seal = 3 - seal WHERE id IN ('a1', 'b1')"

TAMPERING: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{
        f"a row's {name} altered, {'sealed' if row == 'b2' else 'not sealed yet'}": (
            (f"UPDATE audit_log SET {name} = {value.format(name=name)} WHERE id = '{row}'",),
            (f"row {row} was altered",),
        )
        for name, value in OF_ROWS.items()
        for row in ("b2", "d1")
    },
    "a row removed": (
        ("DELETE FROM audit_log WHERE id = 'b2'",),
        ("seal 2: 1 of 3 rows are missing",),
    ),
    "all rows of a seal removed": (
        ("DELETE FROM audit_log WHERE seal = 2",),
        ("seal 2: 3 of 3 rows are missing",),
    ),
    "a row added under a seal": (
        (COPY.format(digest="digest", seal="seal"),),
        ("row x was altered", "seal 2: 1 rows were added"),
    ),
    "a row added without a seal": (
        (COPY.format(digest="digest", seal="NULL"),),
        ("row x was altered",),
    ),
    "a row added without a digest": ((COPY.format(digest="NULL", seal="NULL"),), (NO_DIGEST,)),
    "a row added under no seal that there is": (
        (COPY.format(digest="digest", seal="7"),),
        ("rows stand under seal 7",),
    ),
    "a row added under a seal before the first": (
        (COPY.format(digest="digest", seal="-7"),),
        ("row x stands under seal -7",),
    ),
    "two rows exchanged": (
        EXCHANGE,
        ("row a1 was altered", "row b1 was altered"),
    ),
    "two rows' seals exchanged": (
        (EXCHANGE_SEALS,),
        ("seal 1: its rows are not", "seal 2: its rows are not"),
    ),
    "a row taken from under its seal": (
        ("UPDATE audit_log SET seal = NULL WHERE id = 'b2'",),
        ("seal 2: 1 of 3",),
    ),
    "a row put under another seal": (
        ("UPDATE audit_log SET seal = 1 WHERE id = 'b2'",),
        ("seal 1: 1 rows were added", "seal 2: 1 of 3"),
    ),
    "a row hidden under the emptied ones": (
        ("UPDATE audit_log SET seal = 0 WHERE id = 'b2'",),
        ("row b2 stands under seal 0", "seal 2: 1 of 3"),
    ),
    "a row erased though nobody asked": (
        (ERASE_B2,),
        ("row b2 is erased though no seal says so",),
    ),
    **{
        f"a seal's {name} altered": (
            (f"UPDATE audit_seals SET {name} = {value.format(name=name)} WHERE number = 2",),
            ("seal 2 was altered",),
        )
        for name, value in OF_SEALS.items()
    },
    "a seal renumbered": (
        ("UPDATE audit_seals SET number = 9 WHERE number = 2",),
        ("seal 2 is missing",),
    ),
    "a seal removed": (("DELETE FROM audit_seals WHERE number = 2",), ("seal 2 is missing",)),
    "the last seal removed": (
        ("DELETE FROM audit_seals WHERE number = 3",),
        ("seal 3 is missing",),
    ),
    "the last seal removed with its rows": (
        ("DELETE FROM audit_seals WHERE number = 3", "DELETE FROM audit_log WHERE seal = 3"),
        ("seal 3 is missing",),
    ),
    "the last seal removed and its rows not sealed any more": (
        ("DELETE FROM audit_seals WHERE number = 3", UNSEAL_C),
        ("seal 3 is missing",),
    ),
    "every seal removed": (("DELETE FROM audit_seals",), ("seals 1 to 3 are missing",)),
    "the note of the last seal set back": (
        (
            "DELETE FROM audit_seals WHERE number = 3",
            UNSEAL_C,
            SET_BACK,
        ),
        ("the note of how far sealing has come was altered",),
    ),
    **{
        f"the note's {name} altered": (
            (f"UPDATE audit_chain SET {name} = {value.format(name=name)}",),
            ("the note of how far sealing has come was altered",),
        )
        for name, value in OF_THE_CHAIN.items()
    },
    "the note removed": (
        ("DELETE FROM audit_chain",),
        ("the note of how far sealing has come was removed",),
    ),
    "the note removed with every seal": (
        ("DELETE FROM audit_chain", "DELETE FROM audit_seals"),
        ("the note of how far sealing has come was removed",),
    ),
}


async def test_what_the_server_wrote_is_believed(bench: AuditBench) -> None:
    assert (await bench.verified()).head == "0:"
    await bench.three_seals()
    found = await bench.verified()
    assert found.findings == []
    assert (found.rows, found.seals, found.unsealed, found.emptied) == (10, 3, 1, 0)
    await bench.seal()
    assert await bench.findings(found.head) == []


async def test_every_tampering_is_found(bench: AuditBench) -> None:
    await bench.three_seals()
    right = await bench.snapshot()
    for name, (deeds, expected) in TAMPERING.items():
        await bench.change(*deeds)
        found = await bench.findings()
        for finding in expected:
            assert any(line.startswith(finding) for line in found), (name, found)
        await bench.restore(right)
        assert await bench.findings() == [], name


async def test_sealing_covers_nothing_up(bench: AuditBench) -> None:
    await bench.three_seals()
    await bench.change("UPDATE audit_log SET user_id = 'bob' WHERE id = 'd1'")
    await bench.change(COPY.format(digest="NULL", seal="NULL"))
    await bench.seal()
    assert sorted(await bench.findings()) == [
        "row d1 was altered",
        "row x has no digest: the server did not write it",
    ]


async def test_a_database_put_back_is_found_by_who_kept_the_head(bench: AuditBench) -> None:
    await bench.three_seals()
    early = await bench.snapshot()
    await bench.seal()
    head = (await bench.verified()).head
    await bench.restore(early)
    assert await bench.findings() == []  # it is what the server wrote, once
    assert await bench.findings(head) == ["seal 4 is not the one that was expected"]
    await bench.put(happened(id="e1"))
    await bench.seal()
    assert await bench.findings(head) == ["seal 4 is not the one that was expected"]


async def test_an_empty_log_is_found_by_who_kept_the_head(bench: AuditBench) -> None:
    await bench.three_seals()
    head = (await bench.verified()).head
    await bench.restore({"audit_log": [], "audit_seals": [], "audit_chain": []})
    assert await bench.findings(head) == ["seal 3 is not the one that was expected"]


async def test_a_finding_is_one_line_whatever_an_id_says(bench: AuditBench) -> None:
    await bench.three_seals()
    text = "UPDATE audit_log SET id = :id WHERE id = 'd1'"
    await bench.change(text, id="d1\nnothing was tampered with\x1b[2J")
    (finding,) = await bench.findings()
    assert "\n" not in finding and "\x1b" not in finding


async def test_with_another_key_nothing_holds(bench: AuditBench) -> None:
    await bench.three_seals()
    other = AuditBench(bench.database, bench.clock)
    other.keys = type(bench.keys)({"first": bytes(32)}, bytes)
    found = await other.findings()
    assert "the note of how far sealing has come was altered" in found
    assert {f"seal {number} was altered" for number in (1, 2, 3)} <= set(found)
    assert {f"row {row} was altered" for row in ("a1", "b2", "d1")} <= set(found)
