"""`POST /api/v3/signin`."""

from __future__ import annotations

import asyncio
import secrets
import threading
from base64 import b64encode, urlsafe_b64decode
from collections import Counter
from typing import Any

import gmalg  # type: ignore[import-untyped]
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jws, jwt
from joserfc.jwk import KeySet, OctKey

from gatepost.credentials.passwords import Passwords
from tests.support.backstage import (
    CLIENT_UNAUTHENTICATED,
    CODE_EXPIRED,
    CODE_INCORRECT,
    EMAIL_INVALID,
    EMAIL_UNVERIFIED,
    LDAP_NOT_CONFIGURED,
    NOT_SUPPORTED,
    OK,
    SESSION_ENDED,
    TOO_MANY_REQUESTS,
    USER_NOT_FOUND,
    USER_SUSPENDED,
    WRONG_CREDENTIALS,
    change,
    footprint,
    rows,
    said,
    set_status,
    wrong,
)
from tests.support.life import (
    REGISTRATION_CLOSED,
    TOKEN_INVALID,
    code_for,
    newcomer,
    refresh,
    reset_token,
    resets,
    seen,
    sign_in_by_code,
    sign_up,
)
from tests.support.links import mail_after
from tests.support.recording import calling, served
from tests.support.world import CHEAP, PASSWORD, App, World

SIGN_IN, SEND = "/api/v3/signin", "/api/v3/send-email"
ANN = "ann@example.com"


async def by_password(
    world: World, app: App, password: str = PASSWORD, more: Any = None, **name: str
) -> dict[str, Any]:
    payload = (name or {"username": "ann"}) | {"password": password}
    body = {"connection": "PASSWORD", "passwordPayload": payload} | (more or {})
    return await world.post(SIGN_IN, body, app=app)


async def by_code(world: World, app: App, email: str, code: str) -> dict[str, Any]:
    body = {"connection": "PASSCODE", "passCodePayload": {"email": email, "passCode": code}}
    return await world.post(SIGN_IN, body, app=app)


