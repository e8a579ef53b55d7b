"""What a test is handed: a pool of its own on a running server."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gatepost.testing.emulator import Emulator
from gatepost.testing.environment import environment, past_proxies
from gatepost.testing.remote import Clock, Mailbox

OF_ALL_POOLS = ("host", "mailboxUrl", "controlUrl", "controlSecret")


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in by `username` (or `email`) and `password`."""

    user_id: str
    username: str
    password: str = field(repr=False)
    email: str | None
    email_verified: bool


class Gatepost:
    """A pool with an app, which share nothing with other pools, on a running emulator.

    `host`, `app_id`, `app_secret` and `user_pool_id` are what an SDK asks for. Settings, by the
    names of `gatepost pool set` and `gatepost app set`, may be handed in or changed later.
    """

    def __init__(
        self,
        emulator: Emulator,
        pool_settings: dict[str, Any] | None = None,
        app_settings: dict[str, Any] | None = None,
    ) -> None:
        self._emulator = emulator
        self._made: dict[str, str] = emulator.ask(
            "new-pool", {"poolSettings": pool_settings, "appSettings": app_settings}
        )
        self.host = emulator.announced["host"]
        self.app_id = self._made["appId"]
        self.app_secret = self._made["appSecret"]
        self.user_pool_id = self._made["userPoolId"]
        self.mailbox = Mailbox(emulator, self.user_pool_id)
        self.clock = Clock(emulator)

    def __repr__(self) -> str:
        return f"Gatepost(host={self.host!r}, app_id={self.app_id!r})"

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which an app, in any language, finds this pool: `GENAUTH_…`.

        `NO_PROXY` is among them, so that no HTTP proxy stands between. For a process:
        `subprocess.run(…, env={**os.environ, **gatepost.environment})`.
        """
        return {**environment({**self._place(), **self._made}), **past_proxies()}

    def _place(self) -> dict[str, str]:
        """What is the same for all pools of the emulator."""
        announced = self._emulator.announced
        return {name: announced[name] for name in OF_ALL_POOLS}

    def create_user(
        self,
        username: str | None = None,
        *,
        password: str | None = None,
        email: str | None = None,
        email_verified: bool = False,
    ) -> Account:
        """An account that can sign in; a name and a password are made up where none is said.

        Quick also in numbers: a password that was used before is not hashed again.
        Raises EmulatorRefused, for example where the name is taken.
        """
        made = self._emulator.ask(
            "create-user",
            {
                "userPoolId": self.user_pool_id,
                "username": username,
                "password": password,
                "email": email,
                "emailVerified": email_verified,
            },
        )
        return Account(
            user_id=made["userId"],
            username=made["username"],
            password=made["password"],
            email=made["email"],
            email_verified=made["emailVerified"],
        )

    def set_pool(self, settings: dict[str, Any]) -> None:
        """Change settings of the pool: `{"verifyCodeLength": 8}`. Raises EmulatorRefused."""
        self._emulator.ask("set-pool", {"userPoolId": self.user_pool_id, "settings": settings})

    def set_app(self, settings: dict[str, Any]) -> None:
        """Change settings of the app: `{"access_token_expires_in": 60}`. Raises EmulatorRefused."""
        self._emulator.ask("set-app", {"appId": self.app_id, "settings": settings})
