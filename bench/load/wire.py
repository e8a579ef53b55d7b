"""Requests as octets: made before the clock runs."""

from __future__ import annotations

import msgspec

from bench.load.job import Needs, Request

OK = b'"statusCode":200'
CODE_DIGITS = 6
TOKEN_CHARACTERS = 43
"""The length of a step's token: 256 bits in base64url."""

_JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def request(
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes = b"",
    expect: bytes = OK,
    content_type: str = _JSON,
) -> Request:
    """A request that needs nothing from before."""
    return Request(_head(method, path, headers, content_type, len(body)) + body, expect)


def post(path: str, headers: dict[str, str], value: object, expect: bytes = OK) -> Request:
    """A POST of JSON."""
    return request("POST", path, headers, msgspec.json.encode(value), expect)


def later(
    path: str,
    headers: dict[str, str],
    value: dict[str, str],
    field: str,
    needs: Needs,
    after: bytes,
) -> Request:
    """A POST of JSON whose `field` is known only when it is sent."""
    value = value | {field: "here"}
    length = CODE_DIGITS if needs is Needs.MAIL else TOKEN_CHARACTERS
    before, _, tail = msgspec.json.encode(value).partition(b'"here"')
    size = len(before) + length + 2 + len(tail)
    head = _head("POST", path, headers, _JSON, size) + before + b'"'
    return Request(head, OK, b'"' + tail, needs, after)


def _head(method: str, path: str, headers: dict[str, str], content_type: str, length: int) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: bench", "user-agent: bench"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if length:
        lines += [f"content-type: {content_type}", f"content-length: {length}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
