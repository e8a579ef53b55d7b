"""A server with pages to look at: apps of several looks, and a mailbox to read codes in."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.waiting import eventually

BACK = "http://127.0.0.1:9/back"
COLOURS = {"plain": "", "yellow": "#ffd400", "navy": "#0a1a4a"}
"""Apps by the colour of their brand: the house's own, one too light to read, one too dark."""
LOGO = (
    "data:image/svg+xml;base64,PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciIHZpZXdCb3g9"
    "IjAgMCAyIDIiPjxjaXJjbGUgY3g9IjEiIGN5PSIxIiByPSIxIiBmaWxsPSIjMGI1ZmFlIi8+PC9zdmc+"
)
OFTEN = 1_000_000


class Site(Struct):
    """The server, its apps by name ("strict": of a pool that wants addresses confirmed)."""

    url: str
    data: Path
    apps: dict[str, str]

    def mails(self, address: str) -> list[dict[str, Any]]:
        """The mails to an address, the newest first."""
        answer = httpx.get(f"{self.url}/dev/mailbox.json", params={"to": address})
        found: list[dict[str, Any]] = answer.json()
        return found

    def code(self, address: str, count: int = 1) -> str:
        """The newest code to an address, once there are so many mails with one."""

        def codes() -> list[str]:
            return [mail["code"] for mail in self.mails(address) if mail["code"]]

        eventually(lambda: len(codes()) >= count)
        return codes()[0]

    def link(self, address: str, purpose: str) -> str:
        """The link of a purpose in the newest mail to an address that has one."""

        def links() -> list[str]:
            texts = " ".join(mail["text"] for mail in self.mails(address))
            return re.findall(rf"\S+/link/{purpose}\?token=[\w-]+\S*", texts)

        eventually(lambda: bool(links()))
        return links()[0]

    def age_sessions(self, username: str, minutes: int = 60) -> None:
        """Have somebody be signed in for longer than they are."""
        with closing(sqlite3.connect(self.data / "gatepost.db", timeout=30)) as database, database:
            database.execute(
                "UPDATE sessions SET authenticated_at = authenticated_at - ?"
                " WHERE user_id = (SELECT id FROM users WHERE username = ?)",
                (minutes * 60_000, username),
            )


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """Start it."""
    env = environment(folder, DEV_MAILBOX="1")
    with ServerProcess(folder, env) as server:
        pool, strict = _pool(env, "Shop"), _pool(env, "Strict", "loginRequireEmailVerified=true")
        apps = {name: _app(env, pool, f"brandColor={colour}") for name, colour in COLOURS.items()}
        apps["strict"] = _app(env, strict)
        yield Site(server.url, folder / "data", apps)


def _pool(env: dict[str, str], name: str, *settings: str) -> str:
    pool = str(told(env, "pool", "create", name, "--json")["userPoolId"])
    limits = ("sendsPerMailboxHourFromOneClient", "sendsToMailboxByUsersPerHourFromOneClient")
    often = [f"limits.{name}={OFTEN}" for name in limits]
    told(env, "pool", "set", pool, "allowSpecialUseDomains=true", *often, *settings)
    return pool


def _app(env: dict[str, str], pool: str, *settings: str) -> str:
    app = str(told(env, "app", "create", "Corner Shop", "--pool", pool, "--json")["appId"])
    looks = (f"appLogo={LOGO}", "skip_consent=false", f"redirectUris={BACK}")
    told(env, "app", "set", app, *looks, *settings)
    return app
