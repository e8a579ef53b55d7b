"""The rows of everybody who has an account: those who call, and all the others beside them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from bench.world.bulk import Bulk
from bench.world.foundation import Foundation
from bench.world.people import HOME, TOKEN_SECONDS, People, Person
from gatepost.credentials.claims import DEFAULT_SCOPE
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.user import Status
from gatepost.vocabulary.verification_code import VerificationCode

USER = (
    "id", "user_pool_id", "created_at", "updated_at", "status", "username", "username_key",
    "email", "email_verified_at", "password_hash", "password_set_at", "gender", "source_type",
    "logins_count",
)  # fmt: skip
SESSION = (
    "id", "user_pool_id", "app_id", "user_id", "method", "scope", "authenticated_at",
    "expires_at", "client_address", "user_agent",
)  # fmt: skip
CODE = (*VerificationCode.__struct_fields__, "spent_at")


def settle(
    into: Bulk, foundation: Foundation, people: People, users: int, signed_in_at: int
) -> None:
    """Fill an empty database with so many users, each with a session.

    `signed_in_at` is in milliseconds. Those who do not call are like those who do: one half
    has an address, the other has none. Every tenth has used a code lately, so that a statement
    that looks through all codes is found out.
    """
    callers = people.everybody
    others = max(0, users - len(callers))
    beside = [(new_id(secrets.token_bytes), n) for n in range(len(callers), users)]
    bring_in(into, foundation, callers, beside, signed_in_at)
    everybody = [person.user_id for person in callers] + [user_id for user_id, _ in beside]
    into.fill("verification_codes", CODE, _codes(foundation, everybody[::10], signed_in_at))
    found = into.ask("SELECT count(*) FROM users")[0][0]
    if found != len(callers) + others:
        raise RuntimeError(f"{found} users were seeded instead of {len(callers) + others}")
    into.settle()


def bring_in(
    into: Bulk,
    foundation: Foundation,
    callers: list[Person],
    beside: list[tuple[str, int]],
    signed_in_at: int,
) -> None:
    """Add accounts with a session each: of people, and of those beside them by id and number."""
    into.fill("users", USER, _users(foundation, callers, beside, signed_in_at))
    into.fill("sessions", SESSION, _sessions(foundation, callers, beside, signed_in_at))


def _users(
    foundation: Foundation, callers: list[Person], beside: list[tuple[str, int]], now: int
) -> Iterator[tuple[object, ...]]:
    pool, password = foundation.pool_id, foundation.password_hash

    def row(user_id: str, name: str, email: str | None) -> tuple[object, ...]:
        verified = now if email else None
        return (
            user_id, pool, now, now, Status.ACTIVATED, name, name, email, verified, password,
            now, "U", "adminCreated", 0,
        )  # fmt: skip

    for person in callers:
        yield row(person.user_id, person.username, person.email)
    for user_id, number in beside:
        name = f"other{number}"
        yield row(user_id, name, f"{name}@{HOME}" if number % 2 else None)


def _sessions(
    foundation: Foundation, callers: list[Person], beside: list[tuple[str, int]], now: int
) -> Iterator[tuple[object, ...]]:
    pool, app, until = foundation.pool_id, foundation.app_id, now + TOKEN_SECONDS * 1000

    def row(session_id: str, user_id: str) -> tuple[object, ...]:
        return (
            session_id, pool, app, user_id, "password", DEFAULT_SCOPE, now, until,
            "10.0.0.1", "bench",
        )  # fmt: skip

    for person in callers:
        yield row(person.session_id, person.user_id)
    for user_id, _ in beside:
        yield row(new_id(secrets.token_bytes), user_id)


def _codes(foundation: Foundation, users: list[str], now: int) -> Iterator[tuple[object, ...]]:
    key_id, until = foundation.keys().first_id, now + 300_000
    for number, user_id in enumerate(users):
        yield (
            new_id(secrets.token_bytes), foundation.pool_id, Channel.BIND_EMAIL,
            f"earlier{number}@{HOME}", user_id, secrets.token_bytes(16).hex(), key_id, 6, 0, now,
            until, now,
        )  # fmt: skip
