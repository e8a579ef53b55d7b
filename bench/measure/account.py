"""One's own account and its sessions: looked at, changed, ended."""

from __future__ import annotations

import secrets
from typing import ClassVar
from urllib.parse import urlencode

from bench.load.job import Flow, Request
from bench.load.wire import FORM, post, request
from bench.measure.checks import Check, addressed, counted
from bench.measure.operations import Operation
from bench.measure.scene import now
from bench.world.people import Person
from gatepost.vocabulary.identifiers import new_id

PAGE = 10
"""Sign-ins on a page of the history, where no other number is asked for."""

PAST_SIGN_IN = (
    "id", "at", "event", "succeeded", "user_pool_id", "app_id", "user_id", "session_id",
    "client_address", "user_agent", "detail",
)  # fmt: skip


class UpdateProfile(Operation):
    """Change what an account says of itself."""

    name, title = "update-profile", "update-profile"

    def flows(self) -> list[Flow]:
        return [(self._change(person),) for person in self.people]

    def _change(self, person: Person) -> Request:
        body = {
            "nickname": self.address(person),
            "company": "Bench",
            "customData": {"theme": "dark"},
        }
        expect = f'"nickname":"{self.address(person)}"'.encode()
        return post("/api/v3/update-profile", self.scene.headers(person), body, expect)

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            addressed("users", "nickname", self.domain, done, company="Bench"),
            counted("audit_log", "at", since, done, event="updateUserPrefile"),
        ]


class Looking(Operation):
    """Reading something of one's own, which leaves nothing."""

    path: ClassVar[str]

    def flows(self) -> list[Flow]:
        return [(self._look(person),) for person in self.people]

    def _look(self, person: Person) -> Request:
        headers, expect = self.scene.headers(person), self._expected(person).encode()
        return request("GET", self.path, headers, expect=expect)

    def _expected(self, person: Person) -> str:
        raise NotImplementedError


class SecurityInfo(Looking):
    """How well an account is secured."""

    name, title = "get-security-info", "get-security-info"
    path = "/api/v3/get-security-info"

    def _expected(self, person: Person) -> str:
        return f'"emailBinded":{"false" if person.email is None else "true"}'


class LoginHistory(Looking):
    """The first page of one's sign-ins, which is full."""

    name, title = "get-my-login-history", "get-my-login-history"
    path = "/api/v3/get-my-login-history"

    def flows(self) -> list[Flow]:
        """Rows have no digest here, which only matters to who verifies the log."""
        scene, at = self.scene, now() - 1000
        counts = "SELECT user_id, count(*) FROM audit_log WHERE event = 'login' GROUP BY user_id"
        found = {str(user_id): int(number) for user_id, number in scene.bulk.ask(counts)}
        pool_id, app_id = scene.foundation.pool_id, scene.foundation.app_id
        scene.bulk.fill(
            "audit_log",
            PAST_SIGN_IN,
            [
                (
                    new_id(secrets.token_bytes), at - 60_000 * turn, "login", 1, pool_id, app_id,
                    person.user_id, person.session_id, person.client, "bench", "password",
                )
                for person in self.people
                for turn in range(PAGE - found.get(person.user_id, 0))
            ],
        )  # fmt: skip
        return super().flows()

    def _expected(self, person: Person) -> str:
        return f'"userId":"{person.user_id}"'


class LoggedInApps(Looking):
    """The apps that one has signed in to."""

    name, title = "get-my-logged-in-apps", "get-my-logged-in-apps"
    path = "/api/v3/get-my-logged-in-apps"

    def _expected(self, person: Person) -> str:
        return f'"appId":"{self.scene.foundation.app_id}"'


class UserInfo(Looking):
    """The claims about whoever a token is of (OpenID Connect Core 1.0 section 5.3)."""

    name, title = "user-info", "/oidc/me"
    path = "/oidc/me"

    def _expected(self, person: Person) -> str:
        return f'"sub":"{person.user_id}"'


class OfToken(Operation):
    """What an app's back-end asks about an access token, or does with it."""

    path: ClassVar[str]

    def flows(self) -> list[Flow]:
        return [(self._call(person),) for person in self.people]

    def _call(self, person: Person) -> Request:
        body = urlencode({"token": person.token} | self.scene.app_credentials()).encode()
        headers, expect = self.scene.back_end(person), self._expected(person)
        return request("POST", self.path, headers, body, expect, FORM)

    def _expected(self, person: Person) -> bytes:
        raise NotImplementedError


class Introspection(OfToken):
    """Is a token good, and what does it say (RFC 7662)?"""

    name, title = "introspection", "introspection of a token"
    path = "/oidc/token/introspection"

    def _expected(self, person: Person) -> bytes:
        return f'"active":true,"sub":"{person.user_id}"'.encode()


class Revocation(OfToken):
    """End the session of a token (RFC 7009). It lives again for what is measured next."""

    name, title = "revocation", "revocation of a token"
    path = "/oidc/token/revocation"

    def _expected(self, person: Person) -> bytes:
        return b"HTTP/1.1 200 "

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            counted("sessions", "ended_at", since, done),
            counted("audit_log", "at", since, done, event="logout"),
        ]

    def note(self, done: int) -> None:
        self.scene.bulk.each(
            "UPDATE sessions SET ended_at = NULL WHERE id = ?",
            [(person.session_id,) for person in self.people[:done]],
        )
