"""What an operation finds when it is to be run: the database, the people, what they hold."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bench.world.bulk import Bulk
from bench.world.foundation import Foundation
from bench.world.people import People, Person
from bench.world.population import bring_in
from gatepost.credentials import codes
from gatepost.credentials.secrets import digest_of, new_secret_token
from gatepost.storage.step_tokens import Step
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.verification_code import ANYBODY, VerificationCode

CODE_LIFE = 6 * 3_600_000
SIGNED_IN_BEFORE = 60_000
"""Milliseconds since everybody signed in."""

_CODE = VerificationCode.__struct_fields__


def now() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


@dataclass
class Scene:
    """One database, and who may take part."""

    foundation: Foundation
    people: People
    bulk: Bulk
    _turns: dict[str, int] = field(default_factory=dict)
    _runs: Any = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.keys = self.foundation.keys()

    def domain(self) -> str:
        """A domain for the addresses of one run, by which its rows and mails are told apart."""
        return f"run{next(self._runs)}.example.com"

    def take(self, kind: str, most: int) -> list[Person]:
        """The next people of a kind, `newcomers` or `settled`; the first come again at the end."""
        everybody: list[Person] = getattr(self.people, kind)
        start, size = self._turns.get(kind, 0), min(most, len(everybody))
        self._turns[kind] = (start + size) % len(everybody)
        return (everybody + everybody)[start : start + size]

    def make_newcomers(self, people: list[Person]) -> None:
        """Take the addresses off again that earlier runs gave to newcomers."""
        bound = [(person.user_id,) for person in people if person.email is not None]
        self.bulk.each(
            "UPDATE users SET email = NULL, email_verified_at = NULL, email_probation_until = 0"
            " WHERE id = ?",
            bound,
        )
        for person in people:
            person.email = None

    def give_addresses(self, people: list[Person], domain: str) -> None:
        """Let newcomers have an address each that they proved long ago."""
        for person in people:
            person.email = f"person{person.number}@{domain}"
        at = now() - SIGNED_IN_BEFORE
        self.bulk.each(
            "UPDATE users SET email = ?, email_verified_at = ?, email_probation_until = 0"
            " WHERE id = ?",
            [(person.email, at, person.user_id) for person in people],
        )

    def bring_back(self, people: list[Person]) -> None:
        """Let people whose accounts were deleted have them again, as they were at first."""
        for person in people:
            person.email = person.home
        bring_in(self.bulk, self.foundation, people, [], now() - SIGNED_IN_BEFORE)

    def headers(self, person: Person) -> dict[str, str]:
        """The headers of a person's own calls, by way of the reverse proxy."""
        return {
            "authorization": f"Bearer {person.token}",
            "x-authing-app-id": self.foundation.app_id,
            "x-forwarded-for": person.client,
        }

    def back_end(self, person: Person) -> dict[str, str]:
        """The headers of calls that the app's back-end makes for a person."""
        return {
            "x-authing-app-id": self.foundation.app_id,
            "x-forwarded-for": person.client,
            "x-real-ip": person.client,
        }

    def app_credentials(self) -> dict[str, str]:
        """How the app proves itself."""
        return {
            "client_id": self.foundation.app_id,
            "client_secret": self.foundation.app_secret,
        }

    def hand_codes(self, wanted: Sequence[tuple[Channel, str, str]]) -> list[str]:
        """Put codes into the database as if they had been mailed; the digits, in that order.

        Each is for a channel, an address and a subject.
        """
        made = [self._code(*words) for words in wanted]
        self.bulk.each(
            f"INSERT INTO verification_codes ({', '.join(_CODE)})"
            f" VALUES ({', '.join('?' * len(_CODE))})"
            " ON CONFLICT (user_pool_id, channel, email, subject) DO UPDATE SET"
            " id = excluded.id, nonce = excluded.nonce, tries = 0, spent_at = NULL,"
            " first_made_at = excluded.first_made_at, expires_at = excluded.expires_at",
            [tuple(getattr(code, name) for name in _CODE) for code in made],
        )
        return [codes.digits_of(self.keys, code) for code in made]

    def hand_step_tokens(
        self, step: Step, wanted: Sequence[tuple[Person, str | None]]
    ) -> list[str]:
        """Put tokens for a second step into the database as if the first had granted them.

        Each is for a person, and for the address that is to be theirs if the step gives one.
        """
        self.forget_step_tokens(step)
        tokens = [new_secret_token(secrets.token_bytes) for _ in wanted]
        until = now() + CODE_LIFE
        self.bulk.each(
            "INSERT INTO step_tokens (purpose, digest, session_id, new_email, expires_at, user_id,"
            " stamp) VALUES (?, ?, ?, ?, ?, ?, (SELECT stamp FROM users WHERE id = ?))",
            [
                (
                    step, digest_of(token), person.session_id, new_email, until, person.user_id,
                    person.user_id,
                )
                for (person, new_email), token in zip(wanted, tokens, strict=True)
            ],
        )  # fmt: skip
        return tokens

    def forget_step_tokens(self, step: Step) -> None:
        """Remove those of earlier runs, so that the rest can be counted."""
        self.bulk.each("DELETE FROM step_tokens WHERE purpose = ?", [(step,)])

    def _code(self, channel: Channel, email: str, subject: str = ANYBODY) -> VerificationCode:
        made_at = now()
        return VerificationCode(
            id=new_id(secrets.token_bytes),
            user_pool_id=self.foundation.pool_id,
            channel=channel,
            email=email,
            subject=subject,
            nonce=secrets.token_bytes(16).hex(),
            key_id=self.keys.first_id,
            digits=6,
            tries=0,
            first_made_at=made_at,
            expires_at=made_at + CODE_LIFE,
        )
