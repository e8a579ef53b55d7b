"""What calls answer with, and what they raise."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from client.tests.conftest import Connect
from client.tests.scripted import Say, ScriptedServer, done, refused, told
from gatepost_client import LoginTokens, Refusal, RetryLater, UnexpectedAnswer, refusals
from gatepost_client.records import _read

TOKENS = {"access_token": "a.b.c", "token_type": "Bearer", "expire_in": 60, "mystery": [1]}


def test_an_answer_prints_as_the_documentation_has_it(client: Any, server: ScriptedServer) -> None:
    server.then(done())
    answer = client.bind_email(pass_code="123456", email="ann@example.com")
    text = '{"statusCode": 200, "message": "Operation successful", "requestId": "r-1"}'
    assert str(answer) == text
    assert repr(answer) == f"Answer({text})"
    assert (answer.status_code, answer.message, answer.request_id) == (
        200,
        "Operation successful",
        "r-1",
    )
    assert answer.api_code is None and answer.data is None and answer.ok
    assert answer["statusCode"] == 200 and "data" not in answer and answer.get("data") is None


def test_data_is_typed_and_still_found_as_the_official_sdk_has_it(
    client: Any, server: ScriptedServer
) -> None:
    server.then(done(TOKENS))
    answer = client.sign_in_by_username_password("ann", "secret")
    assert isinstance(answer.data, LoginTokens)
    assert (answer.data.access_token, answer.data.expires_in) == ("a.b.c", 60)
    assert answer.data.refresh_token is None and answer.data["mystery"] == [1]
    assert answer["data"]["access_token"] == "a.b.c"


def test_either_name_of_the_lifetime_and_values_of_other_types(
    client: Any, server: ScriptedServer
) -> None:
    server.then(done(TOKENS | {"expires_in": 30, "scope": 7}))
    tokens = client.sign_in_by_username_password("ann", "secret").data
    assert (tokens.expires_in, tokens.scope) == (30, None)
    server.then(done({"userId": "u", "emailVerified": "yes", "loginsCount": True, "email": None}))
    user = client.get_profile().data
    assert (user.user_id, user.email_verified, user.logins_count, user.email) == (
        "u",
        None,
        None,
        None,
    )


def test_lists_within_answers(client: Any, server: ScriptedServer) -> None:
    past = {"loginAt": "2026-01-01T00:00:00.000Z", "parsedUserAgent": {"os": "Linux"}}
    server.then(done({"totalCount": 1, "list": [past]}), done([{"appId": "a"}]), done())
    history = client.get_login_history().data
    assert history.total_count == 1
    assert history.sign_ins[0].parsed_user_agent.os == "Linux"
    assert [app.app_id for app in client.get_logged_in_apps().data] == ["a"]
    assert client.get_logged_in_apps().data == []  # null is an empty list


@pytest.mark.parametrize(
    ("status", "api_code", "expected"),
    [
        (409, 2200, refusals.EmailTaken),
        (499, 2200, refusals.EmailTaken),  # elsewhere the status beside a code may be another
        (499, 500, refusals.CodeIncorrect),
        (400, None, refusals.InvalidRequest),
        (501, None, refusals.NotSupported),
        (409, 77, Refusal),
        (499, None, Refusal),
    ],
)
def test_a_refusal_is_raised_by_its_name(
    client: Any,
    server: ScriptedServer,
    status: int,
    api_code: int | None,
    expected: type[Refusal],
) -> None:
    server.then(refused(status, api_code, data={"field": "x"}))
    with pytest.raises(Refusal) as caught:
        client.bind_email("123456", "ann@example.com")
    refusal = caught.value
    assert type(refusal) is expected
    assert (refusal.status_code, refusal.api_code) == (status, api_code)
    assert (refusal.message, refusal.request_id) == ("No.", "r-1")
    assert refusal.data == {"field": "x"} and refusal.retry_after is None
    assert str(status) in str(refusal) and "r-1" in str(refusal)
    again = pickle.loads(pickle.dumps(refusal))  # noqa: S301
    assert type(again) is expected and again.request_id == copy.copy(refusal).request_id == "r-1"


def test_or_it_is_returned(connect: Connect, server: ScriptedServer) -> None:
    client = connect(raise_for_status=False)
    server.then(refused(422, 2080, data={"retryAfter": 41}))
    answer = client.send_email("CHANNEL_BIND_EMAIL", "ann@example.com")
    assert not answer.ok and answer.status_code == 422 and answer.retry_after == 41
    assert answer["data"] == {"retryAfter": 41}
    with pytest.raises(refusals.SentTooRecently) as caught:
        _ = answer.data
    assert isinstance(caught.value, RetryLater) and caught.value.retry_after == 41


def test_a_code_as_a_text_is_a_code(client: Any, server: ScriptedServer) -> None:
    server.then(told(statusCode=409, message="No.", apiCode="2200"))
    with pytest.raises(refusals.EmailTaken):
        client.bind_email("123456", "ann@example.com")


def test_oauth_endpoints(client: Any, server: ScriptedServer) -> None:
    server.then(
        told(**TOKENS),
        told(error="invalid_grant", error_description="Used.", http_status=400),
        told(error="slow_down", http_status=400),
        told(active=False),
        Say(b""),
        told(sub="u", email="ann@example.com", made_up=1),
        told(rsa={"publicKey": "PEM"}),
    )
    answer = client.get_new_access_token_by_refresh_token("r")
    assert answer.data.access_token == answer["access_token"] == "a.b.c"
    with pytest.raises(refusals.TokenInvalid) as caught:
        client.get_new_access_token_by_refresh_token("r")
    assert (caught.value.status_code, caught.value.message) == (400, "Used.")
    with pytest.raises(Refusal, match="slow_down"):
        client.get_new_access_token_by_refresh_token("r")
    assert client.introspect_token("t").data.active is False
    assert client.revoke_token("t").ok
    assert client.get_user_info_by_access_token("t").data.email == "ann@example.com"
    assert client.get_system_info().data.rsa.public_key == "PEM"


def test_a_gateways_page_is_a_refusal_with_its_status(
    connect: Connect, server: ScriptedServer
) -> None:
    client = connect(retries=0)
    server.then(Say(b"<h1>Bad</h1>", 502), Say(b"busy", 503, {"retry-after": "7"}), Say(b"", 599))
    with pytest.raises(Refusal, match=r"Bad Gateway \(502\)"):
        client.bind_email("123456", "ann@example.com")
    with pytest.raises(refusals.Overloaded) as caught:
        client.bind_email("123456", "ann@example.com")
    assert caught.value.retry_after == 7
    with pytest.raises(Refusal, match="HTTP 599"):
        client.get_profile()


@pytest.mark.parametrize(
    "act",
    [
        Say(b"<h1>Welcome</h1>"),
        Say(b"[]"),
        Say(b"{}"),
        Say(b'"text"'),
        Say(b""),
        Say(b"", 302, {"location": "https://elsewhere.example/"}),
        Say(b'{"statusCode": 200}'),
        Say(b'{"statusCode": 200, "data": {"userId": 5}}'),
    ],
)
def test_what_is_not_of_the_api_is_said_so(client: Any, server: ScriptedServer, act: Say) -> None:
    server.then(act)
    with pytest.raises(UnexpectedAnswer) as caught:
        client.get_profile()
    assert "Welcome" not in str(caught.value) and len(server.seen) == 1


def test_a_date_to_come_back_at(connect: Connect, server: ScriptedServer) -> None:
    client = connect(retries=0)
    until = datetime.now(timezone.utc) + timedelta(seconds=100)
    stamp = until.strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.then(Say(b"{}", 429, {"retry-after": stamp}), Say(b"{}", 429, {"retry-after": "soon"}))
    with pytest.raises(refusals.TooManyAtOnce) as caught:
        client.get_profile()
    assert 90 <= caught.value.retry_after <= 101
    with pytest.raises(refusals.TooManyAtOnce) as caught:
        client.get_profile()
    assert caught.value.retry_after is None


def test_chinese_stays_readable(client: Any, server: ScriptedServer) -> None:
    server.then(Say(json.dumps({"statusCode": 200, "message": "操作成功"}).encode()))
    assert "操作成功" in str(client.bind_email("123456", "ann@example.com"))


class AliasOf310:
    """What `dict[str, Any]` is on Python 3.10: no class, though it says that it is one."""

    __class__ = type  # type: ignore[assignment]


def test_what_only_says_that_it_is_a_type() -> None:
    assert isinstance(AliasOf310(), type)
    assert _read({"a": 1}, AliasOf310()) == {"a": 1}
