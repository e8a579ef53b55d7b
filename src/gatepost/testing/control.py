"""The emulator's own doors, by which tests in any language set it up.

They exist in an emulator only: `gatepost serve` has no such routes. Every call needs the secret
that the emulator made at its start, from this machine and through no proxy; without them there
is nothing here, so no page in a browser and no other user of the machine can move the clock.
"""

from __future__ import annotations

import hmac
from typing import Annotated, Any

from msgspec import Meta, field

from gatepost.api.endpoint import Endpoint, Function
from gatepost.api.http import Request
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.mail.kept import ShownMail, shown
from gatepost.mail.mailbox import as_kept
from gatepost.management.apps import AppConfig, NewApp, set_app
from gatepost.management.pools import set_pool
from gatepost.testing.clock import MovableClock
from gatepost.testing.post import Post
from gatepost.testing.stage import NewAccount, Stage, as_texts
from gatepost.vocabulary.fields import Answer, Body, iso
from gatepost.vocabulary.refusals import PathUnknown
from gatepost.vocabulary.user_pool import PoolSettings
from gatepost.web.loopback import only_on_loopback

PREFIX = "/emulator"
LONGEST_WAIT_SECONDS = 60


class NewPool(Body):
    """Settings by their names, as `gatepost pool set` and `gatepost app set` have them."""

    pool_settings: dict[str, Any] = field(default_factory=dict)
    app_settings: dict[str, Any] = field(default_factory=dict)


class CreateUser(Body):
    """An account of a pool; what is left out is made up."""

    user_pool_id: str
    username: str | None = None
    password: str | None = None
    email: str | None = None
    email_verified: bool = False


class SetPool(Body):
    """Settings of a pool to change."""

    user_pool_id: str
    settings: dict[str, Any]


class SetApp(Body):
    """Settings of an app to change."""

    app_id: str
    settings: dict[str, Any]


class ListMails(Body):
    """A pool's mails: all, or those to one address."""

    user_pool_id: str
    to: str = ""


class NextCode(Body):
    """Whose code, and how many seconds to wait for it."""

    user_pool_id: str
    to: str
    seconds: Annotated[float, Meta(ge=0, le=LONGEST_WAIT_SECONDS)] = 10


class AdvanceClock(Body):
    """Seconds to move on; a negative number steps back."""

    seconds: Annotated[float, Meta(ge=-1e9, le=1e9)]


class Time(Answer):
    """The server's time now, and how far from the real one it is."""

    now: str
    moved_seconds: float


class Control:
    """The doors of one emulator."""

    def __init__(self, secret: str, clock: MovableClock, post: Post, stage: Stage) -> None:
        self._secret = secret.encode()
        self._clock = clock
        self._post = post
        self._stage = stage

    def routes(self) -> list[Route]:
        """The table of these doors."""
        doors: dict[str, Function] = {
            "new-pool": self.new_pool,
            "create-user": self.create_user,
            "set-pool": self.set_pool,
            "set-app": self.set_app,
            "list-mails": self.list_mails,
            "next-code": self.next_code,
            "advance-clock": self.advance_clock,
            "reset-clock": self.reset_clock,
        }
        return [
            Route("POST", f"{PREFIX}/{name}", self._guarded(door)) for name, door in doors.items()
        ]

    def _guarded(self, door: Function) -> Function:
        """A door that looks at who comes before it looks at what they bring."""
        endpoint = Endpoint(door)

        async def guarded(context: Context, request: Request) -> Any:
            self._open_to(context, request)
            return await endpoint(context, request)

        return guarded

    async def new_pool(self, context: Context, body: NewPool) -> NewApp:
        """A pool with an app, which share nothing with any other."""
        return await self._stage.new_pool(context, body.pool_settings, body.app_settings)

    async def create_user(self, context: Context, body: CreateUser) -> NewAccount:
        """An account that can sign in."""
        return await self._stage.new_account(
            context,
            body.user_pool_id,
            username=body.username,
            password=body.password,
            email=body.email,
            email_verified=body.email_verified,
        )

    async def set_pool(self, context: Context, body: SetPool) -> PoolSettings:
        """Change settings of a pool; answers with all of them."""
        changes = as_texts(body.settings)
        return await context.database.unit(lambda tx: set_pool(tx, body.user_pool_id, changes))

    async def set_app(self, context: Context, body: SetApp) -> AppConfig:
        """Change settings of an app; answers with all of them."""
        changes = as_texts(body.settings)
        return await context.database.unit(lambda tx: set_app(tx, body.app_id, changes))

    async def list_mails(self, body: ListMails) -> list[ShownMail]:
        """What was mailed in a pool, the newest first."""
        return [shown(as_kept(mail)) for mail in self._post.mails(body.user_pool_id, body.to)]

    async def next_code(self, body: NextCode) -> ShownMail | None:
        """The newest mail with a code that was not answered before, as soon as there is one.

        Null (no `data`) where none came in time.
        """
        mail = await self._post.next_code(body.user_pool_id, body.to, body.seconds)
        return shown(as_kept(mail)) if mail else None

    async def advance_clock(self, body: AdvanceClock) -> Time:
        """Move the server's time, for every pool."""
        self._clock.advance(body.seconds)
        return self._time()

    async def reset_clock(self) -> Time:
        """Back to the real time."""
        self._clock.shift = 0
        return self._time()

    def _open_to(self, context: Context, request: Request) -> None:
        only_on_loopback(context.settings, request)
        shown = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(shown, b"Bearer " + self._secret):
            raise PathUnknown

    def _time(self) -> Time:
        return Time(now=iso(self._clock()), moved_seconds=self._clock.shift / 1000)
