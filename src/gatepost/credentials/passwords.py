"""Passwords: argon2id on a few threads, with a queue that says when it is full.

A hash keeps a core busy for some 25 ms. So at most as many run as there are cores, behind
whatever else has work to do, a bounded number waits, and who comes then is asked to come later
instead of slowing everybody down.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
import unicodedata
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import NamedTuple, ParamSpec, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gatepost import deadline
from gatepost.vocabulary.identifiers import Chance
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest, Overloaded

MAX_OCTETS = 1024
MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
SALT_OCTETS = 16
DIGEST_OCTETS = 32

WAITING_PER_THREAD = 64
"""At some 25 ms each, the last of them waits about 1.6 seconds."""

LONGEST_WAIT_SECONDS = 3.0
"""On a slow or busy machine even a short queue takes long; who has waited this long is turned
away, so that the threads work for those who still listen."""

RETRY_AFTER_SECONDS = 2

LATER_THAN_OTHERS = 10
"""As nice(2) has it: where cores are short, a tenth of the time that each of the others has."""

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class Checked(NamedTuple):
    """The outcome of a check; a right password may deserve a new hash of today's cost."""

    ok: bool
    needs_rehash: bool


class Cost(NamedTuple):
    """What one hash takes: memory in KiB, and how many times that is gone over."""

    memory_kib: int
    passes: int


COST = Cost(MEMORY_KIB, PASSES)


class Passwords:
    """Makes and checks password hashes, and runs other heavy work in the same bounds.

    argon2id with 19 MiB, 2 passes and 1 lane: OWASP's Password Storage Cheat Sheet.
    """

    def __init__(
        self,
        chance: Chance,
        threads: int | None = None,
        waiting: int | None = None,
        cost: Cost = COST,
        longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        threads = threads or os.cpu_count() or 1
        self._chance = chance
        self._executor = ThreadPoolExecutor(
            threads, thread_name_prefix="passwords", initializer=_step_back
        )
        self._slots = threads + (threads * WAITING_PER_THREAD if waiting is None else waiting)
        self._longest_wait_seconds = longest_wait_seconds
        self._taken = 0
        self._threads = threads
        self.turned_away = 0
        self._lock = Lock()
        self._hasher = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=LANES,
            hash_len=DIGEST_OCTETS,
            salt_len=SALT_OCTETS,
            type=Type.ID,
        )
        self._nobodys = _hash_of_nothing(chance, cost)

    async def hash(self, password: str, field: str = "password") -> str:
        """A new hash in PHC form.

        Refuses InvalidRequest, as `problem_with` says, and Overloaded.
        """
        problem = problem_with(password)
        if problem is not None:
            raise InvalidRequest(field, problem)
        return await self.run(self._hash, normalised(password))

    async def check(self, password: str | None, stored: str | None) -> Checked:
        """Whether a password is that of a stored hash. Refuses Overloaded.

        No hash stored, and no password (one that could not be decrypted), are wrong after the
        same work, so the time taken does not tell which accounts exist. A password that is too
        long is wrong at once, whatever the account.
        """
        if password is None:
            return await self.run(self._check, b"", None)
        if problem_with(password) is not None:
            return Checked(ok=False, needs_rehash=False)
        return await self.run(self._check, normalised(password), stored)

    def require_room(self) -> None:
        """To be asked before an attempt is counted: one that is turned away was no guess.

        Refuses Overloaded when too much waits already.
        """
        with self._lock:
            if self._taken >= self._slots:
                self.turned_away += 1
                raise Overloaded(RETRY_AFTER_SECONDS)

    async def run(
        self,
        work: Callable[_Given, _Result],
        *arguments: _Given.args,
        **named: _Given.kwargs,
    ) -> _Result:
        """Heavy work on one of the threads.

        Refuses Overloaded when too much waits already, or its turn does not come in time.

        A caller that is cancelled before its turn gives its place back at once.
        """
        self._take_slot()
        try:
            end = time.monotonic() + deadline.at_most(self._longest_wait_seconds)
            turn = partial(self._in_time, end, work)
            future = self._executor.submit(turn, *arguments, **named)
        except BaseException:
            self._give_slot_back()
            raise
        future.add_done_callback(self._give_slot_back)
        return await asyncio.wrap_future(future)

    @property
    def running(self) -> int:
        """How many pieces of work have a thread."""
        return min(self._taken, self._threads)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return max(self._taken - self._threads, 0)

    @property
    def most_waiting(self) -> int:
        """How many may wait before others are turned away."""
        return self._slots - self._threads

    def close(self) -> None:
        """Ends the threads; what still waits for its turn is cancelled."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _take_slot(self) -> None:
        with self._lock:
            if self._taken >= self._slots:
                self.turned_away += 1
                raise Overloaded(RETRY_AFTER_SECONDS)
            self._taken += 1

    def _in_time(
        self,
        end: float,
        work: Callable[_Given, _Result],
        *arguments: _Given.args,
        **named: _Given.kwargs,
    ) -> _Result:
        if time.monotonic() > end:
            with self._lock:
                self.turned_away += 1
            raise Overloaded(RETRY_AFTER_SECONDS)
        return work(*arguments, **named)

    def _give_slot_back(self, _done: Future[_Result] | None = None) -> None:
        with self._lock:
            self._taken -= 1

    def _hash(self, octets: bytes) -> str:
        return self._hasher.hash(octets, salt=self._chance(SALT_OCTETS))

    def _check(self, octets: bytes, stored: str | None) -> Checked:
        right = self._verified(stored or self._nobodys, octets)
        if right is None:
            right = self._verified(self._nobodys, octets)
        ok = stored is not None and right is True
        return Checked(ok, ok and self._hasher.check_needs_rehash(stored or ""))

    def _verified(self, encoded: str, octets: bytes) -> bool | None:
        """None: the stored text is no argon2 hash."""
        try:
            return self._hasher.verify(encoded, octets)
        except InvalidHashError:
            return None
        except VerificationError:
            return False


def problem_with(password: str) -> Problem | None:
    """Why a text cannot be a password here: a lone surrogate, or over 1,024 octets as it came.

    Measured before NFC, whose time grows with the square of a run of combining marks.
    """
    try:
        return Problem.TOO_LONG if len(password.encode()) > MAX_OCTETS else None
    except UnicodeEncodeError:
        return Problem.NOT_UTF8


def normalised(password: str) -> bytes:
    """What is hashed: NFC with every kind of space as U+0020, in UTF-8 (RFC 8265, 4.2.2).

    Control and unassigned characters, which the RFC bars, are taken as they are.
    """
    if password.isascii():
        return password.encode()
    spaced = (" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", "".join(spaced)).encode()


def _hash_of_nothing(chance: Chance, cost: Cost) -> str:
    """A hash that costs as much to check as any other and that no password has."""
    salt, digest = (
        b64encode(chance(count)).rstrip(b"=").decode() for count in (SALT_OCTETS, DIGEST_OCTETS)
    )
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.passes},p={LANES}${salt}${digest}"


def _step_back() -> None:
    """Let whoever has less to do go first: the loop, and a database on the same machine.

    Linux has one niceness for each thread; elsewhere it is that of the whole process.
    """
    if sys.platform == "linux":
        with suppress(OSError):  # where that is not allowed, they are as the others
            os.nice(LATER_THAN_OTHERS)
