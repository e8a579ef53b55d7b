"""How often one mailbox, one user and one client may ask, each limit to its last count."""

from __future__ import annotations

from typing import Any

from gatepost.settings import Settings
from gatepost.vocabulary.user_pool import Limits, PoolSettings
from tests.support.backstage import (
    OK,
    SENT_TOO_RECENTLY,
    TOO_MANY_REQUESTS,
    calling_from,
    said,
)
from tests.support.world import ROOMY, App, Person, StoppedClock, World, new_world

SEND = "/api/v3/send-email"
HOUR, DAY = 3600, 86_400
BIND, LOGIN = "CHANNEL_BIND_EMAIL", "CHANNEL_LOGIN"


async def ask(world: World, app: App, email: str, channel: str = LOGIN, **more: str) -> Any:
    return await world.post(SEND, {"email": email, "channel": channel}, app=app, **more)


async def asks(world: World, app: App, count: int, first: int = 0) -> None:
    """So many mails to Ann's mailbox at once: each tag is an address of its own."""
    for n in range(first, first + count):
        assert said(await ask(world, app, f"ann+{n}@example.com")) == OK


def refused(answer: dict[str, Any], retry_after: int) -> bool:
    return said(answer) == TOO_MANY_REQUESTS and answer["data"] == {"retryAfter": retry_after}


def test_the_figures_are_those_that_are_promised() -> None:
    promised = Limits(
        sendsPerMailboxHour=10,
        sendsPerMailboxDay=30,
        sendsPerMailboxHourFromOneClient=5,
        sendsToMailboxByUsersPerHour=10,
        sendsToMailboxByUsersPerDay=30,
        sendsToMailboxByUsersPerHourFromOneClient=5,
        sendsPerUserHour=20,
        sendsPerClientHour=1_000,
        signInsPerClientHour=3_000,
        signUpsPerClientHour=500,
        callsPerTrustedAppHour=20_000,
        passwordFailures=10,
        passwordFailuresWindow=300,
        codeFailuresPerHour=20,
        codeFailuresInARow=100,
        codeFailuresCoolDown=DAY,
        codeTriesOfAllClients=20,
    )
    assert promised == Limits()
    assert PoolSettings().verifyCodeResendInterval == 60


async def test_one_address_gets_one_mail_of_a_channel_a_minute(still: World) -> None:
    app = await still.app(auth="none")
    assert said(await ask(still, app, "ann@example.com")) == OK
    again = await ask(still, app, "ann@example.com")
    assert said(again) == SENT_TOO_RECENTLY and again["data"] == {"retryAfter": 60}
    still.clock.advance(20.5)
    again = await ask(still, app, "ANN@Example.com")
    assert said(again) == SENT_TOO_RECENTLY and again["data"] == {"retryAfter": 40}
    assert "40" in again["message"]
    response = await still.http.post(
        SEND,
        json={"email": "ann@example.com", "channel": LOGIN},
        headers={"x-authing-app-id": app.app_id},
    )
    assert response.status_code == 200 and response.headers["retry-after"] == "40"
    assert said(await ask(still, app, "ann@example.com", BIND)) == OK
    still.clock.advance(39.5)
    assert said(await ask(still, app, "ann@example.com")) == OK
    other = await still.app(auth="none")
    assert said(await ask(still, other, "ann@example.com")) == OK
    # The three refused ones took nothing from what the mailbox may get.
    await asks(still, app, 2)
    assert refused(await ask(still, app, "ann+9@example.com"), HOUR - 60)


