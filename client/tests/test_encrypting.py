"""Passwords encrypted by the client are what the server reads."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from client.tests.conftest import Connect
from client.tests.scripted import ScriptedServer, done, told
from gatepost.credentials.password_transport import (
    PasswordEncryption,
    PasswordTransport,
    new_rsa_key,
    new_sm2_key,
)
from gatepost_client import SystemInfo, UnexpectedAnswer
from gatepost_client.encrypting import Keys
from gatepost_client.records import record

PASSWORD = "correct horse 电池"
TOKENS = done({"access_token": "a"})


@pytest.fixture(scope="module")
def transport() -> PasswordTransport:
    """The server's keys."""
    return PasswordTransport(new_rsa_key(), new_sm2_key(secrets.token_bytes), secrets.token_bytes)


@pytest.fixture
def keys(transport: PasswordTransport) -> Any:
    """What the server says of them."""
    return told(
        rsa={"publicKey": transport.rsa_public_key}, sm2={"publicKey": transport.sm2_public_key}
    )


@pytest.mark.parametrize("kind", ["synchronous"], indirect=True)
@pytest.mark.parametrize("encryption", ["rsa", "sm2"])
def test_every_password(
    connect: Connect,
    server: ScriptedServer,
    transport: PasswordTransport,
    keys: Any,
    encryption: Any,
) -> None:
    client = connect(password_encryption=encryption)
    grant = done({"deleteAccountToken": "t"})
    server.then(keys, TOKENS, done({"userId": "u"}), done(), done(), grant)
    client.sign_in_by_username_password("ann", PASSWORD, scope="openid")
    client.sign_up_by_email_password("ann@example.com", PASSWORD)
    client.update_password(PASSWORD, PASSWORD)
    client.reset_password(PASSWORD, "token")
    client.verify_delete_account_request("PASSWORD", password=PASSWORD)

    def read(text: str) -> str | None:
        assert PASSWORD not in text
        return transport.opened(PasswordEncryption(encryption), text, "password")

    keys_asked, sign_in, sign_up, update, reset, closing = (seen for seen in server.seen)
    assert keys_asked.path == "/api/v3/system"  # once
    sent = [each.json for each in (sign_in, sign_up, update, reset, closing)]
    assert read(sent[0]["passwordPayload"]["password"]) == PASSWORD
    assert sent[0]["options"] == {"scope": "openid", "passwordEncryptType": encryption}
    assert read(sent[1]["passwordPayload"]["password"]) == PASSWORD
    assert sent[1]["options"] == {"passwordEncryptType": encryption}
    assert read(sent[2]["newPassword"]) == read(sent[2]["oldPassword"]) == PASSWORD
    assert read(sent[3]["password"]) == PASSWORD
    assert sent[2]["passwordEncryptType"] == sent[3]["passwordEncryptType"] == encryption
    assert read(sent[4]["passwordPayload"]["password"]) == PASSWORD


def test_who_says_how_has_done_it(connect: Connect, server: ScriptedServer) -> None:
    client = connect(password_encryption="rsa")
    server.then(TOKENS, done())
    options = {"passwordEncryptType": "rsa"}
    client.sign_in_by_username_password("ann", "cipher text", options)
    client.update_password("cipher text", password_encrypt_type="none")
    assert server.seen[0].json["passwordPayload"]["password"] == "cipher text"
    assert server.seen[1].json["newPassword"] == "cipher text"
    assert options == {"passwordEncryptType": "rsa"}  # the caller's own is left as it was


def test_no_key_is_no_reason_to_send_it_open(connect: Connect, server: ScriptedServer) -> None:
    server.then(told(version={}))
    with pytest.raises(UnexpectedAnswer, match="rsa key"):
        connect(password_encryption="rsa").sign_in_by_username_password("ann", PASSWORD)
    assert server.paths() == ["/api/v3/system"]


def test_what_is_no_text(connect: Connect, server: ScriptedServer, keys: Any) -> None:
    server.then(keys)
    with pytest.raises(ValueError, match="no valid text") as caught:
        connect(password_encryption="rsa").sign_in_by_username_password("ann", "secret\udc80")
    assert caught.value.__suppress_context__


def test_keys_are_asked_for_again_in_time() -> None:
    now = [0.0]
    keys, said = Keys(lambda: now[0]), record(SystemInfo)({})
    assert keys.known() is None
    keys.learned(said)
    now[0] = 299
    assert keys.known() is said
    now[0] = 300
    assert keys.known() is None


def test_clients_of_many_users_ask_once(
    connect: Connect, server: ScriptedServer, keys: Any
) -> None:
    shared = connect(password_encryption="rsa")
    server.then(keys, done(), done())
    for token in ("anns", "bobs"):
        connect.of(shared.for_user(token)).update_password(PASSWORD)
    assert server.paths().count("/api/v3/system") == 1
