"""What may happen next in a story to people who have an account."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.machine import Stories
from tests.model.mailing import seconds_to_wait
from tests.model.stage import Ground
from tests.model.state import StepToken, Ticket, visitor_of
from tests.model.words import CHANNELS, CODE_MAILS, HOUR, RESEND
from tests.support.world import PASSWORD

POOLS = st.sampled_from([0, 0, 0, 0, 1])
WHO = st.integers(0, 9)
EMAILS = st.sampled_from(["ann@example.com", "bob@example.com", "eve@example.com"])
NAMES = st.sampled_from(["ann", "bob", "mallory", "eve"])
NEW_PASSWORDS = st.sampled_from([PASSWORD, "a wholly different one", "password"])
PLACES = st.sampled_from(["home", "home", "away"])
HOW = st.sampled_from(["right"] * 8 + ["wrong", "other0", "other1", "other4"])
PAUSES = st.sampled_from([0] * 12 + [1, RESEND - 1, RESEND, 299, 300, 301, 599, 901, HOUR])
GOES_ON = st.sampled_from([True, True, True, False])
PURPOSES = st.sampled_from(
    ["undo", "undo", "undo-bind", "not-me", "not-asked", "allow-again", "verify"]
)


class Life(Stories):
    """What people do who have an account."""

    @rule(pool=POOLS, who=WHO, channel=st.sampled_from(CHANNELS), email=EMAILS, place=PLACES)
    def somebody_asks(self, pool: int, who: int, channel: str, email: str, place: str) -> None:
        ground = self.play.grounds[pool]
        self._run(self.play.asks(ground, channel, email, self._ticket(ground, who), place))

    @rule(
        pool=POOLS,
        who=WHO,
        channel=st.sampled_from(sorted(CODE_MAILS)),
        email=EMAILS,
        how=HOW,
        place=PLACES,
    )
    def somebody_looks_at_a_code(
        self, pool: int, who: int, channel: str, email: str, how: str, place: str
    ) -> None:
        ground = self.play.grounds[pool]
        ticket = self._ticket(ground, who)
        answer = self._answer(ground, channel, email, ticket, how)
        self._run(self.play.looks(ground, channel, email, ticket, answer, place))

    @rule(pool=POOLS, who=WHO, email=EMAILS, how=HOW, place=PLACES, pause=PAUSES, asks=WHO)
    def somebody_binds(
        self, pool: int, who: int, email: str, how: str, place: str, pause: int, asks: int
    ) -> None:
        ground = self.play.grounds[pool]
        ticket = self._ticket(ground, who)
        self._ask_first(ground, "BIND_EMAIL", email, who if asks < 8 else asks, place)
        self._wait(pause)
        answer = self._answer(ground, "BIND_EMAIL", email, ticket, how)
        self._run(self.play.binds(ground, ticket, email, answer, place))

    @rule(pool=POOLS, who=WHO, how=HOW, place=PLACES, pause=PAUSES, asks=WHO)
    def somebody_unbinds(
        self, pool: int, who: int, how: str, place: str, pause: int, asks: int
    ) -> None:
        ground = self.play.grounds[pool]
        ticket = self._ticket(ground, who)
        email = self._own(who, ground)
        self._ask_first(ground, "UNBIND_EMAIL", email, who if asks < 8 else asks, place)
        self._wait(pause)
        answer = self._answer(ground, "UNBIND_EMAIL", email, ticket, how)
        self._run(self.play.unbinds(ground, ticket, answer, place))

    @rule(
        pool=POOLS,
        who=WHO,
        email=EMAILS,
        hows=st.tuples(HOW, HOW),
        names_old=st.sampled_from(["own", "own", "own", "none", "bob@example.com"]),
        pause=PAUSES,
        goes_on=GOES_ON,
    )
    def somebody_proves_a_change(
        self,
        pool: int,
        who: int,
        email: str,
        hows: tuple[str, str],
        names_old: str,
        pause: int,
        goes_on: bool,
    ) -> None:
        ground, channel = self.play.grounds[pool], "UPDATE_EMAIL"
        ticket = self._ticket(ground, who)
        old = self._own(who, ground) if names_old == "own" else names_old
        self._ask_first(ground, channel, email, who, "home")
        self._ask_first(ground, channel, self._own(who, ground), who, "home")
        self._wait(pause)
        new = (email, self._answer(ground, channel, email, ticket, hows[0]))
        shown = (old, self._answer(ground, channel, old, ticket, hows[1]))
        self._run(
            self.play.proves_change(
                ground, ticket, new, None if names_old == "none" else shown, "home"
            )
        )
        self._complete(ground, ticket, goes_on)

    @rule(pool=POOLS, email=EMAILS, how=HOW, place=PLACES, pause=PAUSES, goes_on=GOES_ON)
    def somebody_proves_a_reset(
        self, pool: int, email: str, how: str, place: str, pause: int, goes_on: bool
    ) -> None:
        ground = self.play.grounds[pool]
        self._ask_first(ground, "RESET_PASSWORD", email, 9, place)
        self._wait(pause)
        answer = self._answer(ground, "RESET_PASSWORD", email, None, how)
        self._run(self.play.proves_reset(ground, email, answer, place))
        self._complete(ground, None, goes_on)

    @rule(pool=POOLS, who=WHO, how=HOW, place=PLACES, names=st.booleans(), pause=PAUSES)
    def somebody_proves_a_deletion(
        self, pool: int, who: int, how: str, place: str, names: bool, pause: int
    ) -> None:
        ground = self.play.grounds[pool]
        ticket, email = self._ticket(ground, who), self._own(who, ground)
        self._ask_first(ground, "DELETE_ACCOUNT", email, who, place)
        self._wait(pause)
        answer = self._answer(ground, "DELETE_ACCOUNT", email, ticket, how)
        named = email if names else None
        self._run(self.play.proves_deletion(ground, ticket, named, answer, place))

    @rule(pool=POOLS, who=WHO, password=NEW_PASSWORDS)
    def somebody_proves_a_deletion_by_password(self, pool: int, who: int, password: str) -> None:
        ground = self.play.grounds[pool]
        ticket = self._ticket(ground, who)
        self._run(self.play.proves_deletion_by_password(ground, ticket, password))

    @rule(pool=POOLS, who=WHO, n=st.integers(0, 3), password=NEW_PASSWORDS)
    def somebody_completes_a_step(self, pool: int, who: int, n: int, password: str) -> None:
        """With one of the last tokens, mostly in the session that got it."""
        ground = self.play.grounds[pool]
        if not ground.granted:
            return
        step = ground.granted[-1 - n % len(ground.granted)]
        holders = [t for t in ground.tickets if t.session is step.session]
        ticket = holders[-1] if holders and who < 8 else self._ticket(ground, who)
        self._redeem(ground, ticket, step, password)

    def _complete(self, ground: Ground, ticket: Ticket | None, goes_on: bool) -> None:
        """Go on at once with what was just granted, if it was."""
        if goes_on and ground.granted and not ground.granted[-1].shown:
            self._redeem(ground, ticket, ground.granted[-1], "a wholly different one")

    def _redeem(
        self, ground: Ground, ticket: Ticket | None, step: StepToken, password: str
    ) -> None:
        step.shown = True
        if step.kind == "update_email":
            self._run(self.play.changes(ground, ticket, step.text))
        elif step.kind == "delete_account":
            self._run(self.play.deletes(ground, ticket, step.text))
        else:
            self._run(self.play.resets(ground, step.text, password))

    @rule(
        pool=POOLS,
        purpose=PURPOSES,
        n=st.integers(0, 2),
        password=NEW_PASSWORDS,
        new=st.booleans(),
    )
    def somebody_presses_a_link(
        self, pool: int, purpose: str, n: int, password: str, new: bool
    ) -> None:
        """One of the last of its kind."""
        ground = self.play.grounds[pool]
        links = [link for link in ground.pool.links if link.purpose == purpose]
        if links:
            link = links[-1 - n % len(links)]
            own, fresh = (None, password) if new else (password, None)
            self._run(self.play.presses(ground, link, own, fresh))

    @rule(pool=POOLS, who=WHO)
    def somebody_looks_at_their_account(self, pool: int, who: int) -> None:
        ground = self.play.grounds[pool]
        self._run(self.play.shows(ground, self._ticket(ground, who)))

    def _wait(self, seconds: int) -> None:
        self._house.clock.advance(seconds)

    def _own(self, who: int, ground: Ground) -> str:
        """The address of whoever calls; anybody's where they have none."""
        ticket = self._ticket(ground, who)
        email = ticket.session.account.email if ticket else None
        return email or "eve@example.com"

    def _ask_first(self, ground: Ground, channel: str, email: str, who: int, place: str) -> None:
        """Ask for a code, unless one came less than a minute ago."""
        ticket = self._ticket(ground, who)
        caller = visitor_of(ground.pool, ticket)
        if seconds_to_wait(ground.pool, channel, email, caller) <= 0:
            self._run(self.play.asks(ground, channel, email, ticket, place))
