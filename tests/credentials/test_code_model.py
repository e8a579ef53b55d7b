"""The engine of codes against its rules, in every order that chance thinks of."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gatepost.storage.migration import migrate
from gatepost.storage.sqlite import SqliteDatabase
from gatepost.vocabulary.verification_code import ANYBODY
from tests.support import code_model as model
from tests.support.code_bench import CodeBench, StoppedClock, new_pool, wrong

SUBJECTS = st.sampled_from(["ann", "bob", ANYBODY])
CLIENTS = st.sampled_from(["ann", "bob", "mallory"])
PAUSES = st.sampled_from([1, 60, 119, 120, 121, 299, 300, 301, 600, 3_599, 3_600, 86_400])


class Codes(RuleBasedStateMachine):
    """Everybody asks for codes to one address, and answers them rightly or wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory()
        self._clock = StoppedClock()
        self._began = self._clock()
        self._bench: CodeBench = self._run(self._opened())
        self._pool = new_pool(
            {
                "codeTriesOfAllClients": model.TRIES_OF_ALL,
                "codeFailuresPerHour": model.PER_HOUR,
                "codeFailuresInARow": model.IN_A_ROW,
            },
            verifyCodeMaxAttempts=model.OWN_TRIES,
        )
        self._model = model.Model()

    async def _opened(self) -> CodeBench:
        database = SqliteDatabase(Path(self._folder.name) / "codes.db", self._clock)
        await migrate(database, "sqlite")
        return CodeBench(database, self._clock)

    def _run(self, coroutine: Any) -> Any:
        return self._runner.run(coroutine)

    @property
    def _now(self) -> int:
        return (self._clock() - self._began) // 1000

    @rule(subject=SUBJECTS, prover=CLIENTS)
    def somebody_asks(self, subject: str, prover: str) -> None:
        length = self._model.length(self._now, subject)
        again = self._model.mailed_again(self._now, subject, prover)
        purpose = self._bench.purpose(self._pool, subject=subject)
        issued = self._run(self._bench.issue(purpose, prover))
        if again is None:
            assert len(issued.digits) == length
            self._model.new(self._now, subject, issued.digits)
        else:
            assert issued.digits == again.digits
        end = self._model.codes[subject].expires
        assert issued.expires_at == self._began + end * 1000

    @rule(subject=SUBJECTS, owner=SUBJECTS, prover=CLIENTS, spends=st.booleans())
    def somebody_shows_a_code(self, subject: str, owner: str, prover: str, spends: bool) -> None:
        if code := self._model.codes.get(owner):
            self._show(subject, code.digits, prover, spends)

    @rule(subject=SUBJECTS, prover=CLIENTS, times=st.integers(1, 4))
    def somebody_guesses(self, subject: str, prover: str, times: int) -> None:
        code = self._model.codes.get(subject)
        for _ in range(times):
            self._show(subject, wrong(code.digits) if code else "000000", prover, spends=True)

    @rule(pause=PAUSES)
    def time_passes(self, pause: int) -> None:
        self._clock.advance(pause)

    def _show(self, subject: str, answer: str, prover: str, spends: bool) -> None:
        purpose = self._bench.purpose(self._pool, subject=subject)
        action = self._bench.use if spends else self._bench.look
        expected = self._model.look(self._now, subject, answer, prover, spends)
        assert self._run(action(purpose, answer, prover)) == expected

    @invariant()
    def tries_and_failures_agree(self) -> None:
        purpose = self._bench.purpose(self._pool)
        tries = {subject: code.tries for subject, code in self._model.codes.items()}
        assert self._run(self._bench.tries(purpose)) == tries
        failures = [budget.failures for budget in self._model.budgets_of("ann")]
        assert self._run(self._bench.failures(purpose)) == failures

    def teardown(self) -> None:
        self._run(self._bench.database.close())
        self._runner.close()
        self._folder.cleanup()


TestCodes = Codes.TestCase
TestCodes.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
