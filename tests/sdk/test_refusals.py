"""Every refusal of signing in, sending and binding comes back as an answer, never as an error."""

from __future__ import annotations

import secrets

import pytest

from tests.sdk.conftest import PASSWORD, App, Connect, Site
from tests.sdk.test_journey import good, signed_in
from tests.support.sdks import Answer, Client

BIND = "CHANNEL_BIND_EMAIL"


def refused(answer: Answer, status: int, api_code: int | None) -> Answer:
    """The `data` of a refusal that has these codes, a text and a request id."""
    assert (answer["statusCode"], answer.get("apiCode")) == (status, api_code), answer
    assert answer["message"] and len(answer["requestId"]) == 36
    data: Answer = answer.get("data") or {}
    return data


def another(code: str) -> str:
    """Other digits."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def asks(client: Client, site: Site, address: str) -> str:
    """Ask for a code to bind an address; the code."""
    good(client.send_email(address, BIND))
    return site.mail.code(address)


def test_signing_in(connect: Connect, site: Site) -> None:
    username, client = site.person("ann"), connect()
    refused(client.sign_in("username", username, "wrong"), 403, 2333)
    refused(client.sign_in("username", "nobody-here", PASSWORD), 403, 2333)
    refused(client.sign_in("email", "not an address", PASSWORD), 400, 2204)
    refused(client.sign_in_by_code("nobody@example.com", "123456"), 400, 2001)
    refused(client.sign_in("username", username, PASSWORD, {"scope": 7}), 400, None)
    refused(
        client.sign_in("username", username, "no hex", {"passwordEncryptType": "sm2"}), 400, None
    )


def test_a_wrong_code(connect: Connect, site: Site, address: str) -> None:
    client = signed_in(connect, site.person("ann"))
    refused(client.bind(address, "123456"), 400, 2001)  # never sent
    code = asks(client, site, address)
    looked_at = good(client.pre_check(address, another(code), BIND))
    assert looked_at["isValid"] is False and looked_at["message"]
    refused(client.bind(address, another(code)), 400, 2001)
    refused(client.bind(f"other-{address}", code), 400, 2001)
    good(client.bind(address, code))


def test_a_code_without_tries_left(connect: Connect, site: Site, address: str) -> None:
    client = signed_in(connect, site.person("ann"))
    code = asks(client, site, address)
    for _ in range(5):
        refused(client.bind(address, another(code)), 400, 2001)
    refused(client.bind(address, code), 400, 2001)


def test_an_account_that_has_an_address_already(connect: Connect, site: Site, address: str) -> None:
    client = signed_in(connect, site.person("ann", address))
    refused(client.bind(f"other-{address}", "123456"), 422, 90001)
    refused(client.send_email(f"other-{address}", BIND), 422, 90001)


def test_an_address_that_somebody_took_meanwhile(
    connect: Connect, site: Site, address: str
) -> None:
    ann = signed_in(connect, site.person("ann"))
    code = asks(ann, site, address)
    site.person("bob", address)
    refused(ann.bind(address, code), 409, 2200)
    assert good(ann.profile())["email"] is None


def test_a_second_mail_too_soon(connect: Connect, site: Site, address: str) -> None:
    client = signed_in(connect, site.person("ann"))
    asks(client, site, address)
    data = refused(client.send_email(address, BIND), 422, 2080)
    assert 1 <= data["retryAfter"] <= 60


def test_calls_that_send_cannot_fulfil(connect: Connect, site: Site, address: str) -> None:
    client = signed_in(connect, site.person("ann"))
    refused(client.send_email("ann@", BIND), 400, 2204)
    refused(client.send_email(address, "CHANNEL_NOT_KNOWN"), 400, None)
    refused(client.send_email(address, "CHANNEL_VERIFY_MFA"), 501, None)


@pytest.mark.parametrize("stale", ["garbage", "a.b.c"])
def test_no_token_and_a_bad_one(connect: Connect, site: Site, address: str, stale: str) -> None:
    client = connect()
    for call in (client.profile, lambda: client.bind(address, "123456")):
        refused(call(), 401, 2020)
    client.set_token(stale)
    for call in (client.profile, lambda: client.bind(address, "123456")):
        refused(call(), 401, 2206)
    # Where nobody needs to be signed in, a stale token does no harm.
    good(client.sign_in("username", site.person("ann"), PASSWORD))
    good(client.send_email(f"{secrets.token_hex(4)}@example.com", "CHANNEL_LOGIN"))
    assert client.system()["rsa"]


def test_a_token_of_another_pool(connect: Connect, site: Site, sdk: str) -> None:
    ann = connect()
    token = good(ann.sign_in("username", site.person("ann"), PASSWORD))["access_token"]
    pool = site.run("pool", "create", f"Other {sdk}", "--json")["userPoolId"]
    made = site.run("app", "create", "Other", "--pool", pool, "--json")
    mallory = connect(App(made["appId"], made["appSecret"]))
    mallory.set_token(token)
    refused(mallory.profile(), 401, 2206)
