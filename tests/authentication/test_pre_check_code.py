"""`POST /api/v3/pre-check-code`."""

from __future__ import annotations

from typing import Any

from tests.support.backstage import (
    EMAIL_INVALID,
    NOT_SUPPORTED,
    OK,
    calling_from,
    rows,
    said,
    wrong,
)
from tests.support.world import Person, World

CHECK = "/api/v3/pre-check-code"
ANN = "ann@example.com"


async def look(person: Person, code: str, email: str = ANN, **headers: str) -> dict[str, Any]:
    payload = {"email": email, "passCode": code, "channel": "CHANNEL_BIND_EMAIL"}
    body = {"codeType": "EMAIL", "emailCodePayload": payload}
    return await person.post(CHECK, body, **headers)


async def test_a_look_says_whether_a_code_is_right_and_never_uses_it(still: World) -> None:
    ann = await still.person("ann")
    await ann.asks_to_bind(ANN)
    code = await still.code(ANN)
    for _ in range(9):
        right = await look(ann, code, "Ann@EXAMPLE.com")
        assert said(right) == OK and right["data"]["isValid"] is True
    bad = await look(ann, wrong(code))
    assert said(bad) == OK and bad["data"]["isValid"] is False
    assert bad["data"]["message"].startswith("The verification code is incorrect")
    chinese = await look(ann, wrong(code), x_authing_lang="zh-CN")
    assert not chinese["data"]["message"].isascii()
    ((tries, spent_at),) = await rows(still, "SELECT tries, spent_at FROM verification_codes")
    assert (tries, spent_at) == (2, None)
    still.clock.advance(301)
    late = await look(ann, code)
    assert late["data"]["message"].startswith("The verification code has expired")


async def test_a_look_works_without_a_sign_in(still: World) -> None:
    app = await still.app()
    await still.post("/api/v3/send-email", {"email": ANN, "channel": "CHANNEL_BIND_EMAIL"}, app=app)
    nobody = Person(still, app, "", "")
    code = await still.code(ANN)
    assert (await look(nobody, code))["data"]["isValid"] is True
    for _ in range(5):
        assert (await look(nobody, wrong(code)))["data"]["isValid"] is False
    assert (await look(nobody, code))["data"]["isValid"] is False  # its own tries are used up
    async with calling_from(still, "198.51.100.7") as elsewhere:
        ann = await elsewhere.person("ann", app)
        assert (await look(ann, code))["data"]["isValid"] is True
        assert said(await ann.binds(ANN, code)) == OK


async def test_where_there_is_no_code_nothing_is_written(world: World) -> None:
    """Else anybody could leave rows for addresses that they think up."""
    ann = await world.person("ann")
    assert (await look(ann, "123456"))["data"]["isValid"] is False
    assert await rows(world, "SELECT id FROM failure_budgets") == []


async def test_only_codes_from_mails_are_known(world: World) -> None:
    ann = await world.person("ann")
    sms = {"phone": "13800000000", "passCode": "1", "channel": "CHANNEL_LOGIN"}
    body = {"codeType": "SMS", "smsCodePayload": sms, "emailCodePayload": {"email": ""}}
    assert said(await ann.post(CHECK, body)) == NOT_SUPPORTED
    assert said(await look(ann, "123456", "not an address")) == EMAIL_INVALID
    never = await look(ann, "123456", "never@example.com")
    assert said(never) == OK and never["data"]["isValid"] is False
