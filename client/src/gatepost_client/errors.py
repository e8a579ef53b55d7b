"""What can go wrong before there is an answer. Refusals, which are answers, have their own file."""

from __future__ import annotations


class GatepostError(Exception):
    """Whatever this package raises on its own account."""


class ConnectionFailed(GatepostError):
    """The server was not reached, or the connection broke before the whole answer came.

    `sent` tells whether any of the request may have arrived. If so, the step may have been done.
    """

    def __init__(self, problem: str, sent: bool) -> None:
        super().__init__(problem, sent)
        self.problem = problem
        self.sent = sent

    def __str__(self) -> str:
        done = "the step may have been done" if self.sent else "nothing was sent"
        return f"{self.problem} ({done})"


class TimedOut(ConnectionFailed):
    """The same, because the server took longer than the timeout."""


class UnexpectedAnswer(GatepostError):
    """The answer is not of the V3 API: a proxy's page, another server, or a field that is missing.

    Says what is wrong, and never what the answer held.
    """


class TokenNotBelieved(GatepostError):
    """A token that `introspect_token_offline` was handed is not good: says why, without it."""
