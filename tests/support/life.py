"""What people do with an account from its first day to its last."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import gmalg  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.support.backstage import said
from tests.support.links import CHANNELS, mail_after
from tests.support.world import PASSWORD, App, Person, World

TOKEN_INVALID = (400, 90002)
REAUTHENTICATION_REQUIRED = (401, 90003)
CHANGES_PAUSED = (403, 90004)
REGISTRATION_CLOSED = (403, 2031)
USER_EXISTS = (409, 2026)
USERNAME_TAKEN = (409, 2034)
PASSWORD_TOO_WEAK = (400, 2029)
OLD_PASSWORD_REQUIRED = (400, 2201)
OLD_PASSWORD_WRONG = (400, 2203)
PASSWORD_REUSED = (400, 2059)
NO_EMAIL_BOUND = (422, 2219)
OLD_EMAIL_MISMATCH = (400, 2037)

MAILS = {
    **CHANNELS,
    "CHANNEL_REGISTER": "register_verify_code",
    "CHANNEL_COMPLETE_EMAIL": "information_completion_verify_code",
}


async def code_for(
    world: World, app: App, email: str, purpose: str, token: str | None = None
) -> str:
    """A code by mail, a minute after whatever was asked before."""
    world.clock.advance(61)
    channel = f"CHANNEL_{purpose}"
    asking = world.post(
        "/api/v3/send-email", {"email": email, "channel": channel}, app=app, token=token
    )
    mail = await mail_after(world, email, MAILS[channel], asking)
    assert mail.code is not None
    return mail.code


async def sign_up(
    world: World,
    app: App,
    profile: Any = None,
    options: Any = None,
    **payload: str,
) -> dict[str, Any]:
    """Make an account: with a password, the usual one unless told otherwise, or with a code."""
    body: dict[str, Any] = {"profile": profile or {}, "options": options or {}}
    if "passCode" in payload:
        body |= {"connection": "PASSCODE", "passCodePayload": payload}
    else:
        payload.setdefault("password", PASSWORD)
        body |= {"connection": "PASSWORD", "passwordPayload": payload}
    return await world.post("/api/v3/signup", body, app=app)


async def sign_in(world: World, app: App, password: str = PASSWORD, **name: str) -> dict[str, Any]:
    """Sign in with a password, to an app that needs no secret."""
    body = {
        "connection": "PASSWORD",
        "passwordPayload": name | {"password": password},
        "options": {"scope": "openid profile email username offline_access"},
    }
    return await world.post("/api/v3/signin", body, app=app)


async def sign_in_by_code(
    world: World, app: App, email: str, code: str, **options: Any
) -> dict[str, Any]:
    """Sign in with a code from a mail, to an app that needs no secret."""
    body = {
        "connection": "PASSCODE",
        "passCodePayload": {"email": email, "passCode": code},
        "options": options,
    }
    return await world.post("/api/v3/signin", body, app=app)


async def newcomer(world: World, app: App, username: str = "ann", **payload: str) -> Person:
    """Somebody who signed up with a user name and the usual password, and signed in."""
    answer = await sign_up(world, app, username=username, **payload)
    assert answer["statusCode"] == 200, answer
    person = Person(world, app, answer["data"]["userId"], username)
    await person.sign_in()
    return person


async def refresh(world: World, app: App, token: str) -> str:
    """Show a refresh token: "ok", or the error."""
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": app.app_id}
    answer = (await world.http.post("/oidc/token", data=form)).json()
    return str(answer.get("error", "ok"))


async def seen(person: Person) -> tuple[int, int | None]:
    """What somebody is told who looks at their profile with the token they hold."""
    return said(await person.get("/api/v3/get-profile"))


async def encrypted(world: World, kind: str, text: str) -> str:
    """A password as an SDK sends it encrypted, with `rsa` or `sm2`."""
    keys = (await world.http.get("/api/v3/system")).json()
    if kind == "sm2":
        cipher = gmalg.SM2(pk=bytes.fromhex(keys["sm2"]["publicKey"]))
        return str(cipher.encrypt(text.encode()).hex())
    key = load_pem_public_key(keys["rsa"]["publicKey"].encode())
    assert isinstance(key, RSAPublicKey)
    return b64encode(key.encrypt(text.encode(), PKCS1v15())).decode()


async def proves_reset(world: World, app: App, email: str, code: str) -> dict[str, Any]:
    """Show a code for a forgotten password."""
    body = {
        "verifyMethod": "EMAIL_PASSCODE",
        "emailPassCodePayload": {"email": email, "passCode": code},
    }
    return await world.post("/api/v3/verify-reset-password-request", body, app=app)


async def reset_token(world: World, app: App, email: str) -> str:
    """The token for a new password, by a code from a mail."""
    code = await code_for(world, app, email, "RESET_PASSWORD")
    answer = await proves_reset(world, app, email, code)
    assert answer["statusCode"] == 200, answer
    return str(answer["data"]["passwordResetToken"])


async def resets(
    world: World, app: App, token: str, password: str, encryption: str = "none"
) -> dict[str, Any]:
    """Set a new password with a token."""
    body = {
        "passwordResetToken": token,
        "password": password,
        "passwordEncryptType": encryption,
    }
    return await world.post("/api/v3/reset-password", body, app=app)


async def proves_deletion(person: Person, **payload: str) -> dict[str, Any]:
    """Show a code or the password, before the account is deleted."""
    by_code = "passCode" in payload
    method, name = ("EMAIL_PASSCODE", "email") if by_code else ("PASSWORD", "password")
    field = f"{name}PassCodePayload" if by_code else "passwordPayload"
    body = {"verifyMethod": method, field: payload}
    return await person.post("/api/v3/verify-delete-account-request", body)


async def deletion_token(person: Person, email: str | None = None) -> str:
    """The token for deleting an account: by a code to its address, else by the password."""
    if email is None:
        answer = await proves_deletion(person, password=PASSWORD)
    else:
        code = await code_for(person.world, person.app, email, "DELETE_ACCOUNT", person.token)
        answer = await proves_deletion(person, passCode=code)
    assert answer["statusCode"] == 200, answer
    return str(answer["data"]["deleteAccountToken"])


async def deletes(person: Person, token: str) -> dict[str, Any]:
    """Delete one's account with a token."""
    return await person.post("/api/v3/delete-account", {"deleteAccountToken": token})


async def updates_password(person: Person, new: str, **more: str) -> dict[str, Any]:
    """Change one's password."""
    return await person.post("/api/v3/update-password", {"newPassword": new} | more)
