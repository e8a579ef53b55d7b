"""User names: what a person may be called by to sign in, beside an address."""

from __future__ import annotations

import unicodedata

from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest

LONGEST = 64
LONGEST_TYPED = 4 * LONGEST
"""Characters before NFC, which may shrink a name, and takes the square of a run of marks."""


def username(typed: str, field: str = "username") -> str:
    """A user name in NFC (RFC 8265 section 3.3).

    No `@`: a name that reads like an address could be taken for somebody else's. Refuses:
    InvalidRequest, also for white space and whatever cannot be seen.
    """
    if not typed:
        raise InvalidRequest(field, Problem.EMPTY)
    name = unicodedata.normalize("NFC", typed) if len(typed) <= LONGEST_TYPED else typed
    if len(name) > LONGEST:
        raise InvalidRequest(field, Problem.TOO_LONG)
    if "@" in name or any(_is_unseen(character) for character in name):
        raise InvalidRequest(field, Problem.MALFORMED)
    return name


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ"
