"""Asking for codes and showing them, as people and strangers do."""

from __future__ import annotations

from typing import Any

from tests.support.backstage import CODE_INCORRECT, OK, said, wrong
from tests.support.world import ROOMY, App, Person, World

SEND = "/api/v3/send-email"
CHECK = "/api/v3/pre-check-code"
BIND, LOGIN = "CHANNEL_BIND_EMAIL", "CHANNEL_LOGIN"


async def roomy_app(world: World, auth: str = "none", **settings: str) -> App:
    return await world.app(await world.pool(**ROOMY, **settings), auth=auth)


async def ask(world: World, app: App, email: str, channel: str = LOGIN) -> dict[str, Any]:
    return await world.post(SEND, {"email": email, "channel": channel}, app=app)


async def enter(world: World, app: App, email: str, code: str) -> dict[str, Any]:
    body = {"connection": "PASSCODE", "passCodePayload": {"email": email, "passCode": code}}
    return await world.post("/api/v3/signin", body, app=app)


async def looks(person: Person, email: str, code: str, channel: str = BIND) -> bool:
    payload = {"email": email, "passCode": code, "channel": channel}
    answer = await person.post(CHECK, {"codeType": "EMAIL", "emailCodePayload": payload})
    assert said(answer) == OK
    valid: bool = answer["data"]["isValid"]
    assert valid or answer["data"]["message"]
    return valid


async def new_code(person: Person, email: str, count: int) -> str:
    """Wait until a mail may be asked for again, ask, and read the code of the n-th mail."""
    person.world.clock.advance(61)
    assert said(await person.asks_to_bind(email)) == OK
    return await person.world.code(email, count)


async def wrong_answers(person: Person, email: str, count: int, mails: int = 0) -> int:
    """So many wrong answers, asking for a code whenever the tries are used up."""
    world = person.world
    for n in range(count):
        if n % 5 == 0:
            world.clock.advance(61)
            assert said(await person.asks_to_bind(email)) == OK
            mails += 1
        code = await world.code(email, mails)
        assert said(await person.binds(email, wrong(code))) == CODE_INCORRECT
    return mails
