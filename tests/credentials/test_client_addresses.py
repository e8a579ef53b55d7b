"""Which address a call is counted by, and whose word is taken for it."""

from __future__ import annotations

import ipaddress
from base64 import b64encode
from typing import Any

import msgspec

from gatepost.settings import Settings
from tests.support.backstage import (
    OK,
    TOO_MANY_REQUESTS,
    calling_from,
    said,
)
from tests.support.world import App, StoppedClock, World, new_world

SEND = "/api/v3/send-email"
HOUR, DAY = 3600, 86_400
BIND, LOGIN = "CHANNEL_BIND_EMAIL", "CHANNEL_LOGIN"


async def ask(world: World, app: App, email: str, channel: str = LOGIN, **more: str) -> Any:
    return await world.post(SEND, {"email": email, "channel": channel}, app=app, **more)


async def test_a_client_is_an_ipv4_address_or_an_ipv6_network(still: World) -> None:
    app = await still.app(await still.pool(limits__sendsPerClientHour="1"), auth="none")
    callers = [
        ("2001:db8:1:2::1", True),
        ("2001:db8:1:2:ffff::9", False),
        ("2001:db8:1:3::1", True),
        ("192.0.2.1", True),
        ("::ffff:192.0.2.1", False),
        ("192.0.2.2", True),
    ]
    for n, (address, passes) in enumerate(callers):
        async with calling_from(still, address) as there:
            answer = await ask(there, app, f"{n}@example.com")
            assert (said(answer) == OK) is passes, address


def with_trust(settings: Settings, **networks: str) -> Settings:
    parsed = {name: (ipaddress.ip_network(text),) for name, text in networks.items()}
    return msgspec.structs.replace(settings, **parsed)


async def test_a_forwarded_address_counts_from_trusted_proxies_read_from_the_right(
    settings: Settings,
) -> None:
    trusting = with_trust(settings, trusted_proxies="10.0.0.0/8")
    async with new_world(trusting, StoppedClock()) as world:
        app = await world.app(await world.pool(limits__sendsPerClientHour="1"), auth="none")
        hops = [
            ("10.0.0.1", "198.51.100.1", True),
            ("10.0.0.1", "198.51.100.1", False),
            ("10.0.0.2", "1.1.1.1, 198.51.100.1", False),  # the left one is Mallory's invention
            ("10.0.0.2", "198.51.100.2, 10.9.9.9", True),
            ("10.0.0.2", "garbage, 198.51.100.2 ,10.9.9.9", False),
            ("10.0.0.3", "garbage", True),  # then it is the proxy that is counted
            ("10.0.0.3", "198.51.100.9, 198.51.100.3:4711", False),
            ("10.0.0.3", "", False),
            ("192.0.2.1", "198.51.100.5", True),  # no proxy of ours: what it says is nothing
            ("192.0.2.1", "198.51.100.6", False),
        ]
        for n, (peer, forwarded, passes) in enumerate(hops):
            async with calling_from(world, peer) as there:
                more = {"x_forwarded_for": forwarded} if forwarded else {}
                answer = await ask(there, app, f"{n}@example.com", **more)
                assert (said(answer) == OK) is passes, (peer, forwarded)


async def test_the_address_that_a_back_end_names_counts_only_from_trusted_ones(
    settings: Settings,
) -> None:
    trusting = with_trust(settings, trusted_backends="10.0.0.0/8")
    async with new_world(trusting, StoppedClock()) as world:
        small = {"limits__sendsPerClientHour": "1", "limits__callsPerTrustedAppHour": "2"}
        app = await world.app(await world.pool(**small), auth="none")
        calls = [
            ("192.0.2.1", "198.51.100.1", True),
            ("192.0.2.1", "198.51.100.2", False),  # a stranger may name what it likes
            ("10.0.0.1", "198.51.100.1", True),
            ("10.0.0.1", "198.51.100.1", False),
            ("10.0.0.1", "198.51.100.2", True),
            ("10.0.0.1", "", True),  # names none: counted by the app, twice
            ("10.0.0.2", "garbage", True),
            ("10.0.0.3", "198.51.100.1, 198.51.100.77", False),
        ]
        for n, (peer, named, passes) in enumerate(calls):
            async with calling_from(world, peer) as there:
                more = {"x_real_ip": named} if named else {}
                answer = await ask(there, app, f"{n}@example.com", **more)
                assert (said(answer) == OK) is passes, (peer, named)


async def test_a_right_secret_vouches_for_the_address_that_a_call_names(still: World) -> None:
    small = {"limits__signInsPerClientHour": "1", "limits__callsPerTrustedAppHour": "2"}
    app = await still.app(await still.pool(**small))
    body: dict[str, Any] = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": "a@b.co", "passCode": "1"},
        "client_id": app.app_id,
        "client_secret": app.secret,
    }

    async def limited(options: dict[str, Any], **headers: str) -> bool:
        call = body | {"options": options}
        return said(await still.post("/api/v3/signin", call, app=app, **headers)) != (400, 2001)

    assert not await limited({"clientIp": "198.51.100.1"})
    assert await limited({"clientIp": "198.51.100.1"})
    assert not await limited({"clientIp": "198.51.100.2"}, x_real_ip="198.51.100.1")
    assert not await limited({}, x_real_ip="198.51.100.3")
    assert await limited({}, x_real_ip="198.51.100.3")
    assert not await limited({"clientIp": "garbage"})
    assert not await limited({})
    assert await limited({})  # by now the app's own limit is used up


async def test_a_secret_in_the_header_vouches_at_send_email_and_a_wrong_one_is_refused(
    still: World,
) -> None:
    app = await still.app(await still.pool(limits__sendsPerClientHour="1"))
    right = "Basic " + b64encode(f"{app.app_id}:{app.secret}".encode()).decode()
    wrong = "Basic " + b64encode(f"{app.app_id}:{app.secret[::-1]}".encode()).decode()
    for n, (named, authorization, passes) in enumerate(
        [
            ("198.51.100.1", right, True),
            ("198.51.100.1", right, False),
            ("198.51.100.2", right, True),
            ("198.51.100.3", wrong, False),
        ]
    ):
        answer = await ask(
            still, app, f"{n}@example.com", x_real_ip=named, authorization=authorization
        )
        assert (said(answer) == OK) is passes
    unvouched = await ask(still, app, "9@example.com", x_real_ip="198.51.100.9")
    assert said(unvouched) == OK
    unvouched = await ask(still, app, "10@example.com", x_real_ip="198.51.100.10")
    assert said(unvouched) == TOO_MANY_REQUESTS
