"""What an operation is: what it needs beforehand and what it must have left.

Every operation is by a person, or with a code, of its own.
"""

from __future__ import annotations

from typing import ClassVar

from bench.load.job import Flow, Request
from bench.load.wire import request
from bench.measure.checks import Check
from bench.measure.scene import SIGNED_IN_BEFORE, Scene, now
from bench.world.people import Person, hand_out_tokens


class Operation:
    """One operation. `share` is how many people it takes, of those that a big one takes."""

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[str] = "newcomers"
    share: ClassVar[float] = 1.0
    token_is_known: ClassVar[bool] = True
    """Whether the server has seen the caller's token before, as it has when a person goes on
    from one step to the next; else each call also pays for one RSA verification."""

    def __init__(self, scene: Scene, people: list[Person]) -> None:
        self.scene = scene
        self.people = people
        self.domain = scene.domain()

    def flows(self) -> list[Flow]:
        """Bring the database to where this begins; what to send, one flow a person."""
        raise NotImplementedError

    def checks(self, done: int, since: int) -> list[Check]:
        """What the database must hold after so many operations, begun at `since`."""
        return []

    def note(self, done: int) -> None:
        """Remember what the first so many people now have."""

    def address(self, person: Person) -> str:
        """A new address of a person."""
        return f"person{person.number}@{self.domain}"


class Nothing(Operation):
    """The floor of HTTP: the same server, a route that does nothing."""

    name, title = "no-op", "no-op route"
    token_is_known = False

    def flows(self) -> list[Flow]:
        call = request("GET", "/healthz", {}, expect=b'"alive"')
        return [(call,)] * len(self.people)


class GetProfile(Operation):
    """Read one's own account."""

    name, title = "get-profile", "get-profile"

    def flows(self) -> list[Flow]:
        return [(self._get(person),) for person in self.people]

    def _get(self, person: Person) -> Request:
        expect = f'"userId":"{person.user_id}"'.encode()
        headers = self.scene.headers(person)
        return request("GET", "/api/v3/get-profile", headers, expect=expect)


class GetProfileFirst(GetProfile):
    """The same by people whom the server has not met yet."""

    name, title = "get-profile-first", "get-profile, first call of a token"
    kind = "settled"
    share = 0.5
    token_is_known = False

    def flows(self) -> list[Flow]:
        """By tokens that are new: the server remembers those of the rounds before."""
        hand_out_tokens(self.scene.foundation, self.people, (now() - SIGNED_IN_BEFORE) // 1000)
        return super().flows()
