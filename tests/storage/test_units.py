"""The unit of work: the same promises on both engines."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gatepost.storage.database import Database, Transaction, UniqueViolation
from gatepost.storage.sqlite import SqliteDatabase
from gatepost.storage.statement import sql
from gatepost.vocabulary.refusals import CodeIncorrect, EmailTaken, Refusal
from tests.support.notes import (
    change,
    change_later,
    kept,
    note,
    note_later,
    noted,
    noting,
    text_of,
)

_ADD_POOL = sql(
    "INSERT INTO user_pools (id, name, access_key_id, access_key_digest, access_key_sealed,"
    " settings, created_at) VALUES (:id, 'Test', :access_key_id, '', '', '{}', 0)"
)


ADD_AND_TELL = sql(
    "INSERT INTO server_keys (id, fingerprint, first_used_at) VALUES (:id, :text, 0) RETURNING id"
)
CHANGE_OR_REFUSE = sql(
    "UPDATE server_keys SET fingerprint = :text WHERE id = :id", missed=CodeIncorrect
)
ADD_OR_REFUSE = sql(
    "INSERT INTO user_pools (id, name, access_key_id, access_key_digest, access_key_sealed,"
    " settings, created_at) VALUES (:id, 'Test', :access_key_id, '', '', '{}', 0)",
    taken=EmailTaken,
)
CHANGE_AND_TELL = sql(
    "UPDATE server_keys SET fingerprint = :new WHERE id = :id RETURNING id, fingerprint"
)
ALL_NOTES = sql("SELECT id FROM server_keys WHERE id LIKE 'note %'")
NO_NOTES = sql("SELECT id, fingerprint FROM server_keys WHERE id = 'nothing'")


async def test_a_unit_is_kept_as_a_whole_and_answers(database: Database) -> None:
    async def work(tx: Transaction) -> str:
        await note(tx, "one")
        await note(tx, "two")
        return "done"

    assert await database.unit(work) == "done"
    assert await kept(database) == ["one", "two"]


async def test_one_statement_is_a_unit_of_its_own(database: Database) -> None:
    added = await database.once(ADD_AND_TELL, id="note one", text="1")
    assert [row[0] for row in added] == ["note one"]
    assert await kept(database) == ["one"]
    assert database.workload.outcomes["committed"] == 1


async def test_one_statement_goes_on_though_its_caller_went_away(database: Database) -> None:
    caller = asyncio.create_task(database.once(ADD_AND_TELL, id="note one", text="1"))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    async with asyncio.timeout(10):
        while await kept(database) != ["one"]:
            await database.unit(noting())


async def test_a_unit_sees_its_own_changes(database: Database) -> None:
    async def work(tx: Transaction) -> list[str]:
        await note(tx, "one")
        return await noted(tx)

    assert await database.unit(work) == ["one"]


@pytest.mark.parametrize("failure", [CodeIncorrect(), ValueError("a defect"), KeyError("x")])
async def test_any_exception_undoes_all_of_it(database: Database, failure: Exception) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "one")
        raise failure

    with pytest.raises(type(failure)):
        await database.unit(work)
    assert await kept(database) == []


async def test_a_unit_that_is_cancelled_from_within_harms_nobody(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "one")
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await database.unit(work)
    async with asyncio.timeout(5):
        await database.unit(noting("two"))
    assert await kept(database) == ["two"]


async def test_a_refusal_after_keep_keeps_what_was_kept_and_only_that(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "counted")
        tx.keep()
        await note(tx, "changed")
        raise CodeIncorrect

    with pytest.raises(CodeIncorrect):
        await database.unit(work)
    assert await kept(database) == ["counted"]


async def test_what_is_left_for_later_is_kept_with_its_unit(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        note_later(tx, "one")
        await note(tx, "two")
        note_later(tx, "three", text="3")
        change_later(tx, "two", "2")

    await database.unit(work)
    assert await kept(database) == ["one", "three", "two"]
    reader = database.reader()
    assert [await text_of(reader, each) for each in ("one", "two", "three")] == ["", "2", "3"]


@pytest.mark.parametrize("failure", [CodeIncorrect(), ValueError("a defect")])
async def test_what_was_left_for_later_goes_with_its_unit(
    database: Database, failure: Exception
) -> None:
    async def work(tx: Transaction) -> None:
        note_later(tx, "one")
        raise failure

    with pytest.raises(type(failure)):
        await database.unit(work)
    assert await kept(database) == []


@pytest.mark.parametrize("more", [False, True])
async def test_of_what_was_left_for_later_a_refusal_keeps_what_came_before_keep(
    database: Database, more: bool
) -> None:
    async def work(tx: Transaction) -> None:
        note_later(tx, "counted")
        tx.keep()
        note_later(tx, "changed")
        if more:
            await note(tx, "changed too")
        raise CodeIncorrect

    with pytest.raises(CodeIncorrect):
        await database.unit(work)
    assert await kept(database) == ["counted"]


async def test_a_defect_in_what_was_left_for_later_keeps_what_was_kept(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "counted")
        tx.keep()
        note_later(tx, "counted")  # there already

    with pytest.raises(Exception) as caught:  # noqa: PT011
        await database.unit(work)
    assert not isinstance(caught.value, Refusal)
    assert await kept(database) == ["counted"]
    await database.unit(noting("next"))
    assert await kept(database) == ["counted", "next"]


async def test_what_is_left_for_later_may_refuse(database: Database) -> None:
    """Where it changed nothing, or where a unique index said no: all of the unit is undone."""

    async def misses(tx: Transaction) -> None:
        await note(tx, "before")
        tx.later(CHANGE_OR_REFUSE, id="note nothing", text="1")
        note_later(tx, "beside")

    async def is_taken(tx: Transaction) -> None:
        await note(tx, "before")
        note_later(tx, "beside")
        tx.later(ADD_OR_REFUSE, id="another", access_key_id="taken")

    async def takes(tx: Transaction) -> None:
        await note(tx, "one")
        tx.later(ADD_OR_REFUSE, id="one", access_key_id="taken")

    await database.unit(takes)
    for work, refusal in ((misses, CodeIncorrect), (is_taken, EmailTaken)):
        with pytest.raises(refusal):
            await database.unit(work)
        assert await kept(database) == ["one"]


async def test_what_refuses_later_keeps_what_was_kept(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        note_later(tx, "counted")
        tx.keep()
        note_later(tx, "changed")
        tx.later(CHANGE_OR_REFUSE, id="note nothing", text="1")

    with pytest.raises(CodeIncorrect):
        await database.unit(work)
    assert await kept(database) == ["counted"]


async def test_what_may_yet_be_refused_is_not_kept(database: Database) -> None:
    """It would be undone with what was to be kept."""

    async def work(tx: Transaction) -> None:
        tx.later(CHANGE_OR_REFUSE, id="note one", text="2")
        tx.keep()
        raise EmailTaken

    await database.unit(noting("one"))
    # On SQLite it was refused, or not, before.
    with pytest.raises(EmailTaken if isinstance(database, SqliteDatabase) else RuntimeError):
        await database.unit(work)


async def test_what_must_not_miss_may_be_changed_to_the_same_end_beside_it(
    database: Database,
) -> None:
    async def work(tx: Transaction) -> None:
        change_later(tx, "one", "2")
        tx.later(CHANGE_OR_REFUSE, id="note one", text="2")
        change_later(tx, "one", "2")

    await database.unit(noting("one"))
    await database.unit(work)
    assert await text_of(database.reader(), "one") == "2"


async def test_two_statements_give_the_rows_of_each(database: Database) -> None:
    async def work(tx: Transaction) -> tuple[list[list[str]], list[list[str]]]:
        first, second = await tx.both(CHANGE_AND_TELL, ALL_NOTES, id="note one", new="new")
        return [list(row) for row in first], sorted(list(row) for row in second)

    await database.unit(noting("one", "two"))
    changed, seen = await database.unit(work)
    assert changed == [["note one", "new"]]
    assert [row[0] for row in seen] == ["note one", "note two"]
    nothing, seen_by_reader = await database.reader().both(NO_NOTES, ALL_NOTES)
    assert not nothing and len(seen_by_reader) == 2


async def test_the_last_keep_counts(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "one")
        tx.keep()
        tx.keep()
        await note(tx, "two")
        tx.keep()
        await note(tx, "three")
        raise CodeIncorrect

    with pytest.raises(CodeIncorrect):
        await database.unit(work)
    assert await kept(database) == ["one", "two"]


@pytest.mark.parametrize("keeps", [0, 1])
async def test_keeping_nothing_is_no_mistake(database: Database, keeps: int) -> None:
    async def work(tx: Transaction) -> None:
        for _ in range(keeps):
            tx.keep()
        raise CodeIncorrect

    with pytest.raises(CodeIncorrect):
        await database.unit(work)
    assert await kept(database) == []


async def test_a_defect_after_keep_keeps_too(database: Database) -> None:
    async def work(tx: Transaction) -> None:
        await note(tx, "counted")
        tx.keep()
        await note(tx, "counted")  # there already

    with pytest.raises(Exception) as caught:  # noqa: PT011
        await database.unit(work)
    assert not isinstance(caught.value, Refusal)
    assert await kept(database) == ["counted"]


class Bell:
    """Counts who rang."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def by(self, name: str) -> Callable[[], None]:
        return lambda: self.rung.append(name)


