"""Plain HTTP calls to a server process, as a small client would make them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.commands import told
from tests.support.waiting import eventually

PASSWORD = "correct horse battery staple"


@dataclass
class Shop:
    """A pool with an app and Ann, made by commands; calls go through its app."""

    env: dict[str, str]
    pool_id: str
    app_id: str
    secret: str

    @classmethod
    def opened(cls, env: dict[str, str]) -> Shop:
        """Make it."""
        pool = told(env, "pool", "create", "Shop", "--json")["userPoolId"]
        told(env, "pool", "set", pool, "allowSpecialUseDomains=true")
        app = told(env, "app", "create", "Web", "--pool", pool, "--json")
        words = ("--username", "ann", "--password-stdin", "--json")
        told(env, "user", "create", "--pool", pool, *words, stdin=PASSWORD)
        return cls(env, pool, app["appId"], app["appSecret"])

    def post(self, url: str, step: str, body: Any, token: str = "") -> dict[str, Any]:
        """Call an endpoint of the API; the envelope."""
        headers = {"x-authing-app-id": self.app_id, "authorization": token}
        answer: dict[str, Any] = httpx.post(
            f"{url}/api/v3/{step}", json=body, headers=headers, timeout=30
        ).json()
        return answer

    def sign_in(self, url: str, password: str = PASSWORD) -> dict[str, Any]:
        """Sign Ann in; the envelope."""
        return self.post(
            url,
            "signin",
            {
                "connection": "PASSWORD",
                "passwordPayload": {"username": "ann", "password": password},
                "client_id": self.app_id,
                "client_secret": self.secret,
            },
        )

    def token(self, url: str) -> str:
        """Sign Ann in; her access token."""
        return str(self.sign_in(url)["data"]["access_token"])

    def code(self, url: str, email: str, token: str) -> str:
        """Ask for a code to bind an address, and read it in the development mailbox."""
        body = {"email": email, "channel": "CHANNEL_BIND_EMAIL"}
        assert self.post(url, "send-email", body, token)["statusCode"] == 200
        mails: list[Any] = []

        def came() -> bool:
            mails[:] = httpx.get(f"{url}/dev/mailbox.json", params={"to": email}).json()
            return bool(mails)

        eventually(came)
        return str(mails[0]["code"])

    def bind(self, url: str, email: str, code: str, token: str) -> dict[str, Any]:
        """Bind the address."""
        return self.post(url, "bind-email", {"email": email, "passCode": code}, token)
