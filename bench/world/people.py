"""Who calls: people with ids, sessions and tokens, the same ones in every database."""

from __future__ import annotations

import os
import secrets
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from bench.world.foundation import Foundation
from gatepost.credentials.claims import DEFAULT_SCOPE
from gatepost.credentials.tokens import AccessClaims, Keyring, SigningKey, new_token_id
from gatepost.vocabulary.identifiers import new_id

TOKEN_SECONDS = 14 * 86_400
HOME = "home.example.com"


@dataclass(slots=True)
class Person:
    """Somebody with an account and a session.

    `home` is the address that a new database has for them, `email` the one they have now.
    """

    number: int
    user_id: str
    session_id: str
    home: str | None
    email: str | None = None
    token: str = field(default="", repr=False)

    @property
    def username(self) -> str:
        return f"person{self.number}"

    @property
    def client(self) -> str:
        """The address that they call from: everybody has their own."""
        number = self.number
        return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass(frozen=True, slots=True)
class People:
    """Who takes part in calls: `newcomers` have no address yet, `settled` ones do."""

    newcomers: list[Person]
    settled: list[Person]

    @property
    def everybody(self) -> list[Person]:
        return self.newcomers + self.settled


def gathered(foundation: Foundation, newcomers: int, settled: int, issued_at: int) -> People:
    """Make so many people of each kind; `issued_at`, in seconds, is when they signed in."""
    total = newcomers + settled
    everybody = [
        Person(
            number,
            new_id(secrets.token_bytes),
            new_id(secrets.token_bytes),
            None if number < newcomers else f"person{number}@{HOME}",
        )
        for number in range(total)
    ]
    hand_out_tokens(foundation, everybody, issued_at)
    return People(everybody[:newcomers], everybody[newcomers:])


def hand_out_tokens(foundation: Foundation, people: list[Person], issued_at: int) -> None:
    """New ones. Signing takes a third of a millisecond each, so all cores do it."""
    workers = os.cpu_count() or 1
    size = -(-len(people) // workers)
    shares = [people[start : start + size] for start in range(0, len(people), size)]
    sign = partial(_tokens, foundation, issued_at)
    if len(people) < 500:
        tokens = [sign([(person.user_id, person.session_id) for person in people])]
    else:
        with ProcessPoolExecutor(workers) as pool:
            ids = [[(person.user_id, person.session_id) for person in share] for share in shares]
            tokens = list(pool.map(sign, ids))
    for person, token in zip(people, (t for share in tokens for t in share), strict=True):
        person.token = token


def _tokens(foundation: Foundation, issued_at: int, ids: list[tuple[str, str]]) -> list[str]:
    key = SigningKey(foundation.signing_key_id, foundation.signing_key_pem)
    keyring = Keyring(foundation.issuer, key)
    return [
        keyring.sign_access_token(
            AccessClaims(
                jti=new_token_id(secrets.token_bytes),
                sub=user_id,
                iat=issued_at,
                exp=issued_at + TOKEN_SECONDS,
                scope=DEFAULT_SCOPE,
                iss=foundation.issuer,
                aud=foundation.app_id,
                sid=session_id,
            )
        )
        for user_id, session_id in ids
    ]
