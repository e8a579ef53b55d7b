"""What Ann is told at her next sign-in, when somebody bound an address with her token."""

from __future__ import annotations

from typing import Any

from gatepost.vocabulary.fields import iso
from tests.authentication.test_bind_email import OWN, THIEFS, signs_in_by_code, thief_binds
from tests.support import links
from tests.support.backstage import CHANGES_PAUSED, OK, SESSION_ENDED, said
from tests.support.world import Person, World

HOUR = 3600


async def ann_signs_in(thief: Person) -> tuple[Person, dict[str, Any] | None]:
    """Ann signs in with her password; what she is told of a bind."""
    ann = Person(thief.world, thief.app, thief.user_id, "ann")
    answer = await ann.sign_in()
    assert said(answer) == OK
    return ann, answer["data"].get("recentEmailBind")


async def undone(thief: Person, told: dict[str, Any] | None) -> str:
    assert told is not None
    return links.words_of(await links.press(thief.world, told["undoUrl"]))


async def test_who_signs_in_with_the_password_is_shown_the_bind(still: World) -> None:
    thief = await thief_binds(still)
    bound_at = iso(still.clock())
    still.clock.advance(HOUR)
    _, told = await ann_signs_in(thief)
    assert told is not None
    assert (told["email"], told["boundAt"]) == (THIEFS, bound_at)
    assert told["undoUrl"].startswith("http://127.0.0.1/link/undo-bind?token=")
    page = await still.http.get(told["undoUrl"])
    assert THIEFS in links.words_of(page)
    assert await links.address_of(thief) == THIEFS  # looking changes nothing


async def test_and_may_undo_it_without_a_code_which_ends_the_thiefs_session(
    still: World,
) -> None:
    thief = await thief_binds(still)
    ann, told = await ann_signs_in(thief)
    assert "signed out" in await undone(thief, told)
    assert await links.address_of(ann) is None
    for each in (thief, ann):
        assert (await each.get("/api/v3/get-profile"))["apiCode"] == 2206
    removed = await still.mail.of(THIEFS, "email_removed")
    assert THIEFS in removed.text and "/link/" not in removed.text
    await ann.sign_in()
    code = await links.code(ann, OWN, "CHANNEL_BIND_EMAIL")
    assert said(await ann.binds(OWN, code)) == CHANGES_PAUSED


async def test_an_address_that_the_thief_changed_since_is_taken_off_too(still: World) -> None:
    thief = await thief_binds(still)
    await links.change(thief, THIEFS, "second@example.com")
    ann, told = await ann_signs_in(thief)
    assert told is not None and told["email"] == THIEFS
    await undone(thief, told)
    assert await links.address_of(ann) is None
    await still.mail.of("second@example.com", "email_removed")


async def test_taking_the_address_off_hides_it_from_nobody(still: World) -> None:
    """Or the thief would bring it back by the notice's undo, when the probation is over."""
    thief = await thief_binds(still)
    notice = await links.unbind(thief, THIEFS)
    ann, told = await ann_signs_in(thief)
    assert told is not None and told["email"] == THIEFS
    assert "signed out" in await undone(thief, told)
    back = links.url_in(notice, "undo")
    assert (await still.http.get(back)).status_code == 404
    pressed = await links.send(still, "/link/undo", token=back.partition("token=")[2])
    assert (pressed.status_code, await links.address_of(ann)) == (404, None)
    removed = still.mail.all_of(THIEFS, "email_removed")
    assert removed == []  # it was told when it was taken off
    assert said(await thief.get("/api/v3/get-profile")) == SESSION_ENDED


async def test_of_two_binds_undoing_the_second_leaves_no_way_back_to_the_first(
    still: World,
) -> None:
    thief = await thief_binds(still)
    back = links.url_in(await links.unbind(thief, THIEFS), "undo")
    await links.bind(thief, "second@example.com")
    still.clock.advance(71 * HOUR)
    ann, told = await ann_signs_in(thief)
    assert told is not None and told["email"] == "second@example.com"
    await undone(thief, told)
    still.clock.advance(HOUR - 2 * 61)  # now the first bind is 72 hours old, and its undo younger
    assert (await ann_signs_in(thief))[1] is None
    assert (await still.http.get(back)).status_code == 404
    assert await links.address_of(ann) is None


async def test_an_undo_of_an_address_from_before_is_not_lost_with_it(still: World) -> None:
    """Somebody in Ann's mailbox took her address off: that comes back by her own undo."""
    ann = await still.person("ann")
    await links.bind(ann, OWN)
    still.clock.advance(72 * HOUR)
    notice = await links.unbind(ann, OWN)
    await links.bind(ann, THIEFS)
    ann, told = await ann_signs_in(ann)
    await undone(ann, told)
    await links.press(still, links.url_in(notice, "undo"))
    assert await links.address_of(ann) == OWN


async def test_it_is_shown_for_72_hours(still: World) -> None:
    thief = await thief_binds(still)
    still.clock.advance(72 * HOUR - 1)
    _, told = await ann_signs_in(thief)
    assert told is not None
    still.clock.advance(1)
    assert (await ann_signs_in(thief))[1] is None
    assert (await still.http.get(told["undoUrl"])).status_code == 404


async def test_the_link_works_once_and_one_of_several_is_enough(still: World) -> None:
    thief = await thief_binds(still)
    _, first = await ann_signs_in(thief)
    _, second = await ann_signs_in(thief)
    assert first is not None and second is not None and first != second
    await undone(thief, first)
    for told in (first, second):
        assert (await still.http.get(told["undoUrl"])).status_code == 404


async def test_a_bind_in_a_fresh_session_is_no_news(still: World) -> None:
    ann = await still.person("ann")
    await links.bind(ann, OWN)
    assert (await ann_signs_in(ann))[1] is None


async def test_who_signs_in_by_a_code_is_shown_nothing(still: World) -> None:
    thief = await thief_binds(still)
    still.clock.advance(24 * HOUR)
    answer = await signs_in_by_code(thief, THIEFS)
    assert said(answer) == OK and "recentEmailBind" not in answer["data"]


async def test_what_was_undone_or_disowned_is_shown_no_more(still: World) -> None:
    ann = await still.person("ann")
    still.clock.advance(16 * 60)
    receipt = await links.bind(ann, THIEFS)
    await links.press(still, links.url_in(receipt, "not-me"))
    assert (await ann_signs_in(ann))[1] is None