async def test_callbacks_come_after_the_commit(database: Database) -> None:
    bell = Bell()

    async def work(tx: Transaction) -> None:
        tx.on_commit(bell.by("first"))
        tx.on_commit(bell.by("second"))
        assert bell.rung == []

    await database.unit(work)
    assert bell.rung == ["first", "second"]


async def test_callbacks_of_what_is_undone_never_come(database: Database) -> None:
    bell = Bell()

    async def work(tx: Transaction) -> None:
        tx.on_commit(bell.by("kept"))
        tx.keep()
        tx.on_commit(bell.by("undone"))
        raise CodeIncorrect

    async def undone(tx: Transaction) -> None:
        tx.on_commit(bell.by("undone too"))
        raise CodeIncorrect

    for unit in (work, undone):
        with pytest.raises(CodeIncorrect):
            await database.unit(unit)
    assert bell.rung == ["kept"]


async def test_a_callback_that_fails_undoes_and_stops_nothing(database: Database) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what["exception"]))
    defect = ValueError("a defect")

    async def work(tx: Transaction) -> None:
        def fail() -> None:
            raise defect

        await note(tx, "one")
        tx.on_commit(fail)

    async with asyncio.timeout(5):
        await database.unit(work)
        await database.unit(noting("two"))
    assert (await kept(database), told) == (["one", "two"], [defect])


