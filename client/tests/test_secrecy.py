"""What opens something is never printed: not in repr, not in logs, not in exceptions."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import httpx2
import pytest

from client.tests.conftest import APP_SECRET, Connect
from client.tests.scripted import Drop, Say, ScriptedServer, done, refused, told
from gatepost_client import GatepostError
from gatepost_client.calls import Call, request_of
from gatepost_client.records import nothing

ACCESS, REFRESH, ID = "ACCESS.aaaa", "REFRESH.rrrr", "ID.iiii"
GRANT, PASSWORD, CODE = "GRANT.gggg", "PASSWORD.pppp", "864209"
SECRETS = (ACCESS, REFRESH, ID, GRANT, PASSWORD, CODE, APP_SECRET)
TOKENS = {"access_token": ACCESS, "refresh_token": REFRESH, "id_token": ID, "expires_in": 60}


def quiet(text: str) -> bool:
    return not any(secret in text for secret in SECRETS)


def test_in_answers(client: Any, server: ScriptedServer) -> None:
    server.then(
        done(TOKENS),
        told(**TOKENS),
        done({"updateEmailToken": GRANT, "tokenExpiresIn": 60}),
        done({"passwordResetToken": GRANT}),
        done({"deleteAccountToken": GRANT}),
    )
    answers = [
        client.sign_in_by_username_password("ann", PASSWORD),
        client.get_new_access_token_by_refresh_token(REFRESH),
        client.verify_update_email_request(new_email="a@b.c", new_email_pass_code=CODE),
        client.verify_reset_password_request(email="a@b.c", pass_code=CODE),
        client.verify_delete_account_request(email="a@b.c", pass_code=CODE),
    ]
    for answer in answers:
        shown = (str(answer), repr(answer), repr(answer.data), f"{[answer]}", str(answer.data))
        assert all(quiet(text) and "[hidden]" in text for text in shown)
    assert "expires_in=60" in repr(answers[0].data)
    assert answers[0].raw["data"]["access_token"] == ACCESS  # who asks for it gets it


def test_in_what_fails(connect: Connect, server: ScriptedServer) -> None:
    def failing(name: str, *given: Any, **settings: Any) -> str:
        client = connect(retries=0, access_token=ACCESS, refresh_token=REFRESH, **settings)
        with pytest.raises((GatepostError, ValueError)) as caught:
            getattr(client, name)(*given)
        error = caught.value
        assert error.__suppress_context__ or error.__context__ is None
        return f"{error} {error!r} {error.args} {''.join(traceback.format_exception(error))}"

    basic = {"token_endpoint_auth_method": "client_secret_basic"}
    server.then(Drop(), Say(ACCESS.encode()), refused(400, 2001, data=TOKENS), Drop())
    assert quiet(failing("update_password", PASSWORD, PASSWORD))
    assert quiet(failing("bind_email", CODE, "ann@example.com"))
    assert quiet(failing("bind_email", CODE, "ann@example.com"))
    assert quiet(failing("sign_in_by_account_password", "ann", PASSWORD, **basic))
    assert quiet(failing("set_access_token", f"{ACCESS}\r\nx: y"))
    assert quiet(failing("get_user_info_by_access_token", f"{ACCESS}\n"))


def test_in_words_of_the_library(connect: Connect) -> None:
    """It tells of what it could not write, and would show it."""

    class Clumsy(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.LocalProtocolError(f"bad {request.headers['authorization']}")

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            return self.handle_request(request)

    with pytest.raises(GatepostError) as caught:
        connect(access_token=ACCESS, transport=Clumsy()).unbind_email(CODE)
    assert quiet(str(caught.value))


def test_in_logs(
    connect: Connect, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client = connect(access_token="old", refresh_token=REFRESH)
    fresh = told(**TOKENS)
    server.then(refused(401, 2206), fresh, done(), Drop(), done({"userId": "u"}), done(TOKENS))
    client.bind_email(CODE, "ann@example.com")
    client.get_profile()
    client.sign_in_by_email_password("ann@example.com", PASSWORD)
    assert "POST /api/v3/bind-email: 401" in caplog.text
    assert quiet(caplog.text) and "ann@example.com" not in caplog.text


def test_in_the_client_itself(connect: Connect) -> None:
    client = connect(access_token=ACCESS, refresh_token=REFRESH)
    call = Call("POST", "/", nothing, {"password": PASSWORD}, signed_in=True)
    request = request_of(call, client._options, ACCESS)
    for part in (client, client._options, client._held, client._http, call, request):
        assert quiet(repr(part)) and quiet(str(part))
    assert "app_id=" in repr(client)
