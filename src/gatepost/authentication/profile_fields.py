"""What people say of themselves: the fields that sign-up and update-profile share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gatepost.vocabulary.fields import Body
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest
from gatepost.vocabulary.user import Profile

Line = Annotated[str, Meta(max_length=512)]

MOST_CUSTOM_DATA = 4096
"""Octets of all custom data of one account, as JSON."""


class ProfileFields(Body):
    """Everything optional; an empty text takes a value away."""

    name: Line | None = None
    nickname: Line | None = None
    photo: Annotated[str, Meta(max_length=2048)] | None = None
    birthdate: Line | None = None
    country: Line | None = None
    province: Line | None = None
    city: Line | None = None
    address: Line | None = None
    street_address: Line | None = None
    postal_code: Line | None = None
    gender: Literal["M", "F", "U"] | None = None
    company: Line | None = None
    custom_data: dict[str, Any] | None = None


def said(person: Profile, fields: Body) -> Profile:
    """A profile with what was said taken up, but the address: that takes a proof.

    Refuses: InvalidRequest naming the field.
    """
    changes: dict[str, Any] = {}
    for name in fields.__struct_fields__:
        value = getattr(fields, name)
        if value is None or name == "email" or name not in Profile.__struct_fields__:
            continue
        if isinstance(value, str) and not value.isprintable():
            raise InvalidRequest(_wire(fields, name), Problem.CONTROL_CHARACTERS)
        changes[name] = _custom(value) if name == "custom_data" else value or None
    return msgspec.structs.replace(person, **changes)


def _custom(data: dict[str, Any]) -> str:
    text = msgspec.json.encode(data)
    if len(text) > MOST_CUSTOM_DATA:
        raise InvalidRequest("customData", Problem.TOO_LONG)
    return text.decode()


def _wire(fields: Body, name: str) -> str:
    names = dict(zip(fields.__struct_fields__, fields.__struct_encode_fields__, strict=True))
    return names[name]
