"""The words of refusals and pages, in four languages: one TOML file each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from gatepost.vocabulary.language import Language
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import Refusal

Catalogue = Mapping[str, Mapping[str, str]]
"""The sections of one file: `refusals` by class name, `problems` by value, others by key."""

_FIRST_SENTENCE = re.compile(r".*?[.。]")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@cache
def catalogue(language: Language) -> Catalogue:
    """All the words of a language, read once."""
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def refusal_words(language: Language, refusal: Refusal) -> str:
    """The sentence that tells a person what was refused and what to do next."""
    sections = catalogue(language)
    values = {
        name: sections["problems"][value] if isinstance(value, Problem) else value
        for name, value in refusal.words.items()
    }
    return filled(sections["refusals"][type(refusal).__name__], values)


def refusal_in_short(language: Language, name: str) -> str:
    """The first sentence on a refusal of long ago, or its name where that tells of the moment."""
    said = _FIRST_SENTENCE.match(catalogue(language)["refusals"].get(name, ""))
    return said[0] if said and not placeholders(said[0]) else name


def words(language: Language, key: str, **values: object) -> str:
    """Other words, by their key in the section `words`."""
    return filled(catalogue(language)["words"][key], values)


def filled(sentence: str, values: Mapping[str, object]) -> str:
    """A sentence with its `{name}` places filled, in one pass.

    Not `str.format`: that reaches into attributes and lets braces in a value's place break it.
    """
    return _PLACEHOLDER.sub(lambda place: str(values[place[1]]), sentence)


def placeholders(sentence: str) -> set[str]:
    """The names that a sentence expects."""
    return set(_PLACEHOLDER.findall(sentence))
