"""Every channel of `POST /api/v3/send-email`, and what its codes open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import pytest

from gatepost.vocabulary.channel import Channel
from tests.support import links
from tests.support.backstage import (
    CODE_INCORRECT,
    EMAIL_ALREADY_BOUND,
    EMAIL_TAKEN,
    NO_EMAIL_BOUND,
    NOT_SIGNED_IN,
    OK,
    OLD_EMAIL_MISMATCH,
    footprint,
    mails_are_done,
    rows,
    said,
    set_status,
)
from tests.support.world import ROOMY, App, Person, World

ANN, NOBODY = "ann@example.com", "nobody@example.com"
CAROL = "carol@example.com"
MAILBOX = (Channel.LOGIN, Channel.REGISTER, Channel.RESET_PASSWORD, Channel.COMPLETE_EMAIL)
OWNER = (Channel.UNBIND_EMAIL, Channel.DELETE_ACCOUNT, Channel.VERIFY_EMAIL_LINK)
OF_CODES = [*MAILBOX, Channel.BIND_EMAIL, Channel.UPDATE_EMAIL, *OWNER[:2]]
SERVED = [*OF_CODES, Channel.VERIFY_EMAIL_LINK]
TEMPLATES = {
    Channel.LOGIN: "login_verify_code",
    Channel.REGISTER: "register_verify_code",
    Channel.RESET_PASSWORD: "reset_password_verify_code",
    Channel.BIND_EMAIL: "email_bind_verify_code",
    Channel.UPDATE_EMAIL: "email_update_verify_code",
    Channel.UNBIND_EMAIL: "email_unbind_verify_code",
    Channel.COMPLETE_EMAIL: "information_completion_verify_code",
    Channel.DELETE_ACCOUNT: "delete_account_verify_code",
    Channel.VERIFY_EMAIL_LINK: "console_conducted_verify",
}


async def ask(
    world: World, app: App, email: str, channel: str, person: Person | None = None
) -> dict[str, Any]:
    body = {"email": email, "channel": channel}
    token = person.token if person else None
    return await world.post("/api/v3/send-email", body, app=app, token=token)


def by_code(code: str, **more: Any) -> dict[str, Any]:
    shown = {"passCode": code} | more
    return {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": shown}


@dataclass
class Street:
    """Ann has the address; Bob has none and wants it; Carol wants to change hers to it."""

    world: World
    app: App
    ann: Person
    bob: Person
    carol: Person

    def asker(self, channel: Channel) -> Person | None:
        """Who asks for codes of a channel that belong to a user."""
        own = {Channel.BIND_EMAIL: self.bob, Channel.UPDATE_EMAIL: self.carol}
        return own.get(channel, self.ann if channel in OWNER else None)

    async def code(self, channel: Channel) -> str:
        """A code of a channel, mailed to the one address."""
        assert said(await ask(self.world, self.app, ANN, channel, self.asker(channel))) == OK
        code = (await self.world.mail.of(ANN, TEMPLATES[channel])).code
        assert code is not None
        return code

    async def shows(self, channel: Channel, code: str) -> dict[str, Any]:
        """Show a code to the step of a channel."""
        steps: dict[Channel, Callable[[str], Awaitable[dict[str, Any]]]] = {
            Channel.LOGIN: self._sign_in,
            Channel.REGISTER: self._sign_up,
            Channel.COMPLETE_EMAIL: self._complete,
            Channel.RESET_PASSWORD: lambda code: self.world.post(
                "/api/v3/verify-reset-password-request", by_code(code, email=ANN), app=self.app
            ),
            Channel.BIND_EMAIL: lambda code: self.bob.binds(ANN, code),
            Channel.UPDATE_EMAIL: self._update,
            Channel.UNBIND_EMAIL: lambda code: self.ann.post(
                "/api/v3/unbind-email", {"passCode": code}
            ),
            Channel.DELETE_ACCOUNT: lambda code: self.ann.post(
                "/api/v3/verify-delete-account-request", by_code(code)
            ),
        }
        return await steps[channel](code)

    async def looks(self, channel: Channel, code: str) -> dict[str, Any]:
        """Look at a code without using it."""
        payload = {"email": ANN, "passCode": code, "channel": channel}
        body = {"codeType": "EMAIL", "emailCodePayload": payload}
        asker = self.asker(channel)
        token = asker.token if asker else None
        return await self.world.post("/api/v3/pre-check-code", body, app=self.app, token=token)

    async def tries(self) -> dict[str, tuple[int, int | None]]:
        """The tries that the code of each channel lost, and when it was spent."""
        found = await rows(
            self.world,
            "SELECT channel, tries, spent_at FROM verification_codes WHERE email = :email",
            email=ANN,
        )
        return {channel: (tries, spent_at) for channel, tries, spent_at in found}

    async def _sign_in(self, code: str) -> dict[str, Any]:
        body = {
            "connection": "PASSCODE",
            "passCodePayload": {"email": ANN, "passCode": code},
            "client_id": self.app.app_id,
            "client_secret": self.app.secret,
        }
        return await self.world.post("/api/v3/signin", body, app=self.app)

    async def _sign_up(self, code: str) -> dict[str, Any]:
        body = {"connection": "PASSCODE", "passCodePayload": {"email": ANN, "passCode": code}}
        return await self.world.post("/api/v3/signup", body, app=self.app)

    async def _complete(self, code: str) -> dict[str, Any]:
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"username": "newcomer", "password": "a fine long password"},
            "profile": {"email": ANN},
            "options": {"emailPassCodeForInformationCompletion": code},
        }
        return await self.world.post("/api/v3/signup", body, app=self.app)

    async def _update(self, code: str) -> dict[str, Any]:
        shown = {"newEmail": ANN, "newEmailPassCode": code}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": shown}
        return await self.carol.post("/api/v3/verify-update-email-request", body)


async def street(world: World, **settings: str) -> Street:
    long_codes = {"verifyCodeLength": "10"}  # no two are the same by chance
    policy = {"changeEmailStrategy.verifyOldEmail": "false"}
    app = await world.app(await world.pool(**ROOMY, **long_codes, **policy, **settings))
    return Street(
        world,
        app,
        await world.person("ann", app, email=ANN, email_verified=True),
        await world.person("bob", app),
        await world.person("carol", app, email=CAROL, email_verified=True),
    )


async def test_a_code_of_one_channel_is_refused_on_every_other_and_the_look_is_counted(
    still: World,
) -> None:
    many = {"verifyCodeMaxAttempts": "20", "limits.codeFailuresPerHour": "1000000"}
    place = await street(still, **many, **{"limits.codeTriesOfAllClients": "1000"})
    codes = {channel: await place.code(channel) for channel in OF_CODES}
    expected: dict[str, tuple[int, int | None]] = dict.fromkeys(map(str, OF_CODES), (0, None))
    assert await place.tries() == expected
    for of, shown_on in permutations(OF_CODES, 2):
        assert said(await place.shows(shown_on, codes[of])) == CODE_INCORRECT, (of, shown_on)
        look = await place.looks(shown_on, codes[of])
        assert (said(look), look["data"]["isValid"]) == (OK, False), (of, shown_on)
        expected[shown_on] = (expected[shown_on][0] + 2, None)
        assert await place.tries() == expected, (of, shown_on)
    assert all(tries == 2 * (len(OF_CODES) - 1) for tries, _ in expected.values())


async def test_each_code_is_right_on_its_own_channel(still: World) -> None:
    place = await street(still)
    taken = {
        Channel.REGISTER: (409, 2026),
        Channel.COMPLETE_EMAIL: (409, 2026),
        Channel.BIND_EMAIL: EMAIL_TAKEN,
        Channel.UPDATE_EMAIL: EMAIL_TAKEN,
    }
    last = Channel.UNBIND_EMAIL  # the others need the address
    for channel in [*(set(OF_CODES) - {last}), last]:
        code = await place.code(channel)
        assert (await place.looks(channel, code))["data"]["isValid"] is True, channel
        assert said(await place.shows(channel, code)) == taken.get(channel, OK), channel


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "bob"])
async def test_every_channel_answers_the_same_whether_the_address_is_known(
    still: World, signed_in: bool
) -> None:
    app = await still.app(await still.pool(**ROOMY))
    await still.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    await still.person("carl", app, sign_in=False, email="carl@example.com")
    sus = await still.person("sus", app, sign_in=False, email="suzy@example.com")
    await set_status(still, sus.user_id, "Suspended")
    bob = await still.person("bob", app) if signed_in else None
    for channel in SERVED:
        bodies = set()
        for email in (ANN, "carl@example.com", "suzy@example.com", NOBODY):
            for _ in range(2):  # the second comes too soon, for everybody alike
                bodies.add(await _bytes(still, app, email, channel, bob))
        assert len(bodies) == (1 if signed_in and channel in OWNER else 2), channel


async def _bytes(world: World, app: App, email: str, channel: str, person: Person | None) -> bytes:
    headers = {"x-authing-app-id": app.app_id}
    if person is not None and person.token:
        headers["authorization"] = person.token
    body = {"email": email, "channel": channel}
    answer = await world.http.post("/api/v3/send-email", json=body, headers=headers)
    same = sorted(
        f"{name}: {value}" for name, value in answer.headers.items() if name != "x-request-id"
    )
    said_so = answer.content.replace(answer.json()["requestId"].encode(), b"")
    return str((answer.status_code, same)).encode() + said_so


@pytest.mark.parametrize("channel", SERVED)
async def test_a_known_address_gets_the_mail_of_each_channel(
    still: World, channel: Channel
) -> None:
    place = await street(still)
    assert said(await ask(still, place.app, ANN, channel)) == OK
    mail = await still.mail.of(ANN, TEMPLATES[channel])
    if channel is Channel.VERIFY_EMAIL_LINK:
        assert mail.code is None and links.url_in(mail, "verify")
        return
    assert mail.code and links.url_in(mail, "not-asked")
    ((subject,),) = await rows(still, "SELECT subject FROM verification_codes")
    assert subject == (place.ann.user_id if channel in OWNER else "")


async def test_an_unknown_address_gets_codes_but_those_of_owners(still: World) -> None:
    app = await still.app(await still.pool(**ROOMY))
    for channel in SERVED:
        assert said(await ask(still, app, NOBODY, channel)) == OK
    expected = {TEMPLATES[channel] for channel in set(SERVED) - set(OWNER)}
    expected = expected - {"reset_password_verify_code"} | {"no_account_here"}
    for template in expected:
        await still.mail.of(NOBODY, template)
    await mails_are_done(still)
    states = await rows(
        still, "SELECT template, state FROM outbox WHERE recipient = :to", to=NOBODY
    )
    assert set(states) == {(template, "sent") for template in expected} | {
        (TEMPLATES[channel], "withheld") for channel in OWNER
    }
    assert {mail.template for mail in still.mail.all_to(NOBODY)} == expected
    word = await still.mail.of(NOBODY, "no_account_here")
    assert word.code is None and links.url_in(word, "not-asked")


class TestSignedIn:
    @pytest.mark.parametrize("channel", OWNER)
    async def test_what_is_for_owners_goes_to_ones_own_address_only(
        self, still: World, channel: Channel
    ) -> None:
        place = await street(still)
        before = await footprint(still)
        for email in (CAROL, NOBODY):
            refused = await ask(still, place.app, email, channel, place.ann)
            assert said(refused) == OLD_EMAIL_MISMATCH
            refused = await ask(still, place.app, email, channel, place.bob)
            assert said(refused) == NO_EMAIL_BOUND
        assert await footprint(still) == before
        assert said(await ask(still, place.app, ANN, channel, place.ann)) == OK
        mail = await still.mail.of(ANN, TEMPLATES[channel])
        assert "not-asked" not in mail.text

    async def test_codes_for_binding_and_changing_belong_to_who_asked(self, still: World) -> None:
        place = await street(still)
        for channel, person in [
            (Channel.BIND_EMAIL, place.bob),
            (Channel.UPDATE_EMAIL, place.carol),
        ]:
            assert said(await ask(still, place.app, NOBODY, channel, person)) == OK
            found = await rows(
                still, "SELECT subject FROM verification_codes WHERE channel = :c", c=channel
            )
            assert found == [(person.user_id,)]
        refused = await ask(still, place.app, NOBODY, Channel.BIND_EMAIL, place.ann)
        assert said(refused) == EMAIL_ALREADY_BOUND

    @pytest.mark.parametrize("channel", MAILBOX)
    async def test_codes_of_a_mailbox_stay_its_own(self, still: World, channel: Channel) -> None:
        place = await street(still)
        assert said(await ask(still, place.app, CAROL, channel, place.ann)) == OK
        await still.mail.of(CAROL, TEMPLATES[channel])
        assert await rows(still, "SELECT subject FROM verification_codes") == [("",)]


async def test_a_pool_may_want_codes_asked_for_by_signed_in_users_only(still: World) -> None:
    place = await street(still, codesNeedSignIn="true")
    for channel in SERVED:
        needs = channel in (Channel.BIND_EMAIL, Channel.UPDATE_EMAIL)
        for email in (ANN, NOBODY):
            answer = await ask(still, place.app, email, channel)
            assert said(answer) == (NOT_SIGNED_IN if needs else OK), channel
    assert said(await ask(still, place.app, NOBODY, Channel.BIND_EMAIL, place.bob)) == OK
