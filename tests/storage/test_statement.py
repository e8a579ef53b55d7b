"""What may go to PostgreSQL as one statement."""

from __future__ import annotations

import pytest

from gatepost.storage.statement import both, sql, together
from gatepost.vocabulary.refusals import CodeIncorrect

ADD = sql("INSERT INTO server_keys (id, fingerprint, first_used_at) VALUES (:id, :text, 0)")
PUT = sql(
    "INSERT INTO server_keys (id, fingerprint, first_used_at) VALUES (:id, :text, 0)"
    " ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint"
)
NAME = sql("UPDATE server_keys SET fingerprint = :text WHERE id = :id")
NAME_ALL = sql("UPDATE server_keys SET fingerprint = :text WHERE first_used_at = 0")
BEGIN = sql("UPDATE server_keys SET first_used_at = :now WHERE id = :id", missed=CodeIncorrect)
REMOVE = sql("DELETE FROM server_keys WHERE id = :id")
RENAME = sql("UPDATE server_keys SET fingerprint = :other WHERE id = :id")
PUT_TIME = sql(
    "INSERT INTO server_keys (id, fingerprint, first_used_at) VALUES (:id, :text, 0)"
    " ON CONFLICT (id) DO UPDATE SET first_used_at = excluded.first_used_at"
)
OTHER = sql("UPDATE links SET used_at = :now WHERE digest = :digest")


def test_parameters_are_those_of_all_one_after_the_other() -> None:
    assert together((ADD, NAME)).text == (
        "WITH part_0 AS (INSERT INTO server_keys (id, fingerprint, first_used_at)"
        " VALUES ($1, $2, 0)) UPDATE server_keys SET fingerprint = $3 WHERE id = $4"
    )


def test_what_must_not_miss_is_counted() -> None:
    whole = together((NAME, OTHER, BEGIN)[1:])
    assert whole.missed == (CodeIncorrect,)
    assert whole.text.endswith(" RETURNING 1) SELECT (SELECT count(*) FROM part_1)")


@pytest.mark.parametrize("others", [(NAME_ALL,), (ADD,), (OTHER,), (ADD, OTHER, NAME)])
def test_changes_to_the_same_end_go_together(others: tuple[object, ...]) -> None:
    assert together((NAME, *others)).missed == ()  # type: ignore[arg-type]


@pytest.mark.parametrize("other", [BEGIN, REMOVE, PUT, RENAME])
def test_changes_of_one_table_to_different_ends_do_not(other: object) -> None:
    for pair in ((NAME, other), (other, NAME), (PUT, PUT_TIME)):
        with pytest.raises(ValueError, match="server_keys"):
            together(pair)  # type: ignore[arg-type]


def test_a_pair_is_told_apart_by_its_columns() -> None:
    found = sql("SELECT id, name FROM applications WHERE id = :id")
    told = sql("UPDATE links SET used_at = :now WHERE digest = :digest RETURNING digest")
    pair = both(found, told)
    assert pair.names == ("id", "now", "digest")
    rows = [(0, "app", "name", None), (1, None, None, "digest")]
    assert pair.parted(rows) == ([("app", "name")], [("digest",)])


def test_a_pair_names_its_columns_plainly() -> None:
    counted = sql("SELECT count(*), max(id) FROM links")
    with pytest.raises(ValueError, match="plain"):
        both(counted, counted)
