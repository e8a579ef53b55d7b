"""Several people in two pools, in every order that chance thinks of."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from tests.model import database
from tests.model.entrance import Play
from tests.model.stage import Ground
from tests.model.state import Account, Pool, Ticket
from tests.model.words import UNREAD
from tests.support import code_model
from tests.support.backstage import wrong
from tests.support.house import House
from tests.support.world import PASSWORD, ROOMY, World

T = TypeVar("T")

LIMITS = ROOMY | {
    "limits.passwordFailures": "1000000",
    "limits.signUpsPerClientHour": "1000000",
    "limits.codeTriesOfAllClients": str(code_model.TRIES_OF_ALL),
    "limits.codeFailuresPerHour": str(code_model.PER_HOUR),
    "limits.codeFailuresInARow": str(code_model.IN_A_ROW),
    "verifyCodeMaxAttempts": str(code_model.OWN_TRIES),
}


async def found_ground(world: World, clock: Any, *, people: tuple[str, ...]) -> Ground:
    """A pool with an app and people in it; Mallory has no address yet."""
    app = await world.app(await world.pool(**LIMITS), auth="none")
    ground = Ground(app, Pool(clock))
    for name in people:
        email = None if name == "mallory" else f"{name}@example.com"
        made = await world.person(name, app, sign_in=False, email=email, email_verified=True)
        account = Account(made.user_id, name, email, email is not None, PASSWORD, True)
        ground.pool.accounts.append(account)
    return ground


class Stories(RuleBasedStateMachine):
    """The stage of a story, and how its people choose. What they do is in `rules.py`."""

    def __init__(self, house: House) -> None:
        super().__init__()
        self._house = house
        self._places = house.opened()
        self._began = house.clock()
        world, clock = self._places["home"], self._now
        pools = (("ann", "bob", "mallory"), ("bob",))
        grounds = [self._run(found_ground(world, clock, people=people)) for people in pools]
        self.play = Play(self._places, grounds)
        for ground, name in ((0, "ann"), (0, "ann"), (0, "bob"), (1, "bob")):
            signing = self.play.signs_in(grounds[ground], name, PASSWORD, offline=True)
            self._run(signing)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self._house.run(coroutine)

    def _now(self) -> int:
        return (self._house.clock() - self._began) // 1000

    def _at(self, seconds: float) -> int:
        return self._began + round(seconds * 1000)

    def _ticket(self, ground: Ground, n: int) -> Ticket | None:
        """Mostly one that is good; else any at all, one of the other pool, or none."""
        now = self._now()
        good = [t for t in ground.tickets if now < t.expires and ground.pool.alive(t.session)]
        if n < 8 and good:
            return good[n % len(good)]
        every = [None, *(ticket for g in self.play.grounds for ticket in g.tickets)]
        return every[n * 7 % len(every)]

    def _answer(
        self, ground: Ground, channel: str, email: str, ticket: Ticket | None, how: str
    ) -> str:
        """The right code if there is one, a wrong one, or one that was mailed for anything."""
        codes = ground.pool.engine(channel, email).codes
        own = codes.get(ticket.session.account.id) if ticket else None
        code = own or codes.get("")
        if how.startswith("other") and ground.mailed:
            return ground.mailed[-1 - int(how[-1]) % len(ground.mailed)][2]
        if code is None:
            return "000000"
        if UNREAD in code.digits:  # no mail had it: nobody can do better than guess
            return "0" * len(code.digits)
        return wrong(code.digits) if how == "wrong" else code.digits

    def teardown(self) -> None:
        if self.play.agreed:
            for ground in self.play.grounds:
                self._run(database.compare(self._places["home"], ground, self._at))