async def test_a_unique_index_names_its_column_and_harms_nobody_else(database: Database) -> None:
    def adding(pool_id: str, access_key_id: str) -> Callable[[Transaction], Awaitable[int]]:
        async def work(tx: Transaction) -> int:
            await note(tx, pool_id)
            return await tx.run(_ADD_POOL, id=pool_id, access_key_id=access_key_id)

        return work

    answers = await asyncio.gather(
        database.unit(adding("a", "k1")),
        database.unit(adding("b", "k2")),
        database.unit(adding("c", "k1")),
        database.unit(noting("d")),
        database.unit(adding("e", "k3")),
        return_exceptions=True,
    )
    violations = [answer for answer in answers if isinstance(answer, UniqueViolation)]
    assert [violation.column for violation in violations] == ["access_key_id"]
    loser = "a" if isinstance(answers[0], UniqueViolation) else "c"
    assert await kept(database) == sorted({"a", "b", "c", "d", "e"} - {loser})


async def test_a_caller_that_goes_away_does_not_cut_a_unit_in_two(database: Database) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def work(tx: Transaction) -> None:
        began.set()
        await note(tx, "one")
        await note(tx, "two")
        tx.on_commit(ended.set)

    caller = asyncio.create_task(database.unit(work))
    await began.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    async with asyncio.timeout(5):
        await ended.wait()
    assert await kept(database) == ["one", "two"]


async def test_many_units_add_up(database: Database) -> None:
    await database.unit(noting("sum"))
    await database.unit(lambda tx: change(tx, "sum", "0"))

    async def add_one(tx: Transaction) -> None:
        # The row is held before it is read, as `users.lock` does.
        await change(tx, "sum", await locked(tx))

    async def locked(tx: Transaction) -> str:
        row = await tx.one(_HOLD)
        assert row is not None
        return str(int(row[0]) + 1)

    await asyncio.gather(*(database.unit(add_one) for _ in range(50)))
    assert await text_of(database.reader(), "sum") == "50"


_HOLD = sql(
    "UPDATE server_keys SET first_used_at = first_used_at + 1 WHERE id = 'note sum'"
    " RETURNING fingerprint"
)


async def test_closing_finishes_what_was_accepted(database: Database) -> None:
    units = [asyncio.create_task(database.unit(noting(str(n)))) for n in range(20)]
    await asyncio.sleep(0)  # so that each of them is accepted
    await database.close()
    await asyncio.gather(*units)
