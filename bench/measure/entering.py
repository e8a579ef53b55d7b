"""Tokens: sign in by password or by code, and go on with a refresh token."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from bench.load.job import Flow, Request
from bench.load.wire import FORM, post, request
from bench.measure.checks import Check, counted
from bench.measure.operations import Operation
from bench.measure.scene import now
from bench.world.foundation import PASSWORD
from bench.world.people import TOKEN_SECONDS, Person
from gatepost.credentials.secrets import digest_of, new_secret_token
from gatepost.vocabulary.channel import Channel


class SignIn(Operation):
    """Sign in by password; through the app's back-end, which names the person's address."""

    name, title = "sign-in", "sign-in by password"
    share = 0.1
    token_is_known = False

    def flows(self) -> list[Flow]:
        return [(self._call(person, self._proof(person)),) for person in self.people]

    def _proof(self, person: Person) -> dict[str, Any]:
        payload = {"username": person.username, "password": PASSWORD}
        return {"connection": "PASSWORD", "passwordPayload": payload}

    def _call(self, person: Person, proof: dict[str, Any]) -> Request:
        scene = self.scene
        return post(
            "/api/v3/signin",
            scene.back_end(person),
            proof | scene.app_credentials(),
            b'"access_token"',
        )

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            counted("sessions", "authenticated_at", since, done),
            counted("audit_log", "at", since, done, event="login"),
        ]


class SignInByCode(SignIn):
    """Sign in by a code from a mail, in hand."""

    name, title = "sign-in-by-code", "sign-in by code"
    kind = "settled"
    share = 0.5

    def flows(self) -> list[Flow]:
        digits = self.scene.hand_codes(
            [(Channel.LOGIN, str(person.email), "") for person in self.people]
        )
        return [
            (self._call(person, self._with(person, code)),)
            for person, code in zip(self.people, digits, strict=True)
        ]

    def _with(self, person: Person, code: str) -> dict[str, Any]:
        payload = {"email": person.email, "passCode": code}
        return {"connection": "PASSCODE", "passCodePayload": payload}

    def checks(self, done: int, since: int) -> list[Check]:
        spent = counted("verification_codes", "spent_at", since, done)
        return [*super().checks(done, since), spent]


class Refresh(Operation):
    """A refresh token for new tokens (RFC 6749 section 6)."""

    name, title = "refresh", "refresh of a token"
    share = 0.5
    token_is_known = False

    def flows(self) -> list[Flow]:
        tokens = [new_secret_token(secrets.token_bytes) for _ in self.people]
        made_at = now() - 1000
        self.scene.bulk.fill(
            "refresh_tokens",
            ("digest", "session_id", "app_id", "issued_at", "expires_at"),
            [
                (
                    digest_of(token), person.session_id, self.scene.foundation.app_id,
                    made_at, made_at + TOKEN_SECONDS * 1000,
                )
                for person, token in zip(self.people, tokens, strict=True)
            ],
        )  # fmt: skip
        people = zip(self.people, tokens, strict=True)
        return [(self._call(self.scene.back_end(person), token),) for person, token in people]

    def _call(self, headers: dict[str, str], token: str) -> Request:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        body = urlencode(form | self.scene.app_credentials()).encode()
        return request("POST", "/oidc/token", headers, body, b'"refresh_token"', FORM)

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            counted("refresh_tokens", "used_at", since, done),
            counted("refresh_tokens", "issued_at", since, done),
        ]
