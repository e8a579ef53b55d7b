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
from gatepost.credentials import codes
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.verification_code import ANYBODY, VerificationCode

CODE_LIFE = 6 * 3_600_000
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
