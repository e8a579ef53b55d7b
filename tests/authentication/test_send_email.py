"""`POST /api/v3/send-email`."""

from __future__ import annotations

from typing import Any, TypeVar

from gatepost.storage.database import Database, Work
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.refusals import Overloaded
from tests.support.backstage import (
    EMAIL_ALREADY_BOUND,
    NOT_SUPPORTED,
    OK,
    footprint,
    rows,
    said,
)
from tests.support.recording import calling, served
from tests.support.world import App, World

T = TypeVar("T")

SEND = "/api/v3/send-email"
LOGIN, BIND = "CHANNEL_LOGIN", "CHANNEL_BIND_EMAIL"
WITHOUT_A_STEP = (Channel.VERIFY_MFA, Channel.UNLOCK_ACCOUNT)


async def ask(world: World, app: App, email: str, channel: str = LOGIN) -> dict[str, Any]:
    return await world.post(SEND, {"email": email, "channel": channel}, app=app)


async def test_a_code_goes_to_the_canonical_address(world: World) -> None:
    app = await world.app()
    assert said(await ask(world, app, "  Ann.Smith@EXAMPLE.com ")) == OK
    mail = await world.mail.to("ann.smith@example.com")
    assert mail.template == "login_verify_code" and mail.subject.startswith(mail.code or "?")
    assert (mail.code or "?") in mail.text and (mail.code or "?") in mail.html
    assert said(await ask(world, app, "ann@bücher.example")) == OK
    await world.mail.to("ann@xn--bcher-kva.example")
    bind = await world.person("bob", app)
    await bind.asks_to_bind("bob@example.com")
    assert (await world.mail.to("bob@example.com")).template == "email_bind_verify_code"


async def test_nobody_learns_whether_an_address_has_an_account(world: World) -> None:
    app = await world.app()
    await world.person("ann", app, sign_in=False, email="ann@example.com")
    bob = await world.person("bob", app)
    answers = []
    for email in ("ann@example.com", "nobody@example.com"):
        answers += [await ask(world, app, email, channel) for channel in (LOGIN, BIND)]
        answers += [await ask(world, app, email, LOGIN)]  # too recently
    for n, email in enumerate(("ann@example.com", "nobody@example.com")):
        answers += [await bob.asks_to_bind(f"x{n}+{email}")]
    bare = [{k: v for k, v in answer.items() if k != "requestId"} for answer in answers]
    assert bare[:3] == bare[3:6] and bare[6] == bare[7]
    for email in ("ann@example.com", "nobody@example.com"):
        await world.mail.to(email, 2)
    await world.mail.to("x1+nobody@example.com")
    sizes = [
        len(world.mail.all_to(e)[0].text.replace(e, ""))
        for e in ("ann@example.com", "nobody@example.com")
    ]
    assert sizes[0] == sizes[1]


async def test_a_channel_whose_step_does_not_exist_mails_nothing(world: World) -> None:
    ann = await world.person("ann")
    before = await footprint(world)
    for channel in WITHOUT_A_STEP:
        answer = await ann.post(SEND, {"email": "ann@example.com", "channel": channel})
        assert said(answer) == NOT_SUPPORTED, channel
    assert await footprint(world) == before


async def test_who_has_an_address_is_told_at_once_that_changing_it_is_another_flow(
    world: World,
) -> None:
    app = await world.app()
    ann = await world.person("ann", app, email="ann@example.com")
    before = await footprint(world)
    assert said(await ann.asks_to_bind("new@example.com")) == EMAIL_ALREADY_BOUND
    assert await footprint(world) == before
    assert said(await ask(world, app, "new@example.com", BIND)) == OK


async def test_codes_belong_to_who_asked_and_sign_in_codes_to_the_mailbox(world: World) -> None:
    ann = await world.person("ann")
    await ann.asks_to_bind("a@example.com")
    await ann.post(SEND, {"email": "b@example.com", "channel": LOGIN})
    await ask(world, ann.app, "c@example.com", BIND)
    found = await rows(world, "SELECT email, subject FROM verification_codes ORDER BY email")
    assert found == [("a@example.com", ann.user_id), ("b@example.com", ""), ("c@example.com", "")]


async def test_special_and_international_addresses_are_for_the_pool_to_allow(
    world: World,
) -> None:
    app = await world.app(await world.pool(allowInternationalEmail="true"))
    assert said(await ask(world, app, "ann@host.local")) == OK
    assert said(await ask(world, app, "用户@example.com")) == OK
    await world.set_pool(
        app.pool_id, allowSpecialUseDomains="false", allowInternationalEmail="false"
    )
    for email in ("bob@host.local", "bob@pool.test", "用戶@example.com"):
        assert said(await ask(world, app, email)) == (400, 2204)


class Failing:
    """A database that goes away at the end of one of its units."""

    def __init__(self, database: Database, failing: int) -> None:
        self._database = database
        self._failing = failing
        self.units = 0

    async def unit(self, work: Work[T]) -> T:
        self.units += 1
        fails = self.units == self._failing

        async def until_the_end(tx: Any) -> T:
            done = await work(tx)
            if fails:
                raise Overloaded(retry_after=1)
            return done

        return await self._database.unit(until_the_end)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


async def test_whoever_is_told_to_wait_has_a_mail(world: World) -> None:
    """A server that dies at any unit leaves no wait without the mail that it is for."""
    app = await world.app(auth="none")
    body = {"email": "ann@example.com", "channel": LOGIN}
    whole = Failing(world.database, 0)
    async with calling(served(world, database=whole)) as http:
        headers = {"x-authing-app-id": app.app_id}
        answer = await http.post(SEND, json=body | {"email": "bob@example.com"}, headers=headers)
        assert answer.json()["statusCode"] == 200
    for unit in range(1, whole.units + 1):
        async with calling(served(world, database=Failing(world.database, unit))) as http:
            answer = await http.post(SEND, json=body, headers={"x-authing-app-id": app.app_id})
        assert answer.status_code == 503
        assert await rows(world, "SELECT 1 FROM outbox WHERE recipient = 'ann@example.com'") == []
    assert said(await ask(world, app, "ann@example.com")) == OK
    await world.mail.to("ann@example.com")
