"""`GET /api/v3/get-security-info`."""

from __future__ import annotations

from typing import Any

from tests.support.backstage import NOT_SIGNED_IN, SESSION_ENDED, said
from tests.support.world import PASSWORD, Person, World

PATH = "/api/v3/get-security-info"


async def info(person: Person) -> dict[str, Any]:
    answer = await person.get(PATH)
    assert answer["statusCode"] == 200
    told: dict[str, Any] = answer["data"]
    return told


async def test_an_account_with_a_password_only(world: World) -> None:
    told = await info(await world.person("ann"))
    score = told.pop("securityScore")
    level = told.pop("passwordSecurityLevel")
    assert told == {
        "mfaEnrolled": False,
        "passwordSet": True,
        "emailBinded": False,
        "phoneBinded": False,
    }
    assert 0 < score < 50 and 0 <= level <= 3


async def test_an_address_of_ones_own_makes_an_account_safer(world: World) -> None:
    ann = await world.person("ann")
    before = await info(ann)
    await ann.asks_to_bind("ann@example.com")
    await ann.binds("ann@example.com", await world.code("ann@example.com"))
    after = await info(ann)
    assert after["emailBinded"] is True
    assert before["securityScore"] < after["securityScore"] <= 100
    await world.mail.of("ann@example.com", "email_bound")


async def test_a_better_password_makes_it_safer_still(world: World) -> None:
    ann = await world.person("ann")
    await ann.post("/api/v3/update-password", {"newPassword": "abcdefgh1", "oldPassword": PASSWORD})
    weak = await info(ann)
    await ann.post(
        "/api/v3/update-password", {"newPassword": "Tr0ub4dor&3-zebra", "oldPassword": "abcdefgh1"}
    )
    strong = await info(ann)
    assert 1 <= weak["passwordSecurityLevel"] < strong["passwordSecurityLevel"] <= 3
    assert weak["securityScore"] < strong["securityScore"]


async def test_an_account_without_a_password(world: World) -> None:
    app = await world.app()
    ann = Person(world, app, "", "")
    await world.post(
        "/api/v3/send-email", {"email": "ann@example.com", "channel": "CHANNEL_REGISTER"}, app=app
    )
    code = {"email": "ann@example.com", "passCode": await world.code("ann@example.com")}
    await world.post("/api/v3/signup", {"connection": "PASSCODE", "passCodePayload": code}, app=app)
    world.clock.advance(61)
    await world.post(
        "/api/v3/send-email", {"email": "ann@example.com", "channel": "CHANNEL_LOGIN"}, app=app
    )
    mail = await world.mail.to("ann@example.com", 2)
    body = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": "ann@example.com", "passCode": mail.code},
        "client_id": app.app_id,
        "client_secret": app.secret,
    }
    ann.token = (await world.post("/api/v3/signin", body, app=app))["data"]["access_token"]
    told = await info(ann)
    assert (told["passwordSet"], told["passwordSecurityLevel"]) == (False, 0)
    assert told["emailBinded"] is True


async def test_nobody_else_is_told(world: World) -> None:
    app = await world.app()
    assert said(await world.get(PATH, app=app)) == NOT_SIGNED_IN
    assert said(await world.get(PATH, app=app, token="a.b.c")) == SESSION_ENDED
