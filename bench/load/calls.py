"""People at the server: HTTP connections that carry one flow after another."""

from __future__ import annotations

import socket
import time
from array import array
from collections.abc import Callable, Iterator
from select import EPOLLIN

from bench.load.job import Flow, Job, Needs, Outcome, Request
from bench.load.mailbox import Mailbox
from bench.load.watch import Watch

LONGEST_WAIT_SECONDS = 30.0
KEPT_FAILURES = 5


class Crowd:
    """All connections of one job."""

    def __init__(self, job: Job, address: tuple[str, int], mailbox: Mailbox, watch: Watch) -> None:
        self.job = job
        self.mailbox = mailbox
        self.watch = watch
        self._flows: Iterator[Flow] = iter(job.flows)
        self._callers = [_Caller(self, address) for _ in range(job.connections)]
        self._latencies = array("q")
        self._failures: list[bytes] = []
        self._active = 0
        self._due = 0
        self._until = 0
        self._started = 0
        self._cpu = 0.0
        self._report: Callable[[Outcome], None] | None = None

    def start(self, report: Callable[[Outcome], None]) -> None:
        """Begin; `report` is called with the outcome once the last flow has ended."""
        self._report = report
        self._cpu = time.process_time()
        self._started = self._due = time.perf_counter_ns()
        self._until = self._started + int(self.job.seconds * 1e9)
        self._active = len(self._callers)
        for caller in list(self._callers):
            self.next_for(caller)

    def next_for(self, caller: _Caller) -> None:
        """Give a caller its next flow, or send it home."""
        now = time.perf_counter_ns()
        due = now
        if self.job.every_seconds:
            due = self._due
            self._due += int(self.job.every_seconds * 1e9)
        flow = next(self._flows, None) if due < self._until else None
        if flow is None:
            self._leave(caller)
        elif due <= now:
            caller.begin(flow, due)
        else:
            self.watch.at(due, lambda: caller.begin(flow, due))

    def ended(self, caller: _Caller, nanoseconds: int) -> None:
        self._latencies.append(nanoseconds)
        self.next_for(caller)

    def failed(self, caller: _Caller, answer: bytes) -> None:
        if len(self._failures) < KEPT_FAILURES:
            self._failures.append(answer)
        self._until = 0  # whatever comes after a failure would be measured for nothing
        self._leave(caller)

    def expire(self) -> None:
        """End whoever has waited for too long."""
        limit = time.perf_counter_ns() - int(LONGEST_WAIT_SECONDS * 1e9)
        for caller in list(self._callers):
            if caller.busy_since and caller.busy_since < limit:
                self.failed(caller, b"no answer, or no mail, in 30 seconds")

    def _leave(self, caller: _Caller) -> None:
        caller.close()
        self._callers.remove(caller)
        self._active -= 1
        if self._active == 0 and self._report:
            seconds = (time.perf_counter_ns() - self._started) / 1e9
            cpu = time.process_time() - self._cpu
            self._report(Outcome(self._latencies, seconds, cpu, self._failures))


class _Caller:
    """One keep-alive connection."""

    def __init__(self, crowd: Crowd, address: tuple[str, int]) -> None:
        self._crowd = crowd
        self._socket = socket.create_connection(address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        crowd.watch.add(self._socket.fileno(), EPOLLIN, self._readable)
        self._flow: Flow = ()
        self._step = 0
        self._began = 0
        self._buffer = b""
        self.busy_since = 0

    def begin(self, flow: Flow, due: int) -> None:
        self._flow, self._step, self._began = flow, 0, due
        self.busy_since = due
        self._send(flow[0], b"")

    def close(self) -> None:
        self.busy_since = 0
        self._crowd.watch.remove(self._socket.fileno())
        self._socket.close()

    def _send(self, request: Request, answer: bytes) -> None:
        if request.needs is Needs.MAIL:
            self._crowd.mailbox.when_code(
                request.after, lambda code: self._write(request.head + code + request.tail)
            )
            return
        if request.needs is Needs.ANSWER:
            text = answer.partition(request.after)[2].partition(b'"')[0]
            self._write(request.head + text + request.tail)
            return
        self._write(request.head)

    def _write(self, octets: bytes) -> None:
        if self._socket.send(octets) != len(octets):  # far below any socket's buffer
            raise RuntimeError("a request did not fit into the socket's buffer")

    def _readable(self) -> None:
        try:
            data = self._socket.recv(262_144)
        except ConnectionError:
            data = b""
        if not data:
            self._crowd.failed(self, self._buffer or b"the server closed the connection")
            return
        answer = self._buffer + data if self._buffer else data
        if not _complete(answer):
            self._buffer = answer
            return
        self._buffer = b""
        self._answered(answer)

    def _answered(self, answer: bytes) -> None:
        if self._flow[self._step].expect not in answer:
            self._crowd.failed(self, answer)
            return
        self._step += 1
        if self._step < len(self._flow):
            self._send(self._flow[self._step], answer)
            return
        elapsed = time.perf_counter_ns() - self._began
        self.busy_since = 0
        self._crowd.ended(self, elapsed)


def _complete(answer: bytes) -> bool:
    """Whether head and body of an answer are there; our server always says `content-length`."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    start = answer.find(b"content-length: ", 0, end)
    if start < 0:
        raise RuntimeError(f"an answer without content-length: {answer[:end]!r}")
    length = int(answer[start + 16 : answer.index(b"\r", start)])
    return len(answer) >= end + 4 + length
