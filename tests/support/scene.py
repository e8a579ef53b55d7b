"""Ann on two devices, Bob, and what they do within seconds of each other."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any

from gatepost.credentials import refresh
from gatepost.credentials.tokens import AccessClaims, new_token_id
from gatepost.mail.message import Message
from gatepost.server_keys import ServerKeys
from gatepost.storage import sessions
from gatepost.storage.database import Transaction
from gatepost.vocabulary.identifiers import new_id
from tests.support import life
from tests.support.life import MAILS
from tests.support.links import mail_after
from tests.support.world import ROOMY, App, Person, World

FIRST, OLD, NEW, THIRD, BOBS = "first", "old", "new", "third", "bob"
_NUMBERS = itertools.count()


@dataclass
class Scene:
    """A pool of its own in a world that others use too. A mail may be asked for every second."""

    world: World
    app: App
    ann: Person
    twin: Person
    bob: Person
    refresh_token: str = ""
    undo_before: str = ""
    number: int = field(default_factory=_NUMBERS.__next__)

    def address(self, name: str) -> str:
        """An address that no other scene has."""
        return f"{name}-{self.number}@example.com"

    async def mail(self, person: Person | None, channel: str, email: str) -> Message:
        """Ask for a mail, signed in or not."""
        self.world.clock.advance(1)
        body = {"email": email, "channel": f"CHANNEL_{channel}"}
        token = person.token if person else None
        asking = self.world.post("/api/v3/send-email", body, app=self.app, token=token)
        return await mail_after(self.world, email, MAILS[f"CHANNEL_{channel}"], asking)

    async def code(self, person: Person | None, channel: str, email: str) -> str:
        """A code out of a mail."""
        found = (await self.mail(person, channel, email)).code
        assert found is not None
        return found

    async def binds(self, person: Person, email: str) -> Message:
        """Give an account its address; the receipt."""
        code = await self.code(person, "BIND_EMAIL", email)
        return await mail_after(self.world, email, "email_bound", person.binds(email, code))

    async def unbinds(self, person: Person, email: str) -> Message:
        """Take an account's address off; the notice."""
        code = await self.code(person, "UNBIND_EMAIL", email)
        unbinding = person.post("/api/v3/unbind-email", {"passCode": code})
        return await mail_after(self.world, email, "email_unbound", unbinding)

    async def change_granted(self, person: Person, old: str, new: str) -> str:
        """The token for a change."""
        shown = await proof_of_change(self, person, old, new)
        answer = await person.post("/api/v3/verify-update-email-request", shown)
        assert answer["statusCode"] == 200, answer
        return str(answer["data"]["updateEmailToken"])

    async def changes(self, person: Person, old: str, new: str) -> Message:
        """Change an account's address; the notice to the old one."""
        body = {"updateEmailToken": await self.change_granted(person, old, new)}
        changing = person.post("/api/v3/update-email", body)
        return await mail_after(self.world, old, "email_changed_from", changing)

    async def reset_granted(self, email: str) -> str:
        """The token for a new password. Ann asks signed in: that mail is never stopped."""
        code = await self.code(self.ann, "RESET_PASSWORD", email)
        answer = await life.proves_reset(self.world, self.app, email, code)
        assert answer["statusCode"] == 200, answer
        return str(answer["data"]["passwordResetToken"])


async def proof_of_change(scene: Scene, person: Person, old: str, new: str) -> dict[str, Any]:
    """What proves both addresses."""
    payload = {
        "oldEmail": old,
        "oldEmailPassCode": await scene.code(person, "UPDATE_EMAIL", old),
        "newEmail": new,
        "newEmailPassCode": await scene.code(person, "UPDATE_EMAIL", new),
    }
    return {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}


async def begin_session(world: World, person: Person) -> str:
    """A session of somebody, made by hand since passwords take their time; its refresh token."""
    context, app = world.context, person.app
    session_id, now = new_id(secrets.token_bytes), world.clock()

    async def work(tx: Transaction) -> str:
        expires_at = now + 30 * 86_400_000
        await sessions.add(
            tx,
            session_id,
            user_pool_id=app.pool_id,
            app_id=app.app_id,
            user_id=person.user_id,
            method="password",
            scope="openid profile email username offline_access",
            expires_at=expires_at,
            client_address=None,
            user_agent=None,
        )
        return await refresh.begin(
            tx,
            secrets.token_bytes,
            session_id=session_id,
            app_id=app.app_id,
            expires_at=expires_at,
        )

    token: str = await world.database.unit(work)
    claims = AccessClaims(
        jti=new_token_id(secrets.token_bytes),
        sub=person.user_id,
        iat=now // 1000,
        exp=now // 1000 + 14 * 86_400,
        scope="openid profile email username offline_access",
        iss=context.settings.issuer,
        aud=app.app_id,
        sid=session_id,
    )
    person.token = context.key_store.keyring.sign_access_token(claims)
    return token


async def new_scene(world: World, window: str, *, with_history: bool) -> Scene:
    """Ann as a window finds her; with a history she has had another address before."""
    keys = ServerKeys.parse(world.settings.server_keys, secrets.token_bytes)
    world.context.keys.replace(keys)  # another scene may have rotated them
    limits = {name.replace(".", "__"): value for name, value in ROOMY.items()}
    app = await world.app(await world.pool(verifyCodeResendInterval="1", **limits), auth="none")
    nobody = Person(world, app, "", "")
    scene = Scene(world, app, nobody, nobody, nobody)
    without_address = window in ("bind", "not-me")
    email = scene.address(FIRST if with_history else OLD)
    scene.ann = await world.person(
        "ann",
        app,
        sign_in=False,
        email=email if with_history or not without_address else None,
        email_verified=with_history or window != "verify",
    )
    scene.bob = await world.person("bob", app, sign_in=False)
    scene.twin = Person(world, app, scene.ann.user_id, "ann")
    await begin_session(world, scene.bob)
    scene.refresh_token = await begin_session(world, scene.ann)
    world.clock.advance(120)
    if with_history:
        scene.undo_before = await _history(scene, without_address)
    await begin_session(world, scene.twin)
    return scene


async def _history(scene: Scene, without_address: bool) -> str:
    first = scene.address(FIRST)
    if without_address:
        return (await scene.unbinds(scene.ann, first)).text
    return (await scene.changes(scene.ann, first, scene.address(OLD))).text
