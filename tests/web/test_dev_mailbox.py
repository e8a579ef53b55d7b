"""`/dev/mailbox`: for this machine only, and only where it was asked for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gatepost.app import Application, Parts, transport_of
from gatepost.settings import SettingError, Settings
from gatepost.storage.dev_mailbox import KeptMail, add
from tests.support.backstage import calling_from
from tests.support.world import World, new_world

PATHS = ("/dev/mailbox", "/dev/mailbox.json", "/dev/mailbox/html?id=m1")
MAIL = KeptMail(
    id="m1",
    sent_at=1,
    recipient="ann@example.com",
    template="login_verify_code",
    subject="123456 is your code",
    code="123456",
    text_body="123456",
    html_body="<p>123456</p>",
)


async def statuses(world: World, **headers: str) -> set[int]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return {(await world.http.get(path, headers=given)).status_code for path in PATHS}


async def with_mail(world: World, **changes: Any) -> World:
    await world.database.unit(lambda tx: add(tx, msgspec.structs.replace(MAIL, **changes)))
    return world


def opened(settings: Settings, **changes: Any) -> Settings:
    return msgspec.structs.replace(settings, dev_mailbox=True, **changes)


async def test_on_this_machine_it_shows_mails(settings: Settings) -> None:
    async with new_world(opened(settings)) as world:
        await with_mail(world)
        assert await statuses(world) == {200}
        (shown,) = (await world.http.get("/dev/mailbox.json?to=Ann@Example.com")).json()
        assert (shown["to"], shown["code"]) == ("ann@example.com", "123456")
        assert (await world.http.get("/dev/mailbox.json?to=bob@example.com")).json() == []
        assert (await world.http.get("/dev/mailbox.json?to=nobody")).json() == []
        page = await world.http.get("/dev/mailbox")
        assert "123456" in page.text
        frame = await world.http.get("/dev/mailbox/html?id=m1")
        policy = frame.headers["content-security-policy"]
        assert "sandbox" in policy and "frame-ancestors 'self'" in policy
        assert (await world.http.get("/dev/mailbox/html?id=m2")).status_code == 404
        for query in ("/dev/mailbox.json?to=%00", "/dev/mailbox/html?id=%00"):
            answer = await world.http.get(query)
            assert answer.json()["statusCode"] == 400


async def test_an_address_is_found_however_it_is_written(settings: Settings) -> None:
    async with new_world(opened(settings)) as world:
        await with_mail(world, recipient="ann@xn--bcher-kva.example")
        for to in ("ann@bücher.example", " Ann@BÜCHER.example ", "ann@xn--bcher-kva.example"):
            found = (await world.http.get("/dev/mailbox.json", params={"to": to})).json()
            assert [mail["to"] for mail in found] == ["ann@xn--bcher-kva.example"], to


async def test_it_speaks_the_language_of_the_browser(settings: Settings) -> None:
    async with new_world(opened(settings)) as world:
        world.http.cookies.set("gatepost-language-80", "ja-JP")
        page = await world.http.get("/dev/mailbox", headers={"accept-language": "en"})
        assert '<html lang="ja-JP">' in page.text


async def test_through_a_proxy_or_a_rebound_name_there_is_nothing(settings: Settings) -> None:
    async with new_world(opened(settings)) as world:
        await with_mail(world)
        for host in ("localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "127.0.0.2"):
            assert await statuses(world, host=host) == {200}, host
        for host in (
            "gatepost.example.com",
            "localhost.example.com",
            "127.0.0.1.nip.io",
            "192.168.1.10",
            "0.0.0.0",  # noqa: S104
            "",
            "[",
            "localhost@mallory.example.net",
        ):
            assert await statuses(world, host=host) == {404}, host
        for header in (
            "forwarded",
            "via",
            "x_forwarded_for",
            "x_forwarded_host",
            "x_forwarded_proto",
            "x_forwarded_anything",
        ):
            assert await statuses(world, **{header: "127.0.0.1"}) == {404}, header
        for peer in ("192.168.1.10", "203.0.113.9", "fe80::1"):
            async with calling_from(world, peer) as there:
                assert await statuses(there) == {404}, peer
        for peer in ("127.0.0.1", "::1"):
            async with calling_from(world, peer) as there:
                assert await statuses(there) == {200}, peer


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "0.0.0.0"},  # noqa: S104
        {"host": "::"},
        {"host": "192.168.1.10"},
        {"public_url": "https://login.example.com"},
        {"public_url": "http://192.168.1.10:8080"},
        {"dev_mailbox": False},
    ],
    ids=str,
)
async def test_a_server_that_others_can_reach_has_none(
    settings: Settings, changes: dict[str, Any]
) -> None:
    altered = msgspec.structs.replace(opened(settings), **changes)
    async with new_world(altered) as world:
        await with_mail(world)
        assert await statuses(world) == {404}


async def test_a_server_with_neither_smtp_nor_mailbox_does_not_start(settings: Settings) -> None:
    with pytest.raises(SettingError, match="GATEPOST_SMTP_URL"):
        async with Application(settings, Parts(transport=transport_of)).running():
            pass
