"""More that may happen: people sign up, sign in and out, time passes, an administrator acts."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.model.rules import EMAILS, HOW, NAMES, NEW_PASSWORDS, PAUSES, PLACES, POOLS, WHO, Life
from tests.model.words import DAY, HOUR
from tests.support.backstage import set_status

SETTINGS = {
    "verify_old": "changeEmailStrategy.verifyOldEmail",
    "notice_old": "changeEmailStrategy.noticeToOldEmail",
    "reauthenticate_within": "reauthenticateWithin",
    "hide_accounts": "hideExistingAccounts",
    "codes_need_sign_in": "codesNeedSignIn",
    "closed": "registerDisabled",
    "verified_only": "loginRequireEmailVerified",
}
SOON = (1, 29, 31, 59, 60, 61, 120, 180, 299, 300, 301, 600, 901)
LATER = st.sampled_from([*SOON, HOUR, DAY - 1, DAY, 3 * DAY, 14 * DAY])


class Everybody(Life):
    """All that may happen."""

    @rule(
        pool=POOLS,
        name=NAMES,
        email=EMAILS,
        kind=st.sampled_from(["name", "address", "both", "code", "completed"]),
        password=NEW_PASSWORDS,
        how=HOW,
        place=PLACES,
    )
    def somebody_signs_up(
        self, pool: int, name: str, email: str, kind: str, password: str, how: str, place: str
    ) -> None:
        ground, proof = self.play.grounds[pool], None
        if kind in ("code", "completed"):
            channel = "REGISTER" if kind == "code" else "COMPLETE_EMAIL"
            self._ask_first(ground, channel, email, 9, place)
            proof = (channel, self._answer(ground, channel, email, None, how))
        named = name if kind in ("name", "both", "completed") else None
        said = email if kind != "name" else None
        given = None if kind == "code" else password
        self._run(self.play.signs_up(ground, named, said, given, proof, place))

    @rule(pool=POOLS, name=st.one_of(NAMES, EMAILS), n=st.integers(0, 9), offline=st.booleans())
    def somebody_signs_in(self, pool: int, name: str, n: int, offline: bool) -> None:
        """Mostly with the right password."""
        ground = self.play.grounds[pool]
        account = ground.pool.owner(name) or ground.pool.named(name)
        right = account.password if account else None
        password = right if right and n < 8 else "a wrong password"
        self._run(self.play.signs_in(ground, name, password, offline=offline))

    @rule(
        pool=POOLS,
        email=EMAILS,
        how=HOW,
        place=PLACES,
        registers=st.booleans(),
        offline=st.booleans(),
        pause=PAUSES,
    )
    def somebody_signs_in_by_code(
        self,
        pool: int,
        email: str,
        how: str,
        place: str,
        registers: bool,
        offline: bool,
        pause: int,
    ) -> None:
        ground = self.play.grounds[pool]
        self._ask_first(ground, "LOGIN", email, 9, place)
        self._wait(pause)
        answer = self._answer(ground, "LOGIN", email, None, how)
        self._run(
            self.play.signs_in_by_code(
                ground, email, answer, place, registers=registers, offline=offline
            )
        )

    @rule(pool=POOLS, n=st.integers(0, 7))
    def somebody_refreshes(self, pool: int, n: int) -> None:
        ground = self.play.grounds[pool]
        tokens = ground.pool.refresh_tokens
        text = tokens[-1 - n % len(tokens)].text if tokens else "nothing"
        self._run(self.play.refreshes(ground, text))

    @rule(pool=POOLS, n=st.integers(0, 7))
    def somebody_signs_out(self, pool: int, n: int) -> None:
        ground = self.play.grounds[pool]
        if ground.tickets:
            ticket = ground.tickets[n % len(ground.tickets)]
            self._run(self.play.signs_out(ground, ticket))

    @rule(pool=POOLS, who=WHO, n=st.integers(0, 9), new=NEW_PASSWORDS)
    def somebody_updates_the_password(self, pool: int, who: int, n: int, new: str) -> None:
        ground = self.play.grounds[pool]
        ticket = self._ticket(ground, who)
        right = ticket.session.account.password if ticket else None
        old = right if n < 7 else None if n == 7 else "a wrong password"
        self._run(self.play.updates_password(ground, ticket, old, new))

    @rule(
        pool=POOLS,
        who=WHO,
        nickname=st.sampled_from([None, "", "Annie"]),
        username=st.one_of(st.none(), st.just(""), NAMES),
    )
    def somebody_updates_the_profile(
        self, pool: int, who: int, nickname: str | None, username: str | None
    ) -> None:
        ground = self.play.grounds[pool]
        ticket = self._ticket(ground, who)
        self._run(self.play.updates_profile(ground, ticket, nickname, username))

    @rule(seconds=LATER)
    def time_passes(self, seconds: int) -> None:
        self._wait(seconds)

    @rule(pool=POOLS, name=NAMES, active=st.booleans())
    def an_administrator_suspends_or_activates(self, pool: int, name: str, active: bool) -> None:
        ground = self.play.grounds[pool]
        account = ground.pool.named(name)
        if account is not None:
            status = "Activated" if active else "Suspended"
            self._run(set_status(self.play.world, account.id, status))
            account.active = active

    @rule(pool=POOLS, name=st.sampled_from(sorted(SETTINGS)), on=st.booleans())
    def an_administrator_changes_the_policy(self, pool: int, name: str, on: bool) -> None:
        ground = self.play.grounds[pool]
        value = (HOUR if on else 0) if name == "reauthenticate_within" else on
        text = str(value).lower()
        self._run(self.play.world.set_pool(ground.app.pool_id, **{SETTINGS[name]: text}))
        ground.pool.policy = replace(ground.pool.policy, **{name: value})