async def mailed(world: World, app: App, email: str = ANN, count: int = 1) -> str:
    sent = await world.post(SEND, {"email": email, "channel": "CHANNEL_LOGIN"}, app=app)
    assert said(sent) == OK
    return await world.code(email, count)


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = msgspec.json.decode(urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


async def test_ann_signs_in_by_any_of_her_names(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("Ann", app, sign_in=False, email=ANN)
    for name in (
        {"username": "ann"},
        {"account": "ANN"},
        {"account": "Ann@Example.COM"},
    ):
        assert said(await by_password(world, app, **name)) == OK, name
    answer = await by_password(world, app, email=ANN, username="", account="")
    assert said(answer) == OK
    data = answer["data"]
    assert data["token_type"] == "Bearer"
    assert data["expire_in"] == data["expires_in"] == 14 * 86_400
    assert "openid" in data["scope"] and "refresh_token" not in data
    access, identity = claims_of(data["access_token"]), claims_of(data["id_token"])
    assert access["sub"] == identity["sub"] == ann.user_id
    assert access["aud"] == identity["aud"] == app.app_id
    assert access["iss"] == identity["iss"] == "http://127.0.0.1/oidc"
    assert access["sid"] == identity["sid"]
    assert access["exp"] - access["iat"] == 14 * 86_400
    assert (identity["email"], identity["email_verified"]) == (ANN, False)
    assert identity["nickname"] is None
    keys = KeySet.import_key_set((await world.http.get("/oidc/.well-known/jwks.json")).json())
    for token in (data["access_token"], data["id_token"]):
        assert jwt.decode(token, keys, ["RS256"]).claims["sub"] == ann.user_id
    profile = await world.get("/api/v3/get-profile", token=data["access_token"])
    assert profile["data"]["loginsCount"] == 4
    assert profile["data"]["lastIp"] == "127.0.0.1"
    assert profile["data"]["lastLoginApp"] == app.app_id
    events = await rows(
        world, "SELECT event, detail, client_address FROM audit_log WHERE succeeded = 1"
    )
    assert events == [("login", "password", "127.0.0.1")] * 4


@pytest.mark.parametrize("auth", ["none", "client_secret_post", "client_secret_basic"])
async def test_the_app_proves_itself_as_it_is_set_to(world: World, auth: str) -> None:
    app = await world.app(auth=auth)
    other = await world.app(app.pool_id)
    await world.person("ann", app, sign_in=False)
    payload = {"username": "ann", "password": PASSWORD}
    body = {"connection": "PASSWORD", "passwordPayload": payload}
    right = {"client_id": app.app_id, "client_secret": app.secret}
    basic = "Basic " + b64encode(f"{app.app_id}:{app.secret}".encode()).decode()

    async def enter(more: dict[str, Any], **headers: str) -> Any:
        return said(await world.post(SIGN_IN, body | more, app=app, **headers))

    assert await enter({}) == (OK if auth == "none" else CLIENT_UNAUTHENTICATED)
    assert await enter({"client_id": app.app_id}) == (
        OK if auth == "none" else CLIENT_UNAUTHENTICATED
    )
    assert await enter(right) == OK
    assert await enter({}, authorization=basic) == OK
    assert await enter({}, authorization=f"Bearer {basic}") == OK
    before = await footprint(world)
    for bad in (
        right | {"client_secret": app.secret[:-1]},
        right | {"client_secret": other.secret},
        {"client_id": other.app_id, "client_secret": other.secret},
        {"client_secret": "x"},
    ):
        assert await enter(bad) == CLIENT_UNAUTHENTICATED
    assert await footprint(world) == before


async def test_a_lenient_app_may_leave_its_secret_out_but_not_send_a_wrong_one(
    world: World,
) -> None:
    app = await world.app(lenientClientAuth="true")
    await world.person("ann", app, sign_in=False)
    assert said(await by_password(world, app)) == OK
    bad = {"client_id": app.app_id, "client_secret": "x" * 32}
    assert said(await by_password(world, app, more=bad)) == CLIENT_UNAUTHENTICATED


async def test_a_password_may_come_encrypted(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False)
    keys = (await world.http.get("/api/v3/system")).json()
    rsa = load_pem_public_key(keys["rsa"]["publicKey"].encode())
    assert isinstance(rsa, RSAPublicKey)
    by_rsa = b64encode(rsa.encrypt(PASSWORD.encode(), PKCS1v15())).decode()
    by_sm2 = gmalg.SM2(pk=bytes.fromhex(keys["sm2"]["publicKey"])).encrypt(PASSWORD.encode()).hex()
    for kind, cipher_text in (("rsa", by_rsa), ("sm2", by_sm2), ("sm2", f"sm2:{by_sm2[2:]}")):
        options = {"options": {"passwordEncryptType": kind}}
        assert said(await by_password(world, app, cipher_text, options)) == OK, kind
    for kind, cipher_text in (("rsa", by_sm2), ("sm2", by_sm2[:-2]), ("rsa", PASSWORD)):
        options = {"options": {"passwordEncryptType": kind}}
        answer = await by_password(world, app, cipher_text, options)
        assert said(answer) in (WRONG_CREDENTIALS, (400, None))
    assert said(await by_password(world, app, by_rsa)) == WRONG_CREDENTIALS


async def test_unknown_wrong_and_never_set_are_one_answer(world: World) -> None:
    app = await world.app(auth="none")
    await world.person("ann", app, sign_in=False, email=ANN)
    await world.person("bob", app, sign_in=False, password_hash=None)
    suspended = await world.person("sue", app, sign_in=False)
    await set_status(world, suspended.user_id, "Suspended")
    before = await footprint(world)
    answers = [
        await by_password(world, app, "wrong", **name)
        for name in (
            {"username": "ann"},
            {"email": ANN},
            {"email": "nobody@example.com"},
            {"username": "nobody"},
            {"account": "nobody"},
            {"account": "not@an@address"},
            {"phone": "13800000000"},
            {"username": "bob"},
            {"username": "sue"},
        )
    ]
    assert {said(answer) for answer in answers} == {WRONG_CREDENTIALS}
    without_ids = [{k: v for k, v in answer.items() if k != "requestId"} for answer in answers]
    assert all(answer == without_ids[0] for answer in without_ids)
    assert await footprint(world) == before


async def test_what_is_wrong_with_an_account_is_said_after_a_proof_only(world: World) -> None:
    app = await world.app(await world.pool(loginRequireEmailVerified="true"), auth="none")
    ann = await world.person("ann", app, sign_in=False, email=ANN)
    assert said(await by_password(world, app, "wrong")) == WRONG_CREDENTIALS
    assert said(await by_password(world, app)) == EMAIL_UNVERIFIED
    await set_status(world, ann.user_id, "Suspended")
    code = await mailed(world, app)
    for status in ("Suspended", "Archived"):
        await set_status(world, ann.user_id, status)
        assert said(await by_password(world, app)) == USER_SUSPENDED
        assert said(await by_code(world, app, ANN, wrong(code))) == CODE_INCORRECT
        assert said(await by_code(world, app, ANN, code)) == USER_SUSPENDED
    await set_status(world, ann.user_id, "Activated")
    # What was refused left the code unspent; and who shows it has proved the mailbox.
    assert said(await by_code(world, app, ANN, code)) == OK
    assert said(await by_password(world, app)) == OK
    bob = await world.person("bob", app)  # has no address, so none to verify
    assert bob.token


async def test_a_code_from_a_mail_signs_in_who_has_the_address(still: World) -> None:
    app = await still.app(auth="none")
    await still.set_pool(app.pool_id, verifyCodeResendInterval="1")
    await still.person("ann", app, sign_in=False, email=ANN)
    code = await mailed(still, app)
    assert said(await by_code(still, app, ANN, wrong(code))) == CODE_INCORRECT
    assert said(await by_code(still, app, "bob@example.com", code)) == CODE_INCORRECT
    other = await still.app(auth="none")
    assert said(await by_code(still, other, ANN, code)) == CODE_INCORRECT
    answer = await by_code(still, app, "ANN@example.com", code)
    assert said(answer) == OK
    assert claims_of(answer["data"]["id_token"])["email_verified"] is True
    still.clock.advance(2)
    late = await mailed(still, app, count=2)
    still.clock.advance(300)
    assert said(await by_code(still, app, ANN, late)) == CODE_EXPIRED
    unknown = await mailed(still, app, "nobody@example.com")
    refused = await by_code(still, app, "nobody@example.com", unknown)
    assert said(refused) == USER_NOT_FOUND  # told to who has proved the mailbox


async def test_after_too_many_wrong_passwords_waiting_is_asked_for(still: World) -> None:
    app = await still.app(await still.pool(limits__passwordFailures="1"), auth="none")
    assert said(await by_password(still, app, "wrong")) == WRONG_CREDENTIALS
    refused = await by_password(still, app, "wrong")
    assert said(refused) == TOO_MANY_REQUESTS and refused["data"] == {"retryAfter": 1}


async def test_what_this_server_does_not_do_is_said(world: World) -> None:
    app = await world.app(auth="none")
    for connection in ("LDAP", "AD"):
        payload = {"password": "x", "sAMAccountName": "ann"}
        body = {"connection": connection, f"{connection.lower()}Payload": payload}
        assert said(await world.post(SIGN_IN, body, app=app)) == LDAP_NOT_CONFIGURED
    phone = {"connection": "PASSCODE", "passCodePayload": {"passCode": "1", "phone": "1"}}
    assert said(await world.post(SIGN_IN, phone, app=app)) == NOT_SUPPORTED
    assert said(await by_password(world, app, email="not an address")) == EMAIL_INVALID


async def test_the_bodies_of_the_sdks_are_understood(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app)
    from_go = {
        "connection": "PASSWORD",
        "passwordPayload": {"password": PASSWORD, "username": "ann", "email": "", "phone": ""},
        "passCodePayload": {"passCode": ""},
        "adPayload": {"password": "", "sAMAccountName": ""},
        "ldapPayload": {"password": "", "sAMAccountName": ""},
        "options": {},
        "client_id": "",
        "client_secret": "",
    }
    assert said(await world.post(SIGN_IN, from_go, app=app)) == OK
    from_python = {
        "connection": "PASSWORD",
        "passwordPayload": {"password": PASSWORD, "username": "ann", "email": None},
        "options": {"scope": None, "context": {}, "customData": {"a": 1}, "tenantId": "x"},
    }
    answer = await world.post(SIGN_IN, from_python, app=app, token=ann.token)
    assert said(answer) == OK
    assert said(await world.post(SIGN_IN, from_go, app=app, token="stale.token.x")) == OK


async def test_an_id_token_may_be_keyed_with_the_apps_secret(world: World) -> None:
    app = await world.app(id_token_signed_response_alg="HS256", id_token_expires_in="120")
    ann = await world.person("ann", app)
    data = (await ann.sign_in(scope="openid"))["data"]
    key = OctKey.import_key(app.secret)
    token = jws.deserialize_compact(data["id_token"], key, ["HS256"])
    claims = msgspec.json.decode(token.payload)
    assert (claims["sub"], claims["exp"] - claims["iat"]) == (ann.user_id, 120)
    assert "email" not in claims
    assert said(await world.get("/api/v3/get-profile", token=data["id_token"])) == (401, 2206)


async def test_a_password_changed_while_it_was_checked_is_wrong(world: World) -> None:
    app = await world.app(auth="none")
    ann = await world.person("ann", app, sign_in=False)
    await change(world, "UPDATE users SET password_hash = NULL WHERE id = :id", id=ann.user_id)
    assert said(await by_password(world, app)) == WRONG_CREDENTIALS


class TestAutoRegister:
    async def test_who_shows_a_code_and_has_no_account_gets_one(self, world: World) -> None:
        app = await world.app(auth="none")
        code = await mailed(world, app)
        before = await footprint(world)
        refused = await sign_in_by_code(world, app, ANN, wrong(code), autoRegister=True)
        assert said(refused) == CODE_INCORRECT
        assert (await footprint(world))["users"] == before["users"]
        assert said(await by_code(world, app, ANN, code)) == USER_NOT_FOUND
        entered = await sign_in_by_code(world, app, "Ann@Example.com", code, autoRegister=True)
        assert said(entered) == OK
        token = entered["data"]["access_token"]
        profile = (await world.get("/api/v3/get-profile", token=token))["data"]
        assert (profile["email"], profile["emailVerified"]) == (ANN, True)
        assert (profile["username"], profile["loginsCount"]) == (None, 1)
        events = await rows(
            world,
            "SELECT event, user_id FROM audit_log WHERE event IN ('login', 'register')"
            " AND succeeded = 1",
        )
        assert sorted(events) == [("login", profile["userId"]), ("register", profile["userId"])]
        again = await sign_in_by_code(world, app, ANN, code, autoRegister=True)
        assert said(again) == CODE_INCORRECT

    async def test_who_has_an_account_keeps_it(self, world: World) -> None:
        app = await world.app(auth="none")
        ann = await world.person("ann", app, sign_in=False, email=ANN)
        entered = await sign_in_by_code(
            world, app, ANN, await mailed(world, app), autoRegister=True
        )
        assert claims_of(entered["data"]["access_token"])["sub"] == ann.user_id

    async def test_a_closed_pool_takes_nobody(self, world: World) -> None:
        app = await world.app(await world.pool(registerDisabled="true"), auth="none")
        code = await mailed(world, app)
        refused = await sign_in_by_code(world, app, ANN, code, autoRegister=True)
        assert said(refused) == REGISTRATION_CLOSED
        await world.set_pool(app.pool_id, registerDisabled="false")
        entered = await sign_in_by_code(world, app, ANN, code, autoRegister=True)
        assert said(entered) == OK  # the code was not spent

    async def test_of_many_at_once_one_makes_the_account(self, world: World) -> None:
        app = await world.app(auth="none")
        code = await mailed(world, app)
        tries = [sign_in_by_code(world, app, ANN, code, autoRegister=True) for _ in range(4)]
        told = Counter(said(answer) for answer in await asyncio.gather(*tries))
        assert told == {OK: 1, CODE_INCORRECT: 3}
        assert len(await rows(world, "SELECT id FROM users")) == 1

    async def test_a_password_registers_nobody(self, world: World) -> None:
        app = await world.app(auth="none")
        more = {"options": {"autoRegister": True}}
        assert said(await by_password(world, app, more=more, email=ANN)) == WRONG_CREDENTIALS
        assert await rows(world, "SELECT id FROM users") == []


class TestWhoeverSignedUpWithAnnsAddress:
    async def test_is_out_once_ann_shows_a_code(self, world: World) -> None:
        app = await world.app(auth="none")
        mallory = await newcomer(world, app, "mallory", email=ANN)
        stolen = (await mallory.sign_in(scope="openid offline_access"))["data"]["refresh_token"]
        granted = await reset_token(world, app, ANN)
        code = await code_for(world, app, ANN, "LOGIN")
        entering = by_code(world, app, ANN, code)
        told = await mail_after(world, ANN, "earlier_password_removed", entering)
        assert told.code is None
        assert await seen(mallory) == SESSION_ENDED
        assert await refresh(world, app, stolen) == "invalid_grant"
        for name in ({"username": "mallory"}, {"email": ANN}):
            assert said(await by_password(world, app, **name)) == WRONG_CREDENTIALS
        assert said(await resets(world, app, granted, "a brand new password")) == TOKEN_INVALID

    async def test_has_no_codes_left_either(self, world: World) -> None:
        app = await world.app(auth="none")
        mallory = await newcomer(world, app, "mallory", email=ANN)
        await code_for(world, app, "new@example.com", "UPDATE_EMAIL", mallory.token)
        live = "SELECT channel FROM verification_codes WHERE subject = :id AND spent_at IS NULL"
        assert await rows(world, live, id=mallory.user_id) == [("CHANNEL_UPDATE_EMAIL",)]
        entered = await by_code(world, app, ANN, await code_for(world, app, ANN, "LOGIN"))
        assert said(entered) == OK
        assert await rows(world, live, id=mallory.user_id) == []

    async def test_ann_keeps_what_she_did_since(self, world: World) -> None:
        app = await world.app(auth="none")
        await newcomer(world, app, "mallory", email=ANN)
        first = await by_code(world, app, ANN, await code_for(world, app, ANN, "LOGIN"))
        token = first["data"]["access_token"]
        assert claims_of(first["data"]["id_token"])["email_verified"] is True
        second = await by_code(world, app, ANN, await code_for(world, app, ANN, "LOGIN"))
        assert said(second) == OK
        assert said(await world.get("/api/v3/get-profile", token=token)) == OK
        assert len(world.mail.all_of(ANN, "earlier_password_removed")) == 1

    async def test_accounts_made_by_an_administrator_are_exempt(self, world: World) -> None:
        app = await world.app(auth="none")
        ann = await world.person("ann", app, email=ANN)
        entered = await by_code(world, app, ANN, await code_for(world, app, ANN, "LOGIN"))
        assert claims_of(entered["data"]["id_token"])["email_verified"] is True
        assert await seen(ann) == OK
        assert said(await by_password(world, app)) == OK
        assert (
            await rows(world, "SELECT id FROM outbox WHERE template <> 'login_verify_code'") == []
        )


async def test_where_accounts_are_hidden_an_unproved_one_opens_to_a_code_only(
    world: World,
) -> None:
    app = await world.app(await world.pool(hideExistingAccounts="true"), auth="none")
    await sign_up(world, app, username="mallory", email=ANN)
    for name in ({"username": "mallory"}, {"email": ANN}):
        assert said(await by_password(world, app, **name)) == WRONG_CREDENTIALS
    assert said(await by_code(world, app, ANN, await mailed(world, app))) == OK
    bob = await world.person("bob", app, email="bob@example.com")  # made by an administrator
    assert bob.token


async def test_who_is_turned_away_has_made_no_guess(world: World) -> None:
    ann = await world.person("ann", await world.app(auth="none"), sign_in=False)
    passwords = Passwords(secrets.token_bytes, threads=1, waiting=0, cost=CHEAP)
    leave = threading.Event()
    body = {
        "connection": "PASSWORD",
        "passwordPayload": {"username": "ann", "password": PASSWORD},
        "client_id": ann.app.app_id,
    }
    async with calling(served(world, passwords=passwords)) as http:
        busy = asyncio.create_task(passwords.run(leave.wait))
        await asyncio.sleep(0)  # it has the only place from here on
        for _ in range(12):  # more than wrong passwords would be borne
            assert (await http.post("/api/v3/signin", json=body)).status_code == 503
        leave.set()
        assert await busy
        assert said((await http.post("/api/v3/signin", json=body)).json()) == OK
    passwords.close()
