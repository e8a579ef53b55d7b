"""The servers that a URL of PostgreSQL names, asked one after another until one will do."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg

PREPARED_STATEMENTS = "prepared_statements"
_TARGET = "target_session_attrs"

_ASK_THE_NEXT = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.TargetServerAttributeNotMatched,
    asyncpg.OperatorInterventionError,  # it starts, or it stops
    asyncpg.InsufficientResourcesError,
)


class Hosts:
    """Connects to the first server that will do, beginning with the one that did the last time.

    The driver would give all of them one time together, and a dead one that is silent, as a
    machine without power is, would use it up. Here each has its share of the `seconds`, and the
    next one what it has left of them. Raises ValueError for a URL that says nonsense.
    """

    def __init__(self, url: str, seconds: float) -> None:
        rest, self.options = _taken_apart(url)
        self.urls = _one_by_one(rest)
        self._seconds = seconds
        self._first = 0

    async def connect(self, *_: object, **options: Any) -> Any:
        """A connection for a pool with these options.

        Raises what the servers answered: that none is of the kind that is wanted, if any said so.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        failure: Exception | None = None
        for number in range(len(self.urls)):
            share = (end - loop.time()) / (len(self.urls) - number)
            place = (self._first + number) % len(self.urls)
            try:
                connection = await asyncpg.connect(self.urls[place], timeout=share, **options)
            except _ASK_THE_NEXT as error:
                if not isinstance(failure, asyncpg.TargetServerAttributeNotMatched):
                    failure = error
            else:
                self._first = place
                return connection
        raise failure or TimeoutError


def _taken_apart(url: str) -> tuple[str, dict[str, Any]]:
    """A URL without the parameter that is ours, and what that says to the driver.

    `prepared_statements=0` is for a pooler that gives every transaction another connection and
    does not carry prepared statements over. Raises ValueError for any other value than 0 and 1.
    Of several hosts the primary is wanted, wherever it is: on a standby every write would fail.
    """
    parts = _split(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    options: dict[str, Any] = {}
    if "," in _hosts_of(parts) and _TARGET not in dict(given):
        options[_TARGET] = "read-write"
    ours = [value for name, value in given if name == PREPARED_STATEMENTS]
    if not ours:
        return url, options
    if ours not in (["0"], ["1"]):
        raise ValueError(PREPARED_STATEMENTS)
    if ours == ["0"]:
        options["statement_cache_size"] = 0
    rest = [(name, value) for name, value in given if name != PREPARED_STATEMENTS]
    return urlunsplit(parts._replace(query=urlencode(rest))), options


def _split(url: str) -> SplitResult:
    """The parts of a URL that may have several hosts: `urlsplit` by itself may refuse an IPv6
    address that is not the only one."""
    scheme, there, rest = url.partition("://")
    if not there:
        return urlsplit(url)
    path = next((place for place, letter in enumerate(rest) if letter in "/?#"), len(rest))
    return urlsplit(f"{scheme}:{rest[path:]}")._replace(netloc=rest[:path])


def _hosts_of(parts: SplitResult) -> str:
    """The hosts as they are written: before the path, or else among the parameters."""
    return parts.netloc.rpartition("@")[2] or dict(parse_qsl(parts.query)).get("host", "")


def _one_by_one(url: str) -> list[str]:
    """A URL for each host. Raises ValueError where the ports are not as many."""
    parts = _split(url)
    hosts = _hosts_of(parts).split(",")
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    # Whether there is a standby at all the driver knows only after it has asked every host.
    if len(hosts) == 1 or given.get(_TARGET) == "prefer-standby":
        return [url]
    user, at, among = parts.netloc.rpartition("@")
    ports = given.get("port", "").split(",")
    each = zip(hosts, ports if len(ports) > 1 else ports * len(hosts), strict=True)
    return [
        urlunsplit(
            parts._replace(
                netloc=f"{user}{at}{host}" if among else parts.netloc,
                query=urlencode(_alone(given, "" if among else host, port)),
            )
        )
        for host, port in each
    ]


def _alone(given: dict[str, str], host: str, port: str) -> dict[str, str]:
    """The parameters of a URL with these in the place of several hosts and their ports."""
    rest = {name: value for name, value in given.items() if name not in ("host", "port")}
    return rest | ({"host": host} if host else {}) | ({"port": port} if port else {})
