"""The process that everybody outside the server lives in: those who call, and their mailboxes."""

from __future__ import annotations

import gc
import time
from multiprocessing.connection import Connection
from select import EPOLLIN
from typing import Any

from bench.load.calls import Crowd
from bench.load.job import Job, Outcome
from bench.load.mailbox import Mailbox
from bench.load.watch import Watch

EXPIRE_EVERY_NS = 1_000_000_000


class Driver:
    """Obeys what comes over a pipe, each command with one answer."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._watch = Watch()
        self._mailbox = Mailbox(self._watch)
        self._crowd: Crowd | None = None
        self._running = True
        self._watch.add(pipe.fileno(), EPOLLIN, self._command)
        pipe.send(self._mailbox.port)

    def run(self) -> None:
        """Go on until told to stop."""
        gc.disable()  # a pause of ours would be taken for the server's
        self._look_for_late()
        while self._running:
            self._watch.turn()

    def _look_for_late(self) -> None:
        if self._crowd is not None:
            self._crowd.expire()
        self._watch.at(time.perf_counter_ns() + EXPIRE_EVERY_NS, self._look_for_late)

    def _command(self) -> None:
        try:
            word, argument = self._pipe.recv()
        except EOFError:  # whoever started us is gone
            self._running = False
            return
        getattr(self, f"_on_{word}")(argument)

    def _on_load(self, wanted: tuple[Job, tuple[str, int]]) -> None:
        gc.collect()
        self._crowd = Crowd(*wanted, self._mailbox, self._watch)
        self._pipe.send("ready")

    def _on_go(self, _: Any) -> None:
        if self._crowd is not None:
            self._crowd.start(self._report)

    def _report(self, outcome: Outcome) -> None:
        self._crowd = None
        self._pipe.send(outcome)

    def _on_hold(self, _: Any) -> None:
        self._mailbox.held = True
        self._pipe.send("held")

    def _on_let_go(self, _: Any) -> None:
        self._mailbox.let_go()
        self._pipe.send("let go")

    def _on_post(self, _: Any) -> None:
        self._pipe.send(self._mailbox.post)

    def _on_stop(self, _: Any) -> None:
        self._running = False


def main(pipe: Connection) -> None:
    """The whole life of the process."""
    try:
        Driver(pipe).run()
    except KeyboardInterrupt:
        return
