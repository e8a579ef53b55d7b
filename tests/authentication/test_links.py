"""The buttons behind the links in mails, pressed as their readers press them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gatepost.authentication.links import Press, not_me
from gatepost.settings import Settings
from gatepost.storage import users
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import TokenInvalid
from tests.support.backstage import change as alter
from tests.support.backstage import rows
from tests.support.life import sign_up
from tests.support.links import (
    address_of,
    bind,
    change,
    code,
    code_mail,
    granted_change,
    mail_after,
    press,
    send,
    unbind,
    url_in,
    words_of,
)
from tests.support.pages import browsing
from tests.support.world import PASSWORD, App, Person, StoppedClock, World, new_world

HOUR = 3600
PAUSED, TOKEN_INVALID = 90004, 90002


@pytest.fixture
async def still_world(settings: Settings) -> AsyncIterator[World]:
    """A world whose time stands still."""
    async with new_world(settings, StoppedClock()) as world:
        yield world


async def ann_with(world: World, email: str) -> Person:
    ann = await world.person("ann")
    await bind(ann, email)
    return ann


async def sign_in_by_code(world: World, app: App, email: str, passcode: str) -> dict[str, Any]:
    body = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": email, "passCode": passcode},
        "client_id": app.app_id,
        "client_secret": app.secret,
    }
    return await world.post("/api/v3/signin", body, app=app)


class TestUndoOfAChange:
    async def test_brings_the_address_back_and_ends_every_session(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await change(ann, "a@example.com", "mallory@example.com")
        done = await press(world, url_in(notice, "undo"))
        assert (done.status_code, "undone" in words_of(done)) == (200, True)
        assert await address_of(ann) == "a@example.com"
        assert (await ann.get("/api/v3/get-profile"))["apiCode"] == 2206
        told = await world.mail.of("a@example.com", "undo_done")
        assert "a@example.com" in told.text
        lost = await world.mail.of("mallory@example.com", "email_removed")
        assert "a@example.com" not in lost.text
        await ann.sign_in()
        profile = (await ann.get("/api/v3/get-profile"))["data"]
        assert (profile["email"], profile["emailVerified"]) == ("a@example.com", True)

    async def test_tells_of_it_in_the_accounts_own_language_whatever_the_page_speaks(
        self, world: World
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await change(ann, "a@example.com", "b@example.com")
        await alter(world, "UPDATE users SET language = 'ja-JP' WHERE id = :id", id=ann.user_id)
        token = url_in(notice, "undo").partition("token=")[2]
        assert (await send(world, "/link/undo", token=token, lang="zh-CN")).status_code == 200
        for address, template in (("a", "undo_done"), ("b", "email_removed")):
            told = await world.mail.of(f"{address}@example.com", template)
            assert told.language is Language.JA_JP

    async def test_ends_the_refresh_tokens_too(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        signed_in = await ann.sign_in(scope="openid offline_access")
        notice = await change(ann, "a@example.com", "b@example.com")
        await press(world, url_in(notice, "undo"))
        form = {
            "grant_type": "refresh_token",
            "refresh_token": signed_in["data"]["refresh_token"],
            "client_id": ann.app.app_id,
            "client_secret": ann.app.secret,
        }
        answer = await world.http.post("/oidc/token", data=form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")

    async def test_works_once(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        url = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        token = url.partition("token=")[2]
        assert (await press(world, url)).status_code == 200
        assert (await send(world, "/link/undo", token=token)).status_code == 404
        assert (await world.http.get(url)).status_code == 404

    async def test_pressed_twice_at_once_is_done_once(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        url = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        token = url.partition("token=")[2]
        presses = [send(world, "/link/undo", token=token) for _ in range(6)]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*presses))
        assert statuses == [200] + [404] * 5
        await world.mail.of("a@example.com", "undo_done")
        assert await address_of(ann) == "a@example.com"

    async def test_works_a_second_before_72_hours_are_over_and_not_after(
        self, still_world: World
    ) -> None:
        world = still_world
        ann = await ann_with(world, "a@example.com")
        url = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        world.clock.advance(72 * HOUR - 1)
        assert (await world.http.get(url)).status_code == 200
        world.clock.advance(1)
        assert (await world.http.get(url)).status_code == 404
        late = await send(world, "/link/undo", token=url.partition("token=")[2])
        assert (late.status_code, await address_of(ann)) == (404, "b@example.com")
        world.clock.advance(-1)
        assert (await press(world, url)).status_code == 200
        assert await address_of(ann) == "a@example.com"

    async def test_of_the_first_of_two_voids_the_second_and_its_undo(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        first = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        second = url_in(await change(ann, "b@example.com", "c@example.com"), "undo")
        assert "later changes are undone" in words_of(await world.http.get(first))
        await press(world, first)
        assert await address_of(ann) == "a@example.com"
        assert (await world.http.get(second)).status_code == 404
        dead = await send(world, "/link/undo", token=second.partition("token=")[2])
        assert (dead.status_code, await address_of(ann)) == (404, "a@example.com")

    async def test_of_the_second_of_two_leaves_the_first_to_undo(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        first = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        second = url_in(await change(ann, "b@example.com", "c@example.com"), "undo")
        await press(world, second)
        assert await address_of(ann) == "b@example.com"
        await press(world, first)
        assert await address_of(ann) == "a@example.com"

    @pytest.mark.parametrize("order", [1, -1])
    async def test_two_undos_at_once_end_at_the_first_address(
        self, world: World, order: int
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        first = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        second = url_in(await change(ann, "b@example.com", "c@example.com"), "undo")
        tokens = [url.partition("token=")[2] for url in (first, second)[::order]]
        await asyncio.gather(*(send(world, "/link/undo", token=token) for token in tokens))
        assert await address_of(ann) == "a@example.com"

    async def test_goes_by_the_order_of_changes_even_if_the_clock_steps_back(
        self, world: World
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        first = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        world.clock.advance(-5 * 61)
        await ann.sign_in()
        second = url_in(await change(ann, "b@example.com", "c@example.com"), "undo")
        await press(world, second)
        assert await address_of(ann) == "b@example.com"
        await press(world, first)
        assert await address_of(ann) == "a@example.com"

    async def test_takes_only_the_new_address_off_if_the_old_one_is_anothers_by_now(
        self, world: World
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        bob = await world.person("bob", ann.app)
        notice = await change(ann, "a@example.com", "b@example.com")
        await bind(bob, "a@example.com")
        url = url_in(notice, "undo")
        assert "another account" in words_of(await world.http.get(url))
        done = await press(world, url)
        assert "could not come back" in words_of(done)
        told = await world.mail.of("a@example.com", "undo_done_taken")
        assert "belongs to another account" in told.text
        await world.mail.of("b@example.com", "email_removed")
        assert (await address_of(ann), await address_of(bob)) == (None, "a@example.com")
        assert (await ann.get("/api/v3/get-profile"))["statusCode"] == 401
        assert (await bob.get("/api/v3/get-profile"))["statusCode"] == 200

    @pytest.mark.parametrize("squatter", [{}, {"username": "squatter"}])
    async def test_takes_the_old_address_back_from_who_only_said_that_it_is_theirs(
        self, world: World, squatter: dict[str, str]
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await change(ann, "a@example.com", "evil@example.com")
        made = await sign_up(world, ann.app, email="a@example.com", **squatter)
        thief = Person(world, ann.app, made["data"]["userId"], "squatter")
        if squatter:
            await thief.sign_in()
        reset = await code(thief, "a@example.com", "CHANNEL_RESET_PASSWORD", signed_in=False)
        url = url_in(notice, "undo")
        assert "another account" not in words_of(await world.http.get(url))
        assert "could not come back" not in words_of(await press(world, url))
        assert (await address_of(ann), await address_of(thief)) == ("a@example.com", None)
        await world.mail.of("a@example.com", "undo_done")
        if squatter:  # the name is the thief's own, so it stays a way in
            assert (await thief.get("/api/v3/get-profile"))["statusCode"] == 401
            assert (await thief.sign_in())["statusCode"] == 200
        late = await self.resets(ann, reset)
        assert late["apiCode"] == 2001  # it was asked for while the account was another
        unbinds = "SELECT user_id, detail FROM audit_log WHERE event = 'unbindEmail'"
        assert await rows(world, unbinds) == [(thief.user_id, "undo")]

    async def resets(self, ann: Person, passcode: str) -> dict[str, Any]:
        payload = {"email": "a@example.com", "passCode": passcode}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        path = "/api/v3/verify-reset-password-request"
        return await ann.world.post(path, body, app=ann.app)

    async def test_races_with_who_signs_up_with_the_old_address_and_wins(
        self, world: World
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await change(ann, "a@example.com", "evil@example.com")
        token = url_in(notice, "undo").partition("token=")[2]
        done, *_ = await asyncio.gather(
            send(world, "/link/undo", token=token),
            *(sign_up(world, ann.app, email="a@example.com") for _ in range(4)),
        )
        assert (done.status_code, await address_of(ann)) == (200, "a@example.com")

    async def test_races_with_somebody_who_binds_the_old_address(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        bob = await world.person("bob", ann.app)
        notice = await change(ann, "a@example.com", "b@example.com")
        passcode = await code(bob, "a@example.com", "CHANNEL_BIND_EMAIL")
        token = url_in(notice, "undo").partition("token=")[2]
        done, bound = await asyncio.gather(
            send(world, "/link/undo", token=token), bob.binds("a@example.com", passcode)
        )
        assert done.status_code == 200
        owners = [await address_of(ann), await address_of(bob)]
        assert owners in ([None, "a@example.com"], ["a@example.com", None])
        assert (bound["statusCode"] == 200) == (owners[1] is not None)

    async def test_does_nothing_once_the_account_is_deleted(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        url = url_in(await change(ann, "a@example.com", "b@example.com"), "undo")
        passcode = await code(ann, "b@example.com", "CHANNEL_DELETE_ACCOUNT")
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": {"passCode": passcode}}
        granted = await ann.post("/api/v3/verify-delete-account-request", body)
        token = granted["data"]["deleteAccountToken"]
        await ann.post("/api/v3/delete-account", {"deleteAccountToken": token})
        assert (await world.http.get(url)).status_code == 404
        pressed = await send(world, "/link/undo", token=url.partition("token=")[2])
        assert pressed.status_code == 404


class TestThePauseAfterAnUndo:
    async def undone(self, world: World) -> Person:
        ann = await ann_with(world, "a@example.com")
        notice = await change(ann, "a@example.com", "b@example.com")
        await press(world, url_in(notice, "undo"))
        await ann.sign_in()
        return ann

    async def test_refuses_change_and_unbind_for_a_day(self, world: World) -> None:
        ann = await self.undone(world)
        passcode = await code(ann, "a@example.com", "CHANNEL_UNBIND_EMAIL")
        refused = await ann.post("/api/v3/unbind-email", {"passCode": passcode})
        assert (refused["statusCode"], refused["apiCode"]) == (403, PAUSED)
        payload = {"newEmail": "c@example.com", "newEmailPassCode": "123456"}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        refused = await ann.post("/api/v3/verify-update-email-request", body)
        assert refused["apiCode"] == PAUSED
        world.clock.advance(24 * HOUR)
        await unbind(ann, "a@example.com")

    async def test_refuses_a_bind(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        bob = await world.person("bob", ann.app)
        notice = await change(ann, "a@example.com", "b@example.com")
        await bind(bob, "a@example.com")
        await press(world, url_in(notice, "undo"))
        await ann.sign_in()
        passcode = await code(ann, "b@example.com", "CHANNEL_BIND_EMAIL")
        assert (await ann.binds("b@example.com", passcode))["apiCode"] == PAUSED
        world.clock.advance(24 * HOUR)
        await bind(ann, "b@example.com")

    async def test_refuses_a_reset_by_either_address(self, world: World) -> None:
        ann = await self.undone(world)
        passcode = await code(ann, "a@example.com", "CHANNEL_RESET_PASSWORD", signed_in=False)
        refused = await self.asks_to_reset(ann, "a@example.com", passcode)
        assert refused["apiCode"] == PAUSED
        body = {"email": "b@example.com", "channel": "CHANNEL_RESET_PASSWORD"}
        asking = world.post("/api/v3/send-email", body, app=ann.app)
        await mail_after(world, "b@example.com", "no_account_here", asking)

    async def test_voids_the_tokens_and_codes_that_were_pending(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await change(ann, "a@example.com", "b@example.com")
        reset = await code(ann, "b@example.com", "CHANNEL_RESET_PASSWORD", signed_in=False)
        token = (await self.asks_to_reset(ann, "b@example.com", reset))["data"]
        login = await code(ann, "b@example.com", "CHANNEL_LOGIN", signed_in=False)
        await press(world, url_in(notice, "undo"))
        body = {
            "passwordResetToken": token["passwordResetToken"],
            "password": "a password of Mallory",
        }
        refused = await world.post("/api/v3/reset-password", body, app=ann.app)
        assert refused["apiCode"] == TOKEN_INVALID
        assert (await sign_in_by_code(world, ann.app, "b@example.com", login))["apiCode"] == 2001

    async def asks_to_reset(self, ann: Person, email: str, passcode: str) -> dict[str, Any]:
        payload = {"email": email, "passCode": passcode}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        path = "/api/v3/verify-reset-password-request"
        return await ann.world.post(path, body, app=ann.app)


class TestUndoOfAnUnbind:
    async def test_puts_the_address_back(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await unbind(ann, "a@example.com")
        page = words_of(await world.http.get(url_in(notice, "undo")))
        assert "Address now none" in page
        await press(world, url_in(notice, "undo"))
        assert await address_of(ann) == "a@example.com"

    async def test_takes_off_what_was_bound_after_it(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        notice = await unbind(ann, "a@example.com")
        receipt = await bind(ann, "mallory@example.com")
        await press(world, url_in(notice, "undo"))
        assert await address_of(ann) == "a@example.com"
        assert (await world.http.get(url_in(receipt, "not-me"))).status_code == 404


class TestThisWasNotMe:
    async def test_takes_the_address_off_whatever_ways_in_remain(self, world: World) -> None:
        mallory = await world.person("mallory")
        receipt = await bind(mallory, "ann@example.com")
        pending = await granted_change(mallory, "ann@example.com", "m@example.com")
        done = await press(world, url_in(receipt, "not-me"))
        assert "no longer belongs" in words_of(done)
        assert await address_of(mallory) is None
        late = await mallory.post("/api/v3/update-email", {"updateEmailToken": pending})
        assert late["apiCode"] == TOKEN_INVALID
        assert (await world.http.get(url_in(receipt, "not-me"))).status_code == 404

    async def test_works_only_while_that_bind_stands(self, world: World) -> None:
        ann = await world.person("ann")
        first = await bind(ann, "a@example.com")
        await unbind(ann, "a@example.com")
        assert (await world.http.get(url_in(first, "not-me"))).status_code == 404
        second = await bind(ann, "a@example.com")
        token = url_in(first, "not-me").partition("token=")[2]
        assert (await send(world, "/link/not-me", token=token)).status_code == 404
        with pytest.raises(TokenInvalid):  # the page looks first; the deed looks again
            await not_me(Press(world.context, token, Language.EN_US, "request", None, None))
        assert await address_of(ann) == "a@example.com"
        assert (await press(world, url_in(second, "not-me"))).status_code == 200

    async def test_does_not_end_a_probation(self, world: World) -> None:
        ann = await world.person("ann")
        world.clock.advance(16 * 60)  # the thief of a token binds long after the sign-in
        await bind(ann, "thief@example.com")
        notice = await unbind(ann, "thief@example.com")
        await press(world, url_in(await bind(ann, "other@example.com"), "not-me"))
        await press(world, url_in(notice, "undo"))
        assert await address_of(ann) == "thief@example.com"
        passcode = await code(ann, "thief@example.com", "CHANNEL_LOGIN", signed_in=False)
        refused = await sign_in_by_code(world, ann.app, "thief@example.com", passcode)
        assert refused["statusCode"] == 404

    async def test_works_again_once_a_later_change_was_undone(self, world: World) -> None:
        ann = await world.person("ann")
        receipt = await bind(ann, "a@example.com")
        notice = await change(ann, "a@example.com", "b@example.com")
        assert (await world.http.get(url_in(receipt, "not-me"))).status_code == 404
        await press(world, url_in(notice, "undo"))
        assert (await press(world, url_in(receipt, "not-me"))).status_code == 200
        assert await address_of(ann) is None

    async def test_lasts_72_hours(self, still_world: World) -> None:
        world = still_world
        ann = await world.person("ann")
        url = url_in(await bind(ann, "a@example.com"), "not-me")
        world.clock.advance(72 * HOUR)
        assert (await world.http.get(url)).status_code == 404
        world.clock.advance(-1)
        assert (await press(world, url)).status_code == 200

    async def test_pressed_twice_at_once_is_done_once(self, world: World) -> None:
        ann = await world.person("ann")
        url = url_in(await bind(ann, "a@example.com"), "not-me")
        token = url.partition("token=")[2]
        presses = [send(world, "/link/not-me", token=token) for _ in range(4)]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*presses))
        assert statuses == [200, 404, 404, 404]


class TestIDidNotAskForThis:
    async def test_stops_code_mail_voids_codes_and_says_so(self, world: World) -> None:
        mallory = await world.person("mallory", sign_in=False)
        mail = await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        await press(world, url_in(mail, "not-asked"))
        confirmation = await world.mail.of("ann@example.com", "code_mail_stopped")
        world.clock.advance(61)
        body = {"email": "ann@example.com", "channel": "CHANNEL_LOGIN"}
        asked = await world.post("/api/v3/send-email", body, app=mallory.app)
        assert asked["statusCode"] == 200
        used = await sign_in_by_code(world, mallory.app, "ann@example.com", mail.code or "")
        assert used["apiCode"] == 2001
        await press(world, url_in(confirmation, "allow-again"))
        await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        assert len(world.mail.all_of("ann@example.com", "login_verify_code")) == 2

    async def test_ends_after_a_day(self, world: World) -> None:
        mallory = await world.person("mallory", sign_in=False)
        mail = await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        await press(world, url_in(mail, "not-asked"))
        world.clock.advance(24 * HOUR)
        await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)

    async def test_lets_codes_through_that_a_signed_in_user_asks_for(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        mail = await code_mail(ann, "a@example.com", "CHANNEL_LOGIN", signed_in=False)
        await press(world, url_in(mail, "not-asked"))
        await unbind(ann, "a@example.com")

    async def test_voids_a_code_that_a_stranger_asked_for_the_owners_account(
        self, world: World
    ) -> None:
        ann = await ann_with(world, "a@example.com")
        mail = await code_mail(ann, "a@example.com", "CHANNEL_UNBIND_EMAIL", signed_in=False)
        await press(world, url_in(mail, "not-asked"))
        used = await ann.post("/api/v3/unbind-email", {"passCode": mail.code})
        assert used["apiCode"] == 2001

    async def test_is_dead_once_its_code_is_used(self, world: World) -> None:
        ann = await ann_with(world, "a@example.com")
        world.clock.advance(25 * HOUR)
        mail = await code_mail(ann, "a@example.com", "CHANNEL_LOGIN", signed_in=False)
        url = url_in(mail, "not-asked")
        assert (await world.http.get(url)).status_code == 200
        signed_in = await sign_in_by_code(world, ann.app, "a@example.com", mail.code or "")
        assert signed_in["statusCode"] == 200
        assert (await world.http.get(url)).status_code == 404
        token = url.partition("token=")[2]
        assert (await send(world, "/link/not-asked", token=token)).status_code == 404

    async def test_lives_and_dies_with_its_code(self, still_world: World) -> None:
        world = still_world
        mallory = await world.person("mallory", sign_in=False)
        mail = await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        again = await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        assert mail.code == again.code  # the resend gave the same code more time
        world.clock.advance(299)
        for sibling in (mail, again):
            assert (await world.http.get(url_in(sibling, "not-asked"))).status_code == 200
        world.clock.advance(1)
        for sibling in (mail, again):
            assert (await world.http.get(url_in(sibling, "not-asked"))).status_code == 404

    async def test_pressed_in_one_mail_is_done_for_its_siblings(self, world: World) -> None:
        mallory = await world.person("mallory", sign_in=False)
        first = await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        second = await code_mail(mallory, "ann@example.com", "CHANNEL_BIND_EMAIL", signed_in=False)
        await press(world, url_in(second, "not-asked"))
        assert (await world.http.get(url_in(first, "not-asked"))).status_code == 404

    async def test_both_buttons_work_once_however_many_press(self, world: World) -> None:
        mallory = await world.person("mallory", sign_in=False)
        mail = await code_mail(mallory, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        for purpose in ("not-asked", "allow-again"):
            token = url_in(mail, purpose).partition("token=")[2]
            presses = [send(world, f"/link/{purpose}", token=token) for _ in range(4)]
            statuses = sorted(answer.status_code for answer in await asyncio.gather(*presses))
            assert statuses == [200, 404, 404, 404]
            mail = await world.mail.of("ann@example.com", "code_mail_stopped")

    async def test_is_about_the_code_of_its_own_mail(self, still_world: World) -> None:
        world, app = still_world, await still_world.app(auth="none")
        stranger = Person(world, app, "", "")
        for n in range(5):
            email = f"ann{n}@example.com"
            links = {}
            for channel in ("LOGIN", "REGISTER"):  # in the same millisecond
                mail = await code_mail(stranger, email, f"CHANNEL_{channel}", signed_in=False)
                links[channel] = url_in(mail, "not-asked")
                world.clock.advance(-61)
            world.clock.advance(61)
            done = await sign_up(world, app, email=email, passCode=mail.code or "")
            assert done["statusCode"] == 200
            statuses = [(await world.http.get(url)).status_code for url in links.values()]
            assert statuses == [200, 404]


async def verified_by_hand(world: World, person: Person) -> bool:
    """Whether an address is proved, for people whom no session shows it."""
    user = await users.find(world.database.reader(), person.user_id)
    return user is not None and user.email_verified_at is not None


class TestVerifying:
    async def signed_up(self, world: World) -> Person:
        """Somebody signed up with Ann's address; whether it was her, nobody knows yet."""
        app = await world.app()
        payload = {"email": "ann@example.com", "password": PASSWORD, "username": "ann"}
        body = {"connection": "PASSWORD", "passwordPayload": payload}
        made = await world.post("/api/v3/signup", body, app=app)
        ann = Person(world, app, made["data"]["userId"], "ann")
        await ann.sign_in()
        return ann

    async def link(self, ann: Person) -> str:
        mail = await code_mail(ann, "ann@example.com", "CHANNEL_VERIFY_EMAIL_LINK", signed_in=False)
        return url_in(mail, "verify")

    async def verified(self, ann: Person) -> bool:
        profile = (await ann.get("/api/v3/get-profile"))["data"]
        return bool(profile["emailVerified"])

    async def test_by_the_password_of_the_sign_up_keeps_everything(self, world: World) -> None:
        ann = await self.signed_up(world)
        done = await press(world, await self.link(ann), password=PASSWORD)
        assert "is now confirmed" in words_of(done)
        assert await self.verified(ann)  # in the session from before
        await ann.sign_in()

    async def test_by_a_new_password_drops_what_was_there(self, world: World) -> None:
        mallory = await self.signed_up(world)
        done = await press(world, await self.link(mallory), newPassword="of Ann, and new")
        assert "The earlier one no longer works" in words_of(done)
        assert (await mallory.get("/api/v3/get-profile"))["statusCode"] == 401
        await world.mail.of("ann@example.com", "earlier_password_removed")
        with pytest.raises(KeyError):
            await mallory.sign_in()
        body = {
            "connection": "PASSWORD",
            "passwordPayload": {"email": "ann@example.com", "password": "of Ann, and new"},
            "client_id": mallory.app.app_id,
            "client_secret": mallory.app.secret,
        }
        answer = await world.post("/api/v3/signin", body, app=mallory.app)
        assert answer["statusCode"] == 200

    async def test_in_a_session_of_the_account_asks_for_no_password(self, world: World) -> None:
        ann = await self.signed_up(world)
        url = await self.link(ann)
        with browsing(world) as browser:
            await browser.sign_in(ann)
            await browser.open(url)
            assert "password" not in browser.form("/link/verify").fields
            await browser.send("/link/verify")
            assert "is now confirmed" in browser.words
        assert await self.verified(ann)
        await ann.sign_in()

    async def test_in_a_session_of_somebody_else_asks_for_it(self, world: World) -> None:
        mallory = await self.signed_up(world)
        url = await self.link(mallory)
        bob = await world.person("bob", mallory.app)
        with browsing(world) as browser:
            await browser.sign_in(bob)
            await browser.open(url)
            assert "password" in browser.form("/link/verify").fields
            await browser.send("/link/verify", password="a guess at it")
        assert not await self.verified(mallory)

    async def test_in_a_session_that_ended_since_the_page_was_shown_asks_for_it(
        self, world: World
    ) -> None:
        ann = await self.signed_up(world)
        url = await self.link(ann)
        with browsing(world) as browser:
            await browser.sign_in(ann)
            await browser.open(url)
            ended = "UPDATE sessions SET ended_at = 1 WHERE user_id = :id"
            await alter(world, ended, id=ann.user_id)
            await browser.send("/link/verify")
            assert "password" in browser.form("/link/verify").fields
        assert not await verified_by_hand(world, ann)

    async def test_by_a_wrong_password_can_be_tried_again(self, world: World) -> None:
        ann = await self.signed_up(world)
        url = await self.link(ann)
        wrong = await press(world, url, password="not the password")
        assert (wrong.status_code, "not the password of the account" in words_of(wrong)) == (
            422,
            True,
        )
        assert not await self.verified(ann)
        weak = await press(world, url, newPassword="short")
        assert (weak.status_code, "Choose a longer password" in words_of(weak)) == (422, True)
        assert (await press(world, url)).status_code == 422
        assert (await press(world, url, password=PASSWORD)).status_code == 200

    async def test_guesses_at_the_password_are_counted(self, world: World) -> None:
        ann = await self.signed_up(world)
        await world.set_pool(ann.app.pool_id, limits__passwordFailures="2")
        url = await self.link(ann)
        statuses = [(await press(world, url, password="guessed it")).status_code for _ in range(4)]
        assert statuses[0] == 422 and statuses[-1] == 429

    async def test_needs_no_password_where_nobody_signed_up(self, world: World) -> None:
        ann = await ann_with(world, "ann@example.com")
        assert (await press(world, await self.link(ann))).status_code == 200

    async def test_does_not_end_a_probation(self, world: World) -> None:
        ann = await world.person("ann")
        world.clock.advance(16 * 60)  # the thief of a token binds long after the sign-in
        await bind(ann, "ann@example.com")
        await press(world, await self.link(ann))
        passcode = await code(ann, "ann@example.com", "CHANNEL_LOGIN", signed_in=False)
        refused = await sign_in_by_code(world, ann.app, "ann@example.com", passcode)
        assert refused["statusCode"] == 404

    async def test_is_over_once_the_address_is_gone(self, world: World) -> None:
        ann = await ann_with(world, "ann@example.com")
        url = await self.link(ann)
        await unbind(ann, "ann@example.com")
        assert (await world.http.get(url)).status_code == 404

    async def test_pressed_twice_at_once_is_done_once(self, world: World) -> None:
        ann = await self.signed_up(world)
        token = (await self.link(ann)).partition("token=")[2]
        new = "of Ann, and new"
        presses = [send(world, "/link/verify", token=token, newPassword=new) for _ in range(4)]
        statuses = sorted(answer.status_code for answer in await asyncio.gather(*presses))
        assert statuses == [200, 404, 404, 404]
