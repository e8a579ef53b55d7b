"""A stranger gets the same answer for every account and for none, after the same work.

Not only the bytes: the statements that run, their units and the argon2 works are the same, one
by one. Measured times (`test_same_time.py`) are the proof of it, this is the sharper tool.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import httpx
import pytest

from gatepost.mail.transport import Deferred, Delivery
from gatepost.settings import Settings
from tests.support import strangers
from tests.support.recording import (
    Record,
    RecordingDatabase,
    RecordingPasswords,
    calling,
    served,
)
from tests.support.strangers import ACCOUNTS, OF_CODES, SERVED, UNKNOWN, address
from tests.support.world import (
    PASSWORD,
    ROOMY,
    App,
    MailBag,
    Person,
    StoppedClock,
    World,
    new_world,
)

WRONG = "not a code"
FEW = {"verifyCodeMaxAttempts": "2", "limits.passwordFailures": "3"}
MANY_TRIES = 4
"""More than are borne."""


class Answer(NamedTuple):
    """What came back, all but the request's id, and what was done for it."""

    path: str
    said: tuple[int, list[tuple[str, str]], bytes]
    deeds: list[str]


class DownBag(MailBag):
    """A mail server that is down."""

    async def send(self, message: object) -> Delivery:
        return Deferred("nobody answers there")


class Case(NamedTuple):
    """How the pool is set, whether the stranger has an account of their own, and mail goes out."""

    settings: dict[str, str]
    signed_in: bool = False
    mail_is_down: bool = False


CASES = {
    "roomy": Case(ROOMY),
    "mail-is-down": Case(ROOMY, mail_is_down=True),
    "beyond-the-limits": Case({}),
    "strict": Case(ROOMY | {"strictCodeBudget": "true"}),
    "signed-in": Case(ROOMY, signed_in=True),
}


class Stranger:
    """Somebody who tries things at one address after the other, and keeps what comes back."""

    def __init__(self, world: World, app: App, http: httpx.AsyncClient, record: Record) -> None:
        self._world = world
        self._app = app
        self._http = http
        self._record = record
        self.answers: list[Answer] = []

    async def post(self, call: tuple[str, Any], person: Person | None = None) -> None:
        path, body = call
        headers = {"x-authing-app-id": self._app.app_id}
        if person is not None and person.token:
            headers["authorization"] = person.token
        self._record.taken()
        response = await self._http.post(path, json=body, headers=headers)
        same = sorted((k, v) for k, v in response.headers.items() if k != "x-request-id")
        content = response.content.replace(response.json()["requestId"].encode(), b"")
        said = (response.status_code, same, content)
        self.answers.append(Answer(path, said, self._record.taken()))

    async def asks_and_guesses(self, email: str, person: Person | None = None) -> None:
        """Every mail, twice, and again when it may be; wrong codes, until they are dead."""
        for channel in SERVED:
            await self.post(strangers.sending(email, channel), person)
            await self.post(strangers.sending(email, channel), person)
        self._world.clock.advance(61)
        for channel in SERVED:
            await self.post(strangers.sending(email, channel), person)
        for _ in range(MANY_TRIES):
            await self.post(strangers.pass_code(self._app, email, WRONG))
            await self.post(strangers.reset(email, WRONG))
            for channel in OF_CODES:
                await self.post(strangers.look(email, channel, WRONG), person)

    async def signs_in(self, email: str) -> None:
        """Wrong passwords beyond what is borne, by both names of the field."""
        for by in ("email", "account"):
            for _ in range(MANY_TRIES):
                await self.post(strangers.password(self._app, email, by))

    async def guesses_first(self, email: str) -> None:
        """Codes that were never sent."""
        await self.post(strangers.pass_code(self._app, email, WRONG))
        await self.post(strangers.reset(email, WRONG))


async def answers_for(
    world: World, app: App, kind: str, n: int, person: Person | None = None
) -> list[Answer]:
    email, record = address(kind, n), Record()
    await ACCOUNTS[kind](world, app, f"{kind}{n}", email)
    passwords = RecordingPasswords(record)
    server = served(world, database=RecordingDatabase(world.database, record), passwords=passwords)
    try:
        async with calling(server) as http:
            stranger = Stranger(world, app, http, record)
            await stranger.guesses_first(email)
            await stranger.asks_and_guesses(email, person)
            await stranger.signs_in(email)
    finally:
        passwords.close()
    return stranger.answers


async def work_of_signing_up(world: World, app: App, **payload: str) -> list[str]:
    record = Record()
    passwords = RecordingPasswords(record)
    server = served(world, database=RecordingDatabase(world.database, record), passwords=passwords)
    body = {"connection": "PASSWORD", "passwordPayload": {"password": PASSWORD} | payload}
    try:
        async with calling(server) as http:
            stranger = Stranger(world, app, http, record)
            await stranger.post(("/api/v3/signup", body))
    finally:
        passwords.close()
    assert b'"statusCode":200' in stranger.answers[0].said[2]
    return stranger.answers[0].deeds


async def test_signing_up_is_the_same_work_for_all_where_accounts_are_hidden(
    settings: Settings,
) -> None:
    async with new_world(settings) as world:
        app = await world.app(await world.pool(hideExistingAccounts="true"))
        await world.person("ann", app, sign_in=False, email="ann@example.com", email_verified=True)
        taken = await work_of_signing_up(world, app, email="ann@example.com")
        assert taken == await work_of_signing_up(world, app, email="bob@example.com")
        assert "refused" not in taken
        named = await work_of_signing_up(world, app, email="ann@example.com", username="cat")
        assert named == await work_of_signing_up(
            world, app, email="cat@example.com", username="dan"
        )


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_every_account_and_none_are_one(settings: Settings, case: Case) -> None:
    bag = DownBag() if case.mail_is_down else MailBag()
    async with new_world(settings, StoppedClock(), bag) as world:
        app = await world.app(await world.pool(**FEW, **case.settings))
        mallory = await world.person("mallory", app) if case.signed_in else None
        seen = {
            kind: await answers_for(world, app, kind, n, mallory) for n, kind in enumerate(ACCOUNTS)
        }
    for kind, answers in seen.items():
        for call, (theirs, nobodys) in enumerate(zip(answers, seen[UNKNOWN], strict=True)):
            assert theirs.said == nobodys.said, (kind, call, theirs.path)
            assert theirs.deeds == nobodys.deeds, (kind, call, theirs.path)
    assert {answer.said[0] for answer in seen[UNKNOWN]} == {200}
