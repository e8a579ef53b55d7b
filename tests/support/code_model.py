"""The rules of one-time codes, told a second time in plain Python: what the engine must answer."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

HOUR = 3600
LIFE, LONGEST, WORTH = 300, 600, 180
SHORT, LONG = 6, 10
OWN_TRIES, TRIES_OF_ALL = 3, 9
PER_HOUR, IN_A_ROW, COOL_DOWN = 5, 6, 86_400


@dataclass
class ModelBudget:
    """Failures, counted before they are known to be any."""

    started: int = -HOUR
    failures: int = 0
    last: int = -COOL_DOWN
    in_a_row: int = 0
    over_until: int = 0

    def is_over(self, now: int) -> bool:
        return self.over_until > now

    def count(self, now: int) -> bool:
        if now >= self.started + HOUR:
            self.started, self.failures = now, 0
        if now >= self.last + COOL_DOWN or 0 < self.over_until <= now:
            self.failures, self.in_a_row, self.over_until = 0, 0, 0
        self.failures, self.in_a_row, self.last = self.failures + 1, self.in_a_row + 1, now
        return self.failures > PER_HOUR or self.in_a_row > IN_A_ROW or self.is_over(now)

    def failed(self, now: int) -> None:
        if self.failures >= PER_HOUR or self.in_a_row >= IN_A_ROW:
            self.over_until = now + COOL_DOWN

    def give_back(self) -> None:
        if self.failures and self.in_a_row:
            self.failures, self.in_a_row = self.failures - 1, self.in_a_row - 1


@dataclass
class ModelCode:
    """A live code."""

    digits: str
    made: int
    expires: int
    tries: int = 0
    by_prover: dict[str, int] = field(default_factory=dict)


@dataclass
class Model:
    """One pool, one channel, one address; the subject "" is anybody.

    The budgets of users may be shared with the models of other channels and addresses.
    """

    codes: dict[str, ModelCode] = field(default_factory=dict)
    budgets: dict[str, ModelBudget] = field(default_factory=dict)
    name: str = "address"

    def budgets_of(self, subject: str) -> list[ModelBudget]:
        names = [self.name, f"user {subject}"] if subject else [self.name]
        return [self.budgets.setdefault(name, ModelBudget()) for name in names]

    def length(self, now: int, subject: str) -> int:
        return LONG if any(b.is_over(now) for b in self.budgets_of(subject)) else SHORT

    def mailed_again(self, now: int, subject: str, prover: str) -> ModelCode | None:
        """The code that is mailed once more, if it is worth it, with its new end."""
        code = self.codes.get(subject)
        if code is None or len(code.digits) < self.length(now, subject):
            return None
        end = min(now + LIFE, code.made + LONGEST)
        if code.tries >= self._most(subject) or end - now < WORTH:
            return None
        code.expires = end
        if not subject and code.tries + OWN_TRIES <= TRIES_OF_ALL - OWN_TRIES:
            code.by_prover.pop(prover, None)  # and another would still have all of theirs
        return code

    def new(self, now: int, subject: str, digits: str) -> None:
        self.codes[subject] = ModelCode(digits, now, now + LIFE)

    def look(self, now: int, subject: str, answer: str, prover: str, spends: bool) -> str:
        before = {name: replace(budget) for name, budget in self.budgets.items()}
        verdict, owner = self.check(now, subject, answer, prover)
        if verdict == "CodeExpired":
            self.budgets.clear()  # the refusal undoes all, a new hour's beginning as well
            self.budgets.update(before)
        if verdict == "right" and spends:
            self.spend(owner, subject)
        return verdict

    def check(self, now: int, subject: str, answer: str, prover: str) -> tuple[str, str]:
        """What a look says, and whose code it found."""
        looked_at = {
            owner: code
            for owner in dict.fromkeys([subject, ""])
            if (code := self.codes.get(owner)) and self._may_look(owner, code, prover)
        }
        if not looked_at:
            return "CodeIncorrect", ""
        self._count(looked_at, prover, 1)
        budgets = self.budgets_of(subject)
        counted = [budget.count(now) for budget in budgets]  # each of them, whatever one says
        over = any(counted)
        right = [
            owner
            for owner, code in looked_at.items()
            if code.digits == answer and not (over and len(code.digits) < LONG)
        ]
        if not right:
            for budget in budgets:
                budget.failed(now)
            return "CodeIncorrect", ""
        self._count(looked_at, prover, -1)
        for budget in budgets:
            budget.give_back()
        if now >= self.codes[right[0]].expires:
            return "CodeExpired", ""
        return "right", right[0]

    def spend(self, owner: str, subject: str) -> None:
        del self.codes[owner]
        for name in (self.name, f"user {subject}"):
            self.budgets.pop(name, None)

    def _most(self, owner: str) -> int:
        return OWN_TRIES if owner else TRIES_OF_ALL

    def _may_look(self, owner: str, code: ModelCode, prover: str) -> bool:
        own_left = bool(owner) or code.by_prover.get(prover, 0) < OWN_TRIES
        return code.tries < self._most(owner) and own_left

    def _count(self, looked_at: dict[str, ModelCode], prover: str, by: int) -> None:
        for owner, code in looked_at.items():
            code.tries += by
            if not owner:
                code.by_prover[prover] = code.by_prover.get(prover, 0) + by
