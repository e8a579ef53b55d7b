"""The load driver, as seen by the benchmark that starts it."""

from __future__ import annotations

import multiprocessing
from types import TracebackType
from typing import Any

from bench.load.driver import main
from bench.load.job import Flow, Job, Outcome, Post

WARM_CONNECTIONS = 32
ANSWER_SECONDS = 900.0


class Failed(Exception):
    """The server answered something that nobody in a benchmark should be told."""


class Outside:
    """A process of people and mailboxes, to be used in a `with` statement."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=main, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.smtp_port: int = self._answer()
        self.address = ("127.0.0.1", 0)
        """Where the server listens: set once it does."""

    def __enter__(self) -> Outside:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if self._process.is_alive() and kind is None:
            self._pipe.send(("stop", None))
            self._process.join(5)
        self._process.kill()
        self._process.join()

    def load(self, job: Job) -> None:
        """Have everybody connect; nothing is sent yet."""
        self._ask("load", (job, self.address))

    def go(self) -> None:
        """Begin what was loaded."""
        self._pipe.send(("go", None))

    def outcome(self) -> Outcome:
        """What became of it, once it has ended. Raises Failed."""
        outcome: Outcome = self._answer()
        if outcome.failures:
            raise Failed(_in_words(outcome.failures[0]))
        return outcome

    def warm(self, flows: list[Flow]) -> None:
        """Run every flow once, whatever it takes. Raises Failed."""
        self.load(Job(flows, WARM_CONNECTIONS, ANSWER_SECONDS))
        self.go()
        self.outcome()

    def hold_mails(self) -> None:
        """From here on mails wait."""
        self._ask("hold", None)

    def let_mails_go(self) -> None:
        """From here on mails are taken, and counted anew."""
        self._ask("let_go", None)

    def post(self) -> Post:
        """The mails that came since they were let go."""
        post: Post = self._ask("post", None)
        return post

    def _ask(self, word: str, argument: Any) -> Any:
        self._pipe.send((word, argument))
        return self._answer()

    def _answer(self) -> Any:
        if not self._pipe.poll(ANSWER_SECONDS):
            raise RuntimeError("the load driver does not answer")
        return self._pipe.recv()


def _in_words(answer: bytes) -> str:
    """Why a run ends, of the first answer that was not the right one."""
    said = answer.decode(errors="replace")
    if answer.startswith(b"HTTP/1.1 503 "):
        return (
            "the machine was too busy: the server turned a call away (a 503), as it does where"
            " more waits than it can do soon. Leave the machine alone and run it again."
            f" The answer: {said}"
        )
    return f"a call went wrong: {said}"
