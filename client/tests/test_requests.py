"""What goes over the wire."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from client.tests.conftest import APP_ID, APP_SECRET, Connect
from client.tests.scripted import ScriptedServer, done, told

TOKENS = done({"access_token": "a.b.c"})
BASIC = "Basic " + b64encode(f"{APP_ID}:{APP_SECRET}".encode()).decode()


def test_a_call_says_what_it_is(connect: Connect, server: ScriptedServer) -> None:
    client = connect(access_token="a.b.c", lang="zh-CN", real_ip="203.0.113.7")
    server.then(done())
    client.bind_email(pass_code="123456", email="安@example.com")
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", "/api/v3/bind-email")
    assert seen.json == {"passCode": "123456", "email": "安@example.com"}
    for family in ("x-genauth", "x-authing"):
        assert seen.headers[f"{family}-app-id"] == APP_ID
        assert seen.headers[f"{family}-lang"] == "zh-CN"
        assert seen.headers[f"{family}-request-from"] == "sdk"
        assert seen.headers[f"{family}-sdk-version"].startswith("gatepost-client:")
    assert seen.headers["authorization"] == "Bearer a.b.c"
    assert seen.headers["x-real-ip"] == "203.0.113.7"
    assert seen.headers["content-type"] == "application/json"


def test_what_was_not_said_is_not_sent(client: Any, server: ScriptedServer) -> None:
    server.then(TOKENS, done({"userId": "u"}), done({"userId": "u"}), done())
    client.sign_in_by_username_password("ann", "secret")
    client.get_profile(with_custom_data=True)
    client.update_profile(nickname="", custom_data={"a": None, "b": 0})
    client.unbind_email("123456")
    signin, profile, update, unbind = server.seen
    assert "x-genauth-lang" not in signin.headers and "x-real-ip" not in signin.headers
    assert "authorization" not in signin.headers
    assert signin.json == {
        "connection": "PASSWORD",
        "passwordPayload": {"username": "ann", "password": "secret"},
        "client_id": APP_ID,
        "client_secret": APP_SECRET,
    }
    assert profile.method == "GET" and profile.query == {"withCustomData": ["true"]}
    assert update.json == {"nickname": "", "customData": {"b": 0}}
    assert unbind.json == {"passCode": "123456"}


def test_plain_words_and_the_official_payloads_are_the_same(
    client: Any, server: ScriptedServer
) -> None:
    grant = done({"updateEmailToken": "t", "tokenExpiresIn": 60})
    server.then(grant, grant)
    payload = {"newEmail": "b@example.com", "newEmailPassCode": "1", "oldEmail": "a@example.com"}
    client.verify_update_email_request(
        email_pass_code_payload=payload, verify_method="EMAIL_PASSCODE"
    )
    client.verify_update_email_request(
        new_email="b@example.com", new_email_pass_code="1", old_email="a@example.com"
    )
    assert server.seen[0].json == server.seen[1].json
    assert server.seen[0].json["verifyMethod"] == "EMAIL_PASSCODE"
    server.then(TOKENS, TOKENS)
    options = {"scope": "openid", "clientIp": "203.0.113.7", "autoRegister": True}
    client.sign_in_by_email_passcode("a@example.com", "123456", options)
    client.sign_in_by_email_passcode(
        "a@example.com", "123456", scope="openid", client_ip="203.0.113.7", auto_register=True
    )
    assert server.seen[2].json == server.seen[3].json
    assert server.seen[2].json["options"] == options


def test_a_code_is_looked_at_as_the_official_client_does(
    client: Any, server: ScriptedServer
) -> None:
    email = {"email": "a@example.com", "passCode": "1", "channel": "CHANNEL_BIND_EMAIL"}
    sms = {"phoneNumber": "13800000000", "passCode": "1", "channel": "CHANNEL_BIND_PHONE"}
    right = done({"isValid": True})
    server.then(right, right, right)
    client.pre_check_code("EMAIL", None, email)
    client.pre_check_code(email="a@example.com", pass_code="1", channel="CHANNEL_BIND_EMAIL")
    client.pre_check_code("SMS", sms)
    positional, plain, by_sms = (seen.json for seen in server.seen)
    assert positional == plain == {"codeType": "EMAIL", "emailCodePayload": email}
    assert by_sms == {"codeType": "SMS", "smsCodePayload": sms}


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic", "none"])
def test_an_app_proves_itself_as_it_is_set_to(
    connect: Connect, server: ScriptedServer, method: str
) -> None:
    client = connect(
        access_token="held",
        token_endpoint_auth_method=method,
        introspection_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        redirect_uri="https://shop.example/back",
    )
    fresh = told(access_token="a.b.c")
    server.then(TOKENS, fresh, fresh, told(active=True), told())
    client.sign_in_by_email_passcode("a@example.com", "123456")
    client.get_new_access_token_by_refresh_token("r")
    client.get_access_token_by_code("c", code_verifier="v")
    client.introspect_token("t")
    client.revoke_token("t")
    signin, *others = server.seen
    for seen, given in [(signin, signin.json), *((each, each.form) for each in others)]:
        assert ("client_secret" in given) == (method == "client_secret_post")
        assert ("client_id" in given) == (method != "client_secret_basic")
        assert seen.headers.get("authorization") == (
            BASIC if method == "client_secret_basic" else None
        )
    assert others[1].form["code_verifier"] == ["v"]
    assert others[1].form["redirect_uri"] == ["https://shop.example/back"]


METHODS = ("token", "introspection", "revocation")


@pytest.mark.parametrize(
    "said",
    [{}, {"protocol": None}, *({f"{each}_endpoint_auth_method": None} for each in METHODS)],
    ids=str,
)
def test_none_is_the_default_as_it_is_officially(
    connect: Connect, server: ScriptedServer, said: dict[str, None]
) -> None:
    client = connect(**said)
    server.then(told(access_token="a.b.c"), told(active=True), told())
    client.get_new_access_token_by_refresh_token("r")
    client.introspect_token("t")
    client.revoke_token("t")
    assert [seen.form["client_secret"] for seen in server.seen] == [[APP_SECRET]] * 3


def test_connections_are_kept_and_cookies_are_not(client: Any, server: ScriptedServer) -> None:
    said = done({"userId": "u"})
    with_cookie = type(said)(said.body, 200, {"set-cookie": "session=ann; Path=/"})
    server.then(with_cookie, said)
    client.get_profile()
    client.get_profile()
    assert {seen.connection for seen in server.seen} == {1}
    assert "cookie" not in server.seen[1].headers


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("shop.genauth.ai", "https://shop.genauth.ai"),
        (" https://shop.genauth.ai// ", "https://shop.genauth.ai"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
    ],
)
def test_where_the_server_is(connect: Connect, said: str, meant: str) -> None:
    client = connect(app_host=said)
    assert client.build_logout_url() == f"{meant}/oidc/session/end"


@pytest.mark.parametrize(
    "settings",
    [
        {"app_host": ""},
        {"app_host": "ftp://shop.example"},
        {"app_host": "https://ann:secret@shop.example"},
        {"app_host": "https://shop.example/?a=b"},
        {"app_id": ""},
        {"app_id": "a\nb: c"},
        {"lang": "en\r\nx: y"},
        {"real_ip": "1.2.3.4, 5.6.7.8"},
        {"access_token": "a\nb"},
        {"refresh_token": "ä"},
        {"timeout": 0},
        {"timeout": 10_000},  # other SDKs count milliseconds
        {"retries": -1},
        {"protocol": "saml"},
    ],
)
def test_settings_that_cannot_be(connect: Connect, settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        connect(**settings)
    assert "secret" not in str(caught.value) and "a\nb" not in str(caught.value)


def test_a_client_for_each_user_shares_the_connections(
    connect: Connect, server: ScriptedServer
) -> None:
    shared = connect(access_token="anns", lang="zh-CN")
    server.then(done(), done(), done())
    bobs = connect.of(shared.for_user("bobs", real_ip="203.0.113.9"))
    bobs.unbind_email("1")
    bobs.close()
    shared.unbind_email("2")
    connect.of(shared.for_user()).unbind_email("3")
    tokens = [seen.headers.get("authorization") for seen in server.seen]
    assert tokens == ["Bearer bobs", "Bearer anns", None]
    assert [seen.headers.get("x-real-ip") for seen in server.seen] == ["203.0.113.9", None, None]
    assert {seen.headers["x-genauth-lang"] for seen in server.seen} == {"zh-CN"}
    assert {seen.connection for seen in server.seen} == {1}
