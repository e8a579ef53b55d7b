"""Guards behind other guards: each holds by itself, whatever stands before it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from gatepost.authentication.changing import held
from gatepost.authentication.links import Press, undo
from gatepost.credentials import steps
from gatepost.storage import sessions, users
from gatepost.storage.database import Transaction
from gatepost.storage.step_tokens import Step
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import SessionEnded, TokenInvalid
from tests.support.backstage import (
    CODE_INCORRECT,
    OK,
    TOKEN_INVALID,
    change,
    mails_are_done,
    rows,
    said,
)
from tests.support.changes import NEW, OLD, ann_with_old, granted, updates
from tests.support.life import reset_token, resets, sign_in_by_code
from tests.support.links import bind, code_mail, mail_after, press, url_in
from tests.support.links import change as change_address
from tests.support.world import Person, World

ANN = "ann@example.com"
LOGIN = {"email": ANN, "channel": "CHANNEL_LOGIN"}


async def stamp_of(person: Person) -> int:
    ((stamp,),) = await rows(
        person.world, "SELECT stamp FROM users WHERE id = :id", id=person.user_id
    )
    return int(stamp)


async def call_of(person: Person) -> Any:
    """As much of a signed-in call as holding the account needs."""
    ((session_id,),) = await rows(
        person.world, "SELECT id FROM sessions WHERE user_id = :id", id=person.user_id
    )
    session = SimpleNamespace(user_id=person.user_id, session_id=session_id)
    return SimpleNamespace(
        context=person.world.context, request_id="", caller=None, language=None, session=session
    )


async def test_a_bind_spends_a_code_that_anybody_could_show(world: World) -> None:
    ann = await world.person("ann")
    body = {"email": ANN, "channel": "CHANNEL_BIND_EMAIL"}
    assert said(await world.post("/api/v3/send-email", body, app=ann.app)) == OK
    assert said(await ann.binds(ANN, await world.code(ANN))) == OK
    assert await rows(world, "SELECT 1 FROM verification_codes WHERE spent_at IS NULL") == []


async def test_a_token_is_for_its_user_even_in_anothers_session(world: World) -> None:
    ann = await ann_with_old(world)
    bob = await world.person("bob", ann.app, email="bob@example.com", email_verified=True)
    token = await granted(ann)
    session_id = (await call_of(bob)).session.session_id
    await change(world, "UPDATE step_tokens SET session_id = :id", id=session_id)
    assert said(await updates(bob, token)) == TOKEN_INVALID
    found = await rows(world, "SELECT email FROM users WHERE email = :new", new=NEW)
    assert found == []


async def test_a_token_to_reset_is_for_the_address_that_was_proved(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    token = await reset_token(world, app, ANN)
    await change(world, "UPDATE users SET email = 'other@example.com'")
    assert said(await resets(world, app, token, "a brand new password")) == TOKEN_INVALID


async def test_a_token_is_gone_in_the_moment_of_its_use(world: World) -> None:
    ann = await ann_with_old(world)
    token = await granted(ann)
    call = await call_of(ann)

    async def twice(tx: Transaction) -> None:
        user = (await held(tx, call)).user
        await steps.redeem(tx, Step.UPDATE_EMAIL, token, user, call.session.session_id)
        with pytest.raises(TokenInvalid):
            await steps.redeem(tx, Step.UPDATE_EMAIL, token, user, call.session.session_id)

    await world.database.unit(twice)


async def test_a_token_is_for_one_step(world: World) -> None:
    ann = await ann_with_old(world)
    token = await granted(ann)
    call = await call_of(ann)

    async def work(tx: Transaction) -> None:
        user = (await held(tx, call)).user
        with pytest.raises(TokenInvalid):
            await steps.redeem(tx, Step.DELETE_ACCOUNT, token, user, call.session.session_id)
        with pytest.raises(TokenInvalid):
            await steps.redeem_unsigned(tx, Step.RESET_PASSWORD, token)

    await world.database.unit(work)


async def test_a_code_to_sign_in_works_once(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    assert said(await world.post("/api/v3/send-email", LOGIN, app=app)) == OK
    code = await world.code(ANN)
    assert said(await sign_in_by_code(world, app, ANN, code)) == OK
    assert said(await sign_in_by_code(world, app, ANN, code)) == CODE_INCORRECT


@pytest.mark.parametrize("what", ["address", "password"])
async def test_each_change_of_an_account_is_counted(world: World, what: str) -> None:
    ann = await ann_with_old(world)
    before = await stamp_of(ann)

    async def work(tx: Transaction) -> None:
        if what == "address":
            await users.bind_email(tx, ann.user_id, EmailAddress.stored(OLD))
        else:
            await users.set_password(tx, ann.user_id, "a hash", 1)

    await world.database.unit(work)
    assert await stamp_of(ann) == before + 1


async def test_a_session_that_ended_before_the_account_was_held_changes_nothing(
    world: World,
) -> None:
    ann = await world.person("ann")
    call = await call_of(ann)

    async def work(tx: Transaction) -> None:
        await held(tx, call)
        await sessions.end_all(tx, ann.user_id)
        with pytest.raises(SessionEnded):
            await held(tx, call)

    await world.database.unit(work)


async def test_ways_in_are_counted_while_the_account_is_held(world: World) -> None:
    ann = await ann_with_old(world)
    call = await call_of(ann)

    async def work(tx: Transaction) -> bool:
        await users.set_password(tx, ann.user_id, None, None)
        return (await held(tx, call)).user.ways_in_without_email

    assert await world.database.unit(work) is False


async def test_a_bind_that_was_disowned_is_void(world: World) -> None:
    ann = await world.person("ann")
    await press(world, url_in(await bind(ann, ANN), "not-me"))
    assert await rows(world, "SELECT 1 FROM email_changes WHERE voided_at IS NULL") == []


async def test_a_link_is_used_up_even_if_what_it_undid_is_done_again(world: World) -> None:
    ann = await world.person("ann")
    url = url_in(await bind(ann, ANN), "not-me")
    await press(world, url)
    await change(world, "UPDATE email_changes SET voided_at = NULL")
    await change(world, "UPDATE users SET email = :email", email=ANN)
    assert (await world.http.get(url)).status_code == 404


async def test_what_was_undone_with_an_earlier_change_is_undone_once(world: World) -> None:
    ann = await world.person("ann")
    await bind(ann, ANN)
    first = await change_address(ann, ANN, OLD)
    second = await change_address(ann, OLD, NEW)
    await press(world, url_in(first, "undo"))
    token = url_in(second, "undo").partition("token=")[2]
    late = Press(world.context, token, Language.EN_US, "request", None, None)
    with pytest.raises(TokenInvalid):
        await undo(late)


async def test_verifying_what_is_verified_changes_nothing(world: World) -> None:
    app = await world.app()
    ann = await world.person("ann", app, sign_in=False, email=ANN, email_verified=True)
    body = {"email": ANN, "channel": "CHANNEL_VERIFY_EMAIL_LINK"}
    asking = world.post("/api/v3/send-email", body, app=app)
    mail = await mail_after(world, ANN, "console_conducted_verify", asking)
    before = await stamp_of(ann)
    assert (await press(world, url_in(mail, "verify"))).status_code == 200
    assert await stamp_of(ann) == before


class TestWhileCodeMailIsStopped:
    async def stopped(self, world: World) -> Person:
        """Mallory's code mails to Ann were not asked for."""
        mallory = await world.person("mallory", sign_in=False)
        mail = await code_mail(mallory, ANN, "CHANNEL_LOGIN", signed_in=False)
        await press(world, url_in(mail, "not-asked"))
        return mallory

    async def states(self, mallory: Person) -> list[str]:
        """What becomes of one more mail, and of those before."""
        assert said(await mallory.world.post("/api/v3/send-email", LOGIN, app=mallory.app)) == OK
        await mails_are_done(mallory.world)
        found = await rows(
            mallory.world,
            "SELECT state FROM outbox WHERE template = 'login_verify_code' ORDER BY created_at",
        )
        return [state for (state,) in found]

    async def test_what_a_stranger_asks_for_stays_here_for_a_day(self, still: World) -> None:
        mallory = await self.stopped(still)
        still.clock.advance(24 * 3600 - 1)
        assert await self.states(mallory) == ["sent", "withheld"]
        still.clock.advance(61)
        assert await self.states(mallory) == ["sent", "withheld", "sent"]

    async def test_allow_again_lets_it_through(self, still: World) -> None:
        mallory = await self.stopped(still)
        confirmation = await still.mail.of(ANN, "code_mail_stopped")
        await press(still, url_in(confirmation, "allow-again"))
        still.clock.advance(61)
        assert await self.states(mallory) == ["sent", "sent"]

    async def test_there_is_no_code_to_guess(self, still: World) -> None:
        mallory = await self.stopped(still)
        still.clock.advance(61)
        await self.states(mallory)
        live = await rows(still, "SELECT subject FROM verification_codes WHERE spent_at IS NULL")
        assert len(live) == 1
        # That of nobody at all: there is no account of this id, and not everybody may show it.
        owner = "SELECT 1 FROM users WHERE id = :subject"
        assert live[0][0] != ""
        assert await rows(still, owner, subject=live[0][0]) == []
