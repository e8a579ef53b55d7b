"""What is sent again, and what never is."""

from __future__ import annotations

import ssl
import threading
import time
from typing import Any

import httpx2
import pytest

from client.tests.conftest import Connect
from client.tests.scripted import Drop, Hold, Say, ScriptedServer, closed_port, done, refused, told
from gatepost_client import ConnectionFailed, Refusal, TimedOut, refusals
from gatepost_client.answers import Answer
from gatepost_client.calls import Call
from gatepost_client.records import nothing
from gatepost_client.repeating import Tries

PROFILE = done({"userId": "u"})
BUSY = Say(b"{}", 503)


def test_what_only_looks_is_sent_again(client: Any, server: ScriptedServer) -> None:
    server.then(Drop(), BUSY, PROFILE)
    assert client.get_profile().data.user_id == "u"
    assert len(server.seen) == 3
    server.then(Drop(), told(active=True))
    assert client.introspect_token("t").data.active
    server.then(Say(b"", 502), told())
    assert client.revoke_token("t").ok


@pytest.mark.parametrize("act", [Drop(), BUSY, Say(b"", 502), Say(b"", 504)])
def test_what_may_have_been_done_is_not(client: Any, server: ScriptedServer, act: Any) -> None:
    for call in (
        lambda: client.bind_email("123456", "ann@example.com"),
        lambda: client.send_email("CHANNEL_BIND_EMAIL", "ann@example.com"),
        lambda: client.sign_in_by_email_passcode("ann@example.com", "123456"),
        lambda: client.pre_check_code(email="a@example.com", pass_code="1", channel="X"),
        lambda: client.delete_account("t"),
    ):
        server.then(act)
        with pytest.raises((ConnectionFailed, Refusal)) as caught:
            call()
        assert not server.acts
        if isinstance(act, Drop):
            assert caught.value.sent and "may have been done" in str(caught.value)
    assert len(server.seen) == 5


def test_it_ends_at_some_time(connect: Connect, server: ScriptedServer) -> None:
    client = connect(retries=1)
    server.then(Drop(), Drop())
    with pytest.raises(ConnectionFailed):
        client.get_profile()
    server.then(BUSY, BUSY)
    with pytest.raises(refusals.Overloaded):
        client.get_profile()
    with pytest.raises(Refusal):
        connect(retries=0, app_host=server.then(BUSY).url).get_profile()
    assert len(server.seen) == 5


def test_it_is_sent_three_times_if_nothing_else_is_said(
    connect: Connect, server: ScriptedServer
) -> None:
    server.then(Drop(), Drop(), Drop())
    with pytest.raises(ConnectionFailed):
        connect().get_profile()
    assert len(server.seen) == 3


def test_what_was_never_sent_may_be_sent_again(connect: Connect) -> None:
    """Any call: the tries are counted by a network that nobody listens on."""
    tried = []

    class Nobody(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            tried.append(request.url.path)
            if len(tried) < 3:
                raise httpx2.ConnectError("Connection refused")
            return httpx2.Response(200, content=done().body)

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            return self.handle_request(request)

    assert connect(transport=Nobody()).bind_email("123456", "ann@example.com").ok
    assert tried == ["/api/v3/bind-email"] * 3


def test_what_the_library_lets_through(connect: Connect) -> None:
    class Torn(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            raise ssl.SSLError(1, "certificate required")

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            return self.handle_request(request)

    with pytest.raises(ConnectionFailed, match="certificate required") as caught:
        connect(transport=Torn()).get_profile()
    assert caught.value.sent


def test_nobody_there(connect: Connect) -> None:
    with closed_port() as url, pytest.raises(ConnectionFailed) as caught:
        connect(app_host=url).bind_email("123456", "ann@example.com")
    assert not caught.value.sent and "nothing was sent" in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_server_that_says_nothing(connect: Connect, server: ScriptedServer) -> None:
    client, never = connect(timeout=0.3), threading.Event()
    server.then(Hold(never), Hold(never))
    with pytest.raises(TimedOut) as caught:
        client.bind_email("123456", "ann@example.com")
    assert caught.value.sent
    with pytest.raises(TimedOut):
        client.get_profile()  # its time is over, so it is not sent again either
    assert len(server.seen) == 2


def test_a_limit_that_is_soon_over_is_waited_for(client: Any, server: ScriptedServer) -> None:
    began = time.monotonic()
    server.then(Say(b"{}", 429, {"retry-after": "1"}), done())
    assert client.bind_email("123456", "ann@example.com").ok  # it was not even looked at
    assert time.monotonic() - began >= 1
    server.then(refused(429, 2100, data={"retryAfter": 1}), done())
    assert client.send_email("CHANNEL_LOGIN", "ann@example.com").ok


def test_a_limit_that_lasts_is_not(client: Any, server: ScriptedServer) -> None:
    server.then(refused(429, 2100, data={"retryAfter": 60}), refused(429, 2100))
    with pytest.raises(refusals.TooManyRequests) as caught:
        client.send_email("CHANNEL_LOGIN", "ann@example.com")
    assert caught.value.retry_after == 60
    with pytest.raises(refusals.TooManyRequests):
        client.send_email("CHANNEL_LOGIN", "ann@example.com")
    server.then(refused(422, 2080, data={"retryAfter": 1}))
    with pytest.raises(refusals.SentTooRecently):  # somebody pressed twice; they are to know
        client.send_email("CHANNEL_LOGIN", "ann@example.com")
    assert len(server.seen) == 3


def tries(repeatable: bool, chance: float, now: list[float], connect: Connect) -> Tries:
    call = Call("GET", "/", nothing, repeatable=repeatable)
    options = connect(timeout=10, retries=4)._options
    return Tries(call, options, clock=lambda: now[0], chance=lambda: chance)


def test_pauses_grow_and_are_never_the_same_for_all(connect: Connect) -> None:
    error, now = httpx2.ReadError("reset"), [0.0]
    longest = tries(True, 1, now, connect)
    assert [longest.after_failure(error) for _ in range(4)] == pytest.approx([0.2, 0.4, 0.8, 1.6])
    with pytest.raises(ConnectionFailed, match="reset"):
        longest.after_failure(error)
    shortest = tries(True, 0, now, connect)
    assert shortest.after_failure(error) == 0
    now[0] = 10
    with pytest.raises(ConnectionFailed):
        shortest.after_failure(error)


def test_a_date_to_come_back_at_has_its_jitter_on_top(connect: Connect) -> None:
    said: Answer[None] = Answer(
        {}, http_status=429, status_code=429, ok=False, data=None, retry_after=3
    )
    assert tries(False, 0.5, [0.0], connect).after_answer(said) == pytest.approx(3.1)
