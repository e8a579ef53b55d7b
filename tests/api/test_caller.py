"""Who calls: the app, the token, and what becomes of tokens that are not what they say."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from gatepost.credentials.tokens import AccessClaims, Keyring, SigningKey, new_signing_key
from tests.support.backstage import (
    APP_UNKNOWN,
    CLIENT_UNAUTHENTICATED,
    NOT_SIGNED_IN,
    OK,
    SESSION_ENDED,
    USER_SUSPENDED,
    change,
    said,
    set_status,
)
from tests.support.world import App, Person, World

PROFILE, SEND = "/api/v3/get-profile", "/api/v3/send-email"
BIND = "/api/v3/bind-email"
MAIL = {"email": "ann@example.com", "channel": "CHANNEL_LOGIN"}
UNKNOWN = "0123456789abcdef01234567"


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    decode = msgspec.json.decode
    return decode(urlsafe_b64decode(header + "==")), decode(urlsafe_b64decode(claims + "=="))


def encoded(value: object) -> str:
    return urlsafe_b64encode(msgspec.json.encode(value)).rstrip(b"=").decode()


def unsigned(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{encoded(header)}.{encoded(claims)}."


def signed_hs256(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    text = f"{encoded(header)}.{encoded(claims)}"
    mac = HMAC(key, SHA256())
    mac.update(text.encode())
    return f"{text}.{urlsafe_b64encode(mac.finalize()).rstrip(b'=').decode()}"


async def calls(world: World, body: dict[str, Any], headers: dict[str, Any]) -> dict[str, Any]:
    return await world.post(SEND, body, **headers)


async def test_the_app_is_known_by_header_else_body_else_token(world: World) -> None:
    app = await world.app(auth="none")
    await world.set_pool(app.pool_id, verifyCodeResendInterval="1")
    ann = await world.person("ann", app)
    ways: list[tuple[dict[str, Any], dict[str, str]]] = [
        ({}, {"x_authing_app_id": app.app_id}),
        ({}, {"x_genauth_app_id": app.app_id}),
        ({}, {"X-GenAuth-App-Id": app.app_id}),
        ({"client_id": app.app_id}, {}),
        ({"client_id": UNKNOWN}, {"x_authing_app_id": app.app_id}),
        ({}, {"authorization": ann.token or ""}),
        ({}, {"x_authing_app_id": app.app_id, "x_authing_userpool_id": app.pool_id}),
    ]
    for body, headers in ways:
        world.clock.advance(2)
        assert said(await calls(world, MAIL | body, headers)) == OK, (body, headers)
        world.clock.advance(3600)
    for body, headers in (
        ({}, {}),
        ({}, {"x_authing_app_id": UNKNOWN}),
        ({}, {"x_authing_app_id": "x" * 5000}),
        ({}, {"x_authing_app_id": "' OR 1=1 --"}),
        ({"client_id": UNKNOWN}, {}),
        ({}, {"authorization": f"{ann.token}x"}),
        ({}, {"x_authing_app_id": app.app_id, "x_genauth_userpool_id": UNKNOWN}),
    ):
        assert said(await calls(world, MAIL | body, headers)) == APP_UNKNOWN, headers
    number = await world.post(SEND, MAIL | {"client_id": 7})
    assert said(number) == (400, None) and "client_id" in number["message"]


async def test_a_token_comes_bare_or_after_bearer(world: World) -> None:
    ann = await world.person("ann")
    for authorization in (f"{ann.token}", f"Bearer {ann.token}", f"bearer  {ann.token}"):
        answer = await world.get(PROFILE, authorization=authorization)
        assert said(answer) == OK
    for authorization in ("Bearer", "Bearer  ", "Basic abc", "", "Bearer Basic abc"):
        answer = await world.get(PROFILE, authorization=authorization)
        assert said(answer) == NOT_SIGNED_IN, authorization
    assert said(await world.get(PROFILE)) == NOT_SIGNED_IN
    assert said(await world.post(BIND, {})) == NOT_SIGNED_IN
    assert said(await ann.get(PROFILE, x_authing_app_id=UNKNOWN)) == APP_UNKNOWN
    assert said(await ann.get(PROFILE, x_authing_userpool_id=UNKNOWN)) == SESSION_ENDED


async def test_nothing_passes_for_a_token_that_is_not_one(world: World) -> None:
    ann = await world.person("ann")
    answer = await ann.sign_in()
    token, id_token = answer["data"]["access_token"], answer["data"]["id_token"]
    header, claims = parts_of(token)
    public_pem = world.context.key_store.keyring._signing.public_pem().encode()
    stranger = Keyring(claims["iss"], SigningKey(header["kid"], new_signing_key()[1]))
    forged = msgspec.convert(claims, AccessClaims)
    head, body, signature = token.split(".")
    bob = claims | {"sub": UNKNOWN}
    for bad in (
        token[:-1],
        token[: len(token) // 2],
        f"{head}.{body}.",
        f"{head}.{body}",
        "." * 2,
        "x" * 9000,
        f"{head}.{encoded(bob)}.{signature}",
        unsigned({"alg": "none", "typ": "JWT"}, claims),
        unsigned(header | {"alg": "none"}, claims),
        unsigned(header | {"alg": "None"}, claims),
        signed_hs256(header | {"alg": "HS256"}, claims, public_pem),
        signed_hs256(header | {"alg": "HS256"}, claims, ann.app.secret.encode()),
        stranger.sign_access_token(forged),
        id_token,
    ):
        assert said(await world.get(PROFILE, token=bad)) == SESSION_ENDED, bad[:60]
        assert said(await world.post(BIND, {}, token=bad)) == SESSION_ENDED
        sent = await world.post(SEND, MAIL, token=bad)
        assert said(sent) == APP_UNKNOWN  # as good as none: it does not even name the app
    assert said(await world.get(PROFILE, token=token)) == OK


async def test_a_token_of_ours_for_another_session_user_or_app_is_refused(world: World) -> None:
    ann = await world.person("ann")
    _, claims = parts_of(ann.token or "")
    sign = world.context.key_store.keyring.sign_access_token
    for lie in ({"sid": UNKNOWN}, {"sub": UNKNOWN}, {"aud": UNKNOWN}):
        token = sign(msgspec.convert(claims | lie, AccessClaims))
        assert said(await world.get(PROFILE, token=token)) == SESSION_ENDED
    token = sign(msgspec.convert(claims | {"iss": "http://127.0.0.1:1/oidc"}, AccessClaims))
    assert said(await world.get(PROFILE, token=token)) == SESSION_ENDED


async def test_a_token_lives_as_long_as_its_app_says(still: World) -> None:
    app = await still.app(access_token_expires_in="600")
    ann = await still.person("ann", app)
    still.clock.advance(598)
    assert said(await ann.get(PROFILE)) == OK
    still.clock.advance(3)
    assert said(await ann.get(PROFILE)) == SESSION_ENDED
    sent = await ann.post(SEND, MAIL)  # public: a stale token is as good as none
    assert said(sent) == OK
    still.clock.advance(-600)
    assert said(await ann.get(PROFILE)) == OK


async def test_a_session_that_ended_and_a_user_who_is_gone_end_every_call_at_once(
    world: World,
) -> None:
    app = await world.app()
    ann, bob = await world.person("ann", app), await world.person("bob", app)
    carl, dora = await world.person("carl", app), await world.person("dora", app)
    await set_status(world, ann.user_id, "Suspended")
    await set_status(world, bob.user_id, "Archived")
    end = "UPDATE sessions SET ended_at = 1 WHERE user_id = :id"
    await change(world, end, id=carl.user_id)
    await change(world, "DELETE FROM sessions WHERE user_id = :id", id=dora.user_id)
    await change(world, "DELETE FROM users WHERE id = :id", id=dora.user_id)
    for person, answer in (
        (ann, USER_SUSPENDED),
        (bob, SESSION_ENDED),
        (carl, SESSION_ENDED),
        (dora, SESSION_ENDED),
    ):
        assert said(await person.get(PROFILE)) == answer
        assert said(await person.binds("x@example.com", "123456")) == answer
        # A public call goes on as if there were no token.
        assert said(await person.asks_to_bind(f"{person.username}@example.com")) == OK
    await set_status(world, ann.user_id, "Activated")
    assert said(await ann.get(PROFILE)) == OK


async def test_nothing_of_one_pool_works_in_another(world: World) -> None:
    ann = await world.person("ann")
    mallory = await world.person("ann", await world.app())  # the same name in another pool
    assert said(await ann.get(PROFILE, x_authing_app_id=mallory.app.app_id)) == SESSION_ENDED
    assert said(await ann.get(PROFILE, x_authing_userpool_id=mallory.app.pool_id)) == SESSION_ENDED
    stray = Person(world, mallory.app, ann.user_id, "ann", ann.token)
    assert said(await stray.binds("ann@example.com", "123456")) == SESSION_ENDED
    # At a public call the token of another pool is as good as none.
    assert said(await stray.asks_to_bind("ann@example.com")) == OK
    await world.mail.to("ann@example.com")
    assert said(await ann.binds("ann@example.com", await world.code("ann@example.com"))) == (
        400,
        2001,
    )
    second = await world.app(ann.app.pool_id)
    assert said(await ann.get(PROFILE, x_authing_app_id=second.app_id)) == OK


async def test_a_secret_in_header_and_body_must_agree_and_be_right(world: World) -> None:
    app = await world.app(auth="none")

    def basic(other: App | None = None, secret: str = "") -> str:
        chosen = other or app
        pair = f"{chosen.app_id}:{secret or chosen.secret}"
        return "Basic " + b64encode(pair.encode()).decode()

    right = {"client_id": app.app_id, "client_secret": app.secret}
    another = await world.app()
    for n, (body, authorization, answer) in enumerate(
        [
            (right, basic(), OK),
            ({}, basic(), OK),
            ({}, f"Bearer {basic()}", OK),
            (right, basic(secret="f" * 32), CLIENT_UNAUTHENTICATED),
            (right | {"client_secret": "f" * 32}, "", CLIENT_UNAUTHENTICATED),
            ({}, basic(another), CLIENT_UNAUTHENTICATED),
            ({}, "Basic !!!", CLIENT_UNAUTHENTICATED),
            (
                {"client_id": another.app_id, "client_secret": app.secret},
                "",
                CLIENT_UNAUTHENTICATED,
            ),
        ]
    ):
        mail = {"email": f"ann{n}@example.com", "channel": "CHANNEL_LOGIN"}
        headers = {"authorization": authorization} if authorization else {}
        given = await world.post(SEND, mail | body, app=app, **headers)
        assert said(given) == answer, (body, authorization)
    unnamed = await world.post(SEND, MAIL, authorization=basic())
    assert said(unnamed) == OK  # Basic names the app, too
