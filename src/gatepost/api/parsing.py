"""From octets to typed bodies and queries; what cannot be read is refused by its field's name."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec

from gatepost.api.http import Request
from gatepost.vocabulary.fields import Body, Query
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import ContentTypeUnsupported, InvalidRequest

DEEPEST = 16

_FORM = "application/x-www-form-urlencoded"
_PLACE = re.compile(r" - at `\$(?:\.)?([^`]*)`$")
_MISSING = re.compile(r"missing required field `([^`]+)`")
_PROBLEMS = (
    ("Expected `str`, got", Problem.NOT_TEXT),
    ("Expected `str | null`, got", Problem.NOT_TEXT),
    ("Expected `bool`", Problem.NOT_BOOLEAN),
    ("Expected `bool | null`", Problem.NOT_BOOLEAN),
    ("Expected `int`", Problem.NOT_WHOLE_NUMBER),
    ("Expected `int | null`", Problem.NOT_WHOLE_NUMBER),
    ("Expected `float`", Problem.NOT_NUMBER),
    ("Expected `object`", Problem.NOT_OBJECT),
    ("Expected `object | null`", Problem.NOT_OBJECT),
    ("Expected `array`", Problem.NOT_LIST),
    ("Expected `array | null`", Problem.NOT_LIST),
    ("Invalid enum value", Problem.NOT_SUPPORTED_VALUE),
    ("Expected `str` of length >=", Problem.EMPTY),
    ("Expected `str` of length <=", Problem.TOO_LONG),
    ("Expected `int` >=", Problem.OUT_OF_RANGE),
    ("Expected `int` <=", Problem.OUT_OF_RANGE),
)

B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)


def raw_body(request: Request) -> dict[str, Any]:
    """The object in a body, without its nulls; no body at all is an empty object.

    Refuses: ContentTypeUnsupported, InvalidRequest.
    """
    if not request.body.strip():
        return {}
    stated = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if stated == _FORM:
        return _form(request.body)
    if stated and stated != "application/json" and not stated.endswith("+json"):
        raise ContentTypeUnsupported
    return _json(request.body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise InvalidRequest("body", Problem.NOT_UTF8) from None
    except RecursionError:
        raise InvalidRequest("body", Problem.TOO_DEEP) from None
    except ValueError:
        raise InvalidRequest("body", Problem.NOT_JSON) from None
    if not isinstance(value, dict):
        raise InvalidRequest("body", Problem.NOT_OBJECT)
    return _cleaned_object(value, "", 1)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two values for one name: two readers of the same body could believe different ones."""
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise InvalidRequest(_shown(name), Problem.DUPLICATE_KEY)
            seen.add(name)
    return value


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(name)


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct, parse_constant=_not_a_number)


def _form(body: bytes) -> dict[str, Any]:
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100)
    except UnicodeDecodeError:
        raise InvalidRequest("body", Problem.NOT_UTF8) from None
    except ValueError:
        raise InvalidRequest("body", Problem.TOO_MANY) from None
    return _cleaned_object(_distinct(list(pairs)), "", 1)


def _cleaned_object(value: dict[str, Any], place: str, depth: int) -> dict[str, Any]:
    return {
        _carried(name, f"{place}{name}"): _cleaned(member, f"{place}{name}", depth)
        for name, member in value.items()
        if member is not None
    }


def _carried(text: str, place: str) -> str:
    """A text as it is; one that no storage or mail could carry is refused."""
    if "\0" in text or (not text.isascii() and _has_surrogate(text)):
        raise InvalidRequest(_shown(place), Problem.CONTROL_CHARACTERS)
    return text


def _cleaned(value: Any, place: str, depth: int) -> Any:
    """A value without nulls inside."""
    if isinstance(value, str):
        return _carried(value, place)
    if not isinstance(value, dict | list):
        return value
    if depth >= DEEPEST:
        raise InvalidRequest(_shown(place), Problem.TOO_DEEP)
    if isinstance(value, dict):
        return _cleaned_object(value, f"{place}.", depth + 1)
    return [_cleaned(member, place, depth + 1) for member in value if member is not None]


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _shown(place: str) -> str:
    """A field's name as a refusal may repeat it: names come from outside too."""
    return "".join(character for character in place if character.isprintable())[:100] or "body"


def body_as(kind: type[B], raw: dict[str, Any]) -> B:
    """A typed body. Refuses: InvalidRequest, naming the field."""
    try:
        return msgspec.convert(kind.relevant(raw), kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None


def query_as(kind: type[Q], request: Request) -> Q:
    """A typed query. Refuses: InvalidRequest, naming the parameter."""
    try:
        parameters = request.parameters()
    except ValueError:
        raise InvalidRequest("query", Problem.TOO_MANY) from None
    return query_of(kind, parameters)


def query_of(kind: type[Q], parameters: dict[str, str]) -> Q:
    """The same of parameters that were taken apart. Refuses: InvalidRequest."""
    known = {
        name: _carried(parameters[name], name)
        for name in kind.__struct_encode_fields__
        if parameters.get(name)  # an empty one is as good as none
    }
    try:
        return msgspec.convert(known, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _refusal(str(error)) from None


def _refusal(text: str) -> InvalidRequest:
    """The refusal that says what msgspec's message says, in the words of every language."""
    place = match[1] if (match := _PLACE.search(text)) else ""
    if missing := _MISSING.search(text):
        return InvalidRequest(f"{place}.{missing[1]}".lstrip("."), Problem.MISSING)
    found = [problem for start, problem in _PROBLEMS if text.startswith(start)]
    return InvalidRequest(_shown(place), found[-1] if found else Problem.MALFORMED)
