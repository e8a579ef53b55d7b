"""The whole job with each official SDK, unchanged, against a real server with real SMTP."""

from __future__ import annotations

from base64 import b64encode

import gmalg  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.sdk.conftest import PASSWORD, Connect, Site
from tests.support.sdks import Answer, Client


def good(answer: Answer) -> Answer:
    """What a call that went well answered."""
    assert answer["statusCode"] == 200, answer
    assert answer["message"] == "Operation successful"
    assert "apiCode" not in answer
    data: Answer = answer.get("data") or {}
    return data


def signed_in(connect: Connect, username: str) -> Client:
    client = connect()
    client.set_token(good(client.sign_in("username", username, PASSWORD))["access_token"])
    return client


def test_ann_signs_in_and_binds_her_address(connect: Connect, site: Site, address: str) -> None:
    username = site.person("ann")
    client = connect()
    tokens = good(client.sign_in("username", username, PASSWORD))
    assert tokens["expire_in"] == tokens["expires_in"] == 14 * 86_400
    assert tokens["token_type"].lower() == "bearer" and tokens["id_token"]
    client.set_token(tokens["access_token"])

    good(client.send_email(address.upper(), "CHANNEL_BIND_EMAIL"))
    mail = site.mail.mail_to(address)
    code = mail.code
    assert code and mail.subject.startswith(code) and code in mail.html
    looked_at = good(client.pre_check(address, code, "CHANNEL_BIND_EMAIL"))
    assert looked_at["isValid"] is True
    good(client.bind(address, f" {code} "))

    profile = good(client.profile())
    assert (profile["email"], profile["emailVerified"]) == (address, True)
    assert profile["username"] == username
    assert "customData" not in profile
    receipt = site.mail.mail_to(address, count=2)
    assert receipt.code is None and "no-reply@gatepost.example" in receipt.sender


def test_booleans_of_a_query_are_understood(connect: Connect, site: Site) -> None:
    client = signed_in(connect, site.person("ann"))
    profile = good(client.profile(custom_data=True))
    assert (profile["customData"], profile["identities"]) == ({}, [])
    assert "customData" not in good(client.profile(custom_data=False))


@pytest.mark.parametrize("kind", ["username", "email", "account"])
def test_every_name_of_an_account_signs_in(
    connect: Connect, site: Site, address: str, kind: str
) -> None:
    username = site.person("ann", address)
    name = username if kind == "username" else address.upper()
    assert good(connect().sign_in(kind, name, PASSWORD))["access_token"]


def test_ann_signs_in_by_a_code_from_a_mail(connect: Connect, site: Site, address: str) -> None:
    site.person("ann", address)
    client = connect()
    good(client.send_email(address, "CHANNEL_LOGIN"))
    code = site.mail.code(address)
    client.set_token(good(client.sign_in_by_code(address, code))["access_token"])
    assert good(client.profile())["email"] == address
    again = client.sign_in_by_code(address, code)
    assert (again["statusCode"], again["apiCode"]) == (400, 2001)


@pytest.mark.parametrize("encryption", ["none", "rsa", "sm2"])
def test_a_password_may_come_encrypted(connect: Connect, site: Site, encryption: str) -> None:
    username = site.person("ann")
    client = connect()
    keys = client.system()
    assert set(keys) == {"rsa", "sm2", "version", "publicIps"}
    password = encrypted(encryption, keys, PASSWORD)
    options = {"passwordEncryptType": encryption}
    assert good(client.sign_in("username", username, password, options))["access_token"]
    wrong = encrypted(encryption, keys, "another password")
    refused = client.sign_in("username", username, wrong, options)
    assert (refused["statusCode"], refused["apiCode"]) == (403, 2333)


def encrypted(encryption: str, keys: Answer, password: str) -> str:
    if encryption == "rsa":
        key = load_pem_public_key(keys["rsa"]["publicKey"].encode())
        return b64encode(key.encrypt(password.encode(), PKCS1v15())).decode()  # type: ignore[union-attr]
    if encryption == "sm2":
        public = bytes.fromhex(keys["sm2"]["publicKey"])
        return str(gmalg.SM2(pk=public).encrypt(password.encode()).hex())
    return password


def test_a_host_may_end_in_a_slash(connect: Connect, site: Site) -> None:
    client = connect(url=f"{site.url}/")
    assert good(client.sign_in("username", site.person("ann"), PASSWORD))["access_token"]
    assert client.system()["rsa"]
