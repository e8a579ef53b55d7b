"""The emulator's server: the real one, with a clock to move and doors for tests."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct

from gatepost.api.server import Server
from gatepost.app import Application, Parts
from gatepost.context import Context
from gatepost.settings import Settings
from gatepost.testing.clock import MovableClock
from gatepost.testing.control import PREFIX, Control
from gatepost.testing.post import Post
from gatepost.testing.stage import Stage

USERNAME = "ann"


class Announcement(Struct, frozen=True, rename="camel"):
    """Everything to sign in with, and where to set up more."""

    host: str
    app_id: str
    app_secret: str
    user_pool_id: str
    user: str
    password: str
    mailbox_url: str
    control_url: str
    control_secret: str


def emulator_settings(folder: Path, port: int) -> Settings:
    """Settings of an emulator. Nothing of the environment counts: that may be of a real server."""
    return Settings(data_dir=folder, port=port, dev_mailbox=True, log_level="warning")


class EmulatorApplication(Application):
    """A server that sets up a pool, an app and a user at its start, and says so."""

    def __init__(self, settings: Settings, announce: Callable[[Announcement], None]) -> None:
        self._secret = secrets.token_urlsafe(24)
        self._stage = Stage()
        self._announce = announce
        clock, post = MovableClock(), Post()
        doors = Control(self._secret, clock, post, self._stage).routes()
        super().__init__(settings, Parts(clock=clock, transport=post.transport, routes=doors))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Server]:
        """As any server, once its first pool was announced."""
        async with super().running() as server:
            self._announce(await self._set_up(server.context))
            yield server

    async def _set_up(self, context: Context) -> Announcement:
        host = context.settings.origin
        app = await self._stage.new_pool(context, {}, {})
        user = await self._stage.new_account(context, app.user_pool_id, username=USERNAME)
        return Announcement(
            host=host,
            app_id=app.app_id,
            app_secret=app.app_secret,
            user_pool_id=app.user_pool_id,
            user=user.username,
            password=user.password,
            mailbox_url=f"{host}/dev/mailbox",
            control_url=f"{host}{PREFIX}",
            control_secret=self._secret,
        )
