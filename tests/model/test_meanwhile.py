"""Every step that takes two calls, and everything that may happen between them.

The table `meanwhile.txt` says what becomes of the second call.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.model.database import contents
from tests.support import backstage
from tests.support.house import House
from tests.support.links import address_of
from tests.support.meanwhile import MEANWHILE
from tests.support.scene import Scene, new_scene
from tests.support.windows import WINDOWS
from tests.support.world import World

WORDS = {
    "code": backstage.CODE_INCORRECT,
    "late": backstage.CODE_EXPIRED,
    "token": backstage.TOKEN_INVALID,
    "session": backstage.SESSION_ENDED,
    "fresh": backstage.REAUTHENTICATION_REQUIRED,
    "none": backstage.NO_EMAIL_BOUND,
    "bound": backstage.EMAIL_ALREADY_BOUND,
    "mismatch": backstage.OLD_EMAIL_MISMATCH,
    "taken": backstage.EMAIL_TAKEN,
    "unknown": backstage.USER_NOT_FOUND,
}
OF_THE_API = {
    "ok": backstage.OK,
    "suspended": backstage.USER_SUSPENDED,
    "client": backstage.CLIENT_UNAUTHENTICATED,
} | WORDS
OF_FORMS = {"ok": 200, "same": 200, "off": 200, "grant": 400, "client": 401, "dead": 404}
OF_FORMS |= {"suspended": 422}
DONE = {"ok", "off"}


def _table() -> dict[tuple[str, str], str]:
    lines = (Path(__file__).parent / "meanwhile.txt").read_text().splitlines()
    head, *rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {
        (row[0], window): word
        for row in rows
        for window, word in zip(head[1:], row[1:], strict=True)
    }


TABLE = _table()


def test_the_table_is_complete() -> None:
    assert set(TABLE) == {(what, window) for what in MEANWHILE for window in WINDOWS}


@pytest.mark.parametrize(("meanwhile", "window"), [pair for pair in TABLE if TABLE[pair] != "-"])
def test_a_step_is_completed(house: House, meanwhile: str, window: str) -> None:
    world = house.opened()["home"]
    house.run(_is_completed(world, meanwhile, window, TABLE[meanwhile, window]))


async def _is_completed(world: World, meanwhile: str, window: str, word: str) -> None:
    history = meanwhile == "earlier-change-undone"
    scene = await new_scene(world, window, with_history=history)
    complete = await WINDOWS[window][0](scene)
    await MEANWHILE[meanwhile](scene, window, complete)
    before = await _everything(scene)
    answer = await complete()
    assert answer == (OF_FORMS if isinstance(answer, int) else OF_THE_API)[word]
    assert (await _everything(scene) != before) is (word in DONE)
    if word == "off":
        assert await address_of(scene.ann) is None


async def _everything(scene: Scene) -> dict[str, Counter[tuple[object, ...]]]:
    """What a pool has; that a code was looked at is counted even if it is refused."""
    found = await contents(scene.world, scene.app.pool_id)
    codes = found["verification_codes"]
    found["verification_codes"] = Counter((*row[:4], *row[5:]) for row in codes.elements())
    passwords = "SELECT id, password_hash, stamp FROM users WHERE user_pool_id = :pool"
    accounts = await backstage.rows(scene.world, passwords, pool=scene.app.pool_id)
    return found | {"passwords": Counter(accounts)}
