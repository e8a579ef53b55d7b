"""`gatepost audit`."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from gatepost.log import Log
from gatepost.settings import Settings
from gatepost.upkeep import Upkeep
from tests.cli.conftest import Cli
from tests.support.audit_bench import AuditBench
from tests.support.world import StoppedClock, World, new_world

CLEAN = "nothing was tampered with"


class Scene:
    """A server that was used and is stopped now, and the commands over its database."""

    def __init__(self, cli: Cli, settings: Settings) -> None:
        self._cli, self._settings = cli, settings
        self.env = {
            "DATABASE_URL": settings.database,
            "SERVER_KEYS": settings.server_keys,
        }
        self.ann = ""

    def used(self) -> None:
        """Ann signs in twice and once mistypes; then the log is sealed."""
        asyncio.run(self._use())

    async def _use(self) -> None:
        async with new_world(self._settings) as world:
            ann = await world.person("ann")
            self.ann = ann.user_id
            await ann.sign_in()
            await ann.binds("not an address", "123456")
            await world.context.refusals.flush()
            await Upkeep(world.context, Log(world.clock, "error")).seal()

    def change(self, *texts: str) -> None:
        """Change the database by hand."""

        async def work() -> None:
            async with new_world(self._settings) as world:
                await AuditBench(world.database, StoppedClock()).change(*texts)

        asyncio.run(work())

    def verify(self, *words: str) -> tuple[int, str]:
        ended = self._cli("audit", "verify", *words, **self.env)
        assert ended.error == ""
        return ended.status, ended.output

    def listed(self, *words: str) -> str:
        ended = self._cli("audit", "list", *words, **self.env)
        assert (ended.status, ended.error) == (0, "")
        return ended.output


@pytest.fixture
def scene(cli: Cli, settings: Settings) -> Scene:
    return Scene(cli, settings)


def test_a_log_as_the_server_wrote_it(scene: Scene) -> None:
    scene.used()
    status, output = scene.verify()
    assert status == 0 and output.count("\n") == 1
    assert output.startswith(f"{CLEAN}: 3 rows, 0 of them not sealed yet, 1 seals; head 1:")
    status, output = scene.verify("--json")
    told: dict[str, Any] = json.loads(output)
    assert (status, told.pop("findings")) == (0, [])
    assert told["head"].startswith("1:")
    assert scene.verify("--expect", told["head"])[0] == 0
    numbers = {name: told[name] for name in ("rows", "seals", "unsealed", "emptied")}
    assert numbers == {"rows": 3, "seals": 1, "unsealed": 0, "emptied": 0}


def test_tampering_is_a_line_each_and_an_exit_status(scene: Scene) -> None:
    scene.used()
    head = json.loads(scene.verify("--json")[1])["head"]
    one = "(SELECT min(id) FROM audit_log WHERE event = 'login')"
    scene.change(
        f"DELETE FROM audit_log WHERE id = {one}",
        "UPDATE audit_log SET user_id = 'mallory' WHERE event = 'login'",
    )
    status, output = scene.verify()
    altered, missing, summary = output.splitlines()
    assert status == 1
    assert altered.startswith("row ") and altered.endswith("was altered")
    assert missing == "seal 1: 1 of 3 rows are missing"
    assert summary.startswith("2 findings")
    status, output = scene.verify("--json")
    assert status == 1 and json.loads(output)["findings"] == [altered, missing]
    scene.change("DELETE FROM audit_chain", "DELETE FROM audit_seals", "DELETE FROM audit_log")
    assert scene.verify()[0] == 0
    status, output = scene.verify("--expect", head)
    assert status == 1 and output.startswith("seal 1 is not the one that was expected")


def test_an_audit_key_that_is_gone_is_not_made_anew(scene: Scene) -> None:
    scene.used()
    scene.change("DELETE FROM signing_keys WHERE purpose = 'audit'")
    status, output = scene.verify()
    assert status == 1 and "the note of how far sealing has come was altered" in output


def test_it_can_be_verified_after_the_servers_first_key_has_changed(scene: Scene, cli: Cli) -> None:
    scene.used()
    old = scene.env["SERVER_KEYS"]
    new = cli("keys", "new").output.strip()
    for _ in range(2):
        rotated = cli("keys", "rotate", **(scene.env | {"SERVER_KEYS": f"{new},{old}"}))
        assert rotated.status == 0
    assert json.loads(rotated.output)["free"] == ["test"]
    scene.env["SERVER_KEYS"] = new
    status, output = scene.verify()
    assert status == 0 and output.startswith(CLEAN)


def test_a_head_has_a_form(cli: Cli) -> None:
    ended = cli("audit", "verify", "--expect", "yesterday")
    assert ended.status == 2 and "NUMBER:DIGEST" in ended.error


def test_nothing_is_a_log_too(cli: Cli, folder: Path) -> None:
    assert cli("audit", "verify").output == (
        f"{CLEAN}: 0 rows, 0 of them not sealed yet, 0 seals; head 0:\n"
    )
    assert cli("audit", "list").output == "No events.\n"


def test_events_are_listed_the_newest_first(scene: Scene) -> None:
    scene.used()
    refused, *logins = scene.listed().splitlines()
    assert "bindEmail  EmailInvalid" in refused and scene.ann in refused
    assert len(logins) == 2 and all("login  done" in login for login in logins)
    events = json.loads(scene.listed("--json", "--user", scene.ann))
    assert [event["event"] for event in events] == ["bindEmail", "login", "login"]
    assert events[0]["success"] is False and events[0]["apiCode"] == 2204
    assert {event["sealed"] for event in events} == {True}
    assert scene.listed("--user", "0" * 24) == "No events.\n"
    assert len(scene.listed("--most", "1").splitlines()) == 1


async def test_the_server_seals_by_itself_and_keeps_what_is_set(
    world: World,
) -> None:
    await world.person("ann")
    told = io.BytesIO()
    upkeep = Upkeep(world.context, Log(world.clock, "info", told))
    await upkeep.seal()
    bench = AuditBench(world.database, StoppedClock())
    bench.keys = world.context.key_store.audit_keys
    found = await bench.verified()
    assert found.seals == 1
    (line,) = told.getvalue().splitlines()  # who reads the log has the head to expect
    assert json.loads(line)["event"] == "audit log sealed"
    assert json.loads(line)["head"] == found.head
    world.clock.advance(179 * 86_400)
    await upkeep.seal()
    assert (await bench.verified()).emptied == 0
    world.clock.advance(86_400)
    await upkeep.seal()
    found = await bench.verified()
    assert (found.emptied, found.rows, found.findings) == (1, 0, [])