async def test_what_an_owner_asks_for_makes_no_stranger_wait(still: World) -> None:
    """Else the wait would tell that somebody with this address was just there."""
    app = await still.app(await still.pool(**ROOMY), auth="none")
    ann = await still.person("ann", app, email="ann@example.com", email_verified=True)
    for channel in ("CHANNEL_UNBIND_EMAIL", "CHANNEL_DELETE_ACCOUNT", "CHANNEL_VERIFY_EMAIL_LINK"):
        body = {"email": "ann@example.com", "channel": channel}
        assert said(await ann.post(SEND, body)) == OK
        assert said(await ann.post(SEND, body)) == SENT_TOO_RECENTLY
        for email in ("ann@example.com", "nobody@example.com"):
            assert said(await ask(still, app, email, channel)) == OK
            assert said(await ask(still, app, email, channel)) == SENT_TOO_RECENTLY


async def test_one_client_gets_five_mails_an_hour_to_a_mailbox_and_all_get_ten(
    still: World,
) -> None:
    app = await still.app(auth="none")
    await asks(still, app, 5)
    still.clock.advance(600)
    for channel in (LOGIN, BIND):
        for address in ("ann@example.com", "ann+new@example.com"):
            assert refused(await ask(still, app, address, channel), HOUR - 600)
    async with calling_from(still, "203.0.113.7") as others:
        await asks(others, app, 5, first=10)
        assert refused(await ask(others, app, "ann@example.com"), HOUR)
    async with calling_from(still, "203.0.113.8") as others:
        assert refused(await ask(others, app, "ann@example.com"), HOUR - 600)
        assert said(await ask(others, app, "annette@example.com")) == OK
    still.clock.advance(HOUR - 600)
    assert said(await ask(still, app, "ann@example.com")) == OK


async def test_a_mailbox_gets_thirty_mails_a_day(still: World) -> None:
    app = await still.app(auth="none")
    for hour in range(3):
        for client in (1, 2):
            async with calling_from(still, f"203.0.113.{client}") as callers:
                await asks(callers, app, 5, first=hour * 10 + client * 100)
        still.clock.advance(HOUR)
    assert refused(await ask(still, app, "ann@example.com"), DAY - 3 * HOUR)
    still.clock.advance(DAY - 3 * HOUR)
    assert said(await ask(still, app, "ann@example.com")) == OK


async def test_mails_that_users_ask_for_are_counted_apart_and_just_so(still: World) -> None:
    app = await still.app(auth="none")
    await asks(still, app, 5)
    ann, bob = await still.person("ann", app), await still.person("bob", app)
    for n in range(5):
        assert said(await ann.asks_to_bind(f"ann+{n}@example.com")) == OK
    assert refused(await ann.asks_to_bind("ann@example.com"), HOUR)
    assert refused(await bob.asks_to_bind("ann@example.com"), HOUR)
    async with calling_from(still, "203.0.113.7") as elsewhere:
        bobs = Person(elsewhere, app, bob.user_id, "bob", bob.token)
        for n in range(5, 10):
            assert said(await bobs.asks_to_bind(f"ann+{n}@example.com")) == OK
        assert refused(await bobs.asks_to_bind("ann@example.com"), HOUR)
    async with calling_from(still, "203.0.113.8") as elsewhere:
        bobs = Person(elsewhere, app, bob.user_id, "bob", bob.token)
        assert refused(await bobs.asks_to_bind("ann@example.com"), HOUR)


async def test_a_signed_in_user_gets_twenty_mails_an_hour(still: World) -> None:
    ann = await still.person("ann")
    for n in range(20):
        assert said(await ann.asks_to_bind(f"ann{n}@example.com")) == OK
    still.clock.advance(60)
    for n in range(3):
        assert refused(await ann.asks_to_bind(f"more{n}@example.com"), HOUR - 60)
    bob = await still.person("bob", ann.app)
    assert said(await bob.asks_to_bind("more0@example.com")) == OK


async def test_one_client_is_counted_over_all_mailboxes_refused_calls_too(still: World) -> None:
    app = await still.app(await still.pool(limits__sendsPerClientHour="3"), auth="none")
    assert said(await ask(still, app, "a@example.com")) == OK
    assert said(await ask(still, app, "a@example.com")) == SENT_TOO_RECENTLY
    assert said(await ask(still, app, "b@example.com")) == OK
    assert refused(await ask(still, app, "c@example.com"), HOUR)
    # What was refused has not been counted against the mailbox: somebody else gets through.
    async with calling_from(still, "203.0.113.7") as others:
        assert said(await ask(others, app, "c@example.com")) == OK


async def test_sign_ins_and_looks_at_codes_of_one_client_are_counted(still: World) -> None:
    app = await still.app(await still.pool(limits__signInsPerClientHour="2"), auth="none")
    body = {"connection": "PASSCODE", "passCodePayload": {"email": "a@b.co", "passCode": "1"}}
    look = {
        "codeType": "EMAIL",
        "emailCodePayload": {"email": "a@b.co", "passCode": "1", "channel": LOGIN},
    }
    assert (await still.post("/api/v3/signin", body, app=app))["statusCode"] == 400
    assert said(await still.post("/api/v3/pre-check-code", look, app=app)) == OK
    still.clock.advance(100)
    assert refused(await still.post("/api/v3/signin", body, app=app), HOUR - 100)
    assert refused(await still.post("/api/v3/pre-check-code", look, app=app), HOUR - 100)
    async with calling_from(still, "203.0.113.7") as others:
        assert said(await others.post("/api/v3/pre-check-code", look, app=app)) == OK


async def test_limits_hold_across_a_restart(settings: Settings) -> None:
    clock = StoppedClock()
    async with new_world(settings, clock) as world:
        app = await world.app(auth="none")
        await asks(world, app, 5)
    async with new_world(settings, clock) as world:
        assert refused(await ask(world, app, "ann@example.com"), HOUR)


async def test_a_clock_that_steps_back_locks_nobody_out(still: World) -> None:
    app = await still.app(auth="none")
    await asks(still, app, 5)
    still.clock.advance(-DAY)
    # What was counted still counts, but for one window from now, not for a day more.
    assert said(await ask(still, app, "ann@example.com")) == OK
    assert refused(await ask(still, app, "ann+9@example.com"), HOUR)
    still.clock.advance(HOUR)
    await asks(still, app, 5)


async def test_wrong_passwords_delay_and_lock_nobody_out(still: World) -> None:
    app = await still.app(auth="none")
    await still.person("ann", app, sign_in=False, email="ann@example.com")

    async def tries(world: World, name: dict[str, str], password: str) -> Any:
        payload = name | {"password": password}
        body = {"connection": "PASSWORD", "passwordPayload": payload}
        return await world.post("/api/v3/signin", body, app=app)

    right = "correct horse battery staple"
    spellings = ("ann@example.com", "  Ann@Example.COM", "ANN@example.com ")
    for n in range(10):  # one account, however it is written
        name = {"account" if n % 2 else "email": spellings[n % 3]}
        assert said(await tries(still, name, "wrong")) == (403, 2333)
    assert refused(await tries(still, {"email": "ann@example.com"}, right), 1)
    async with calling_from(still, "203.0.113.7") as elsewhere:
        assert said(await tries(elsewhere, {"email": "ann@example.com"}, right)) == OK
    await ask(still, app, "ann@example.com")
    payload = {"email": "ann@example.com", "passCode": await still.code("ann@example.com")}
    by_code = {"connection": "PASSCODE", "passCodePayload": payload}
    assert said(await still.post("/api/v3/signin", by_code, app=app)) == OK
    still.clock.advance(1)
    assert said(await tries(still, {"email": "ann@example.com"}, "wrong")) == (403, 2333)
    assert refused(await tries(still, {"email": "ann@example.com"}, right), 2)
    still.clock.advance(2)
    assert said(await tries(still, {"email": "ann@example.com"}, right)) == OK
    assert said(await tries(still, {"email": "ann@example.com"}, "wrong")) == (403, 2333)
    assert said(await tries(still, {"email": "ann@example.com"}, right)) == OK
