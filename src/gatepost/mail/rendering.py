"""From the name of a mail and its variables to its subject, text and HTML.

A mail is a folder in `templates/` with one TOML file per language: a subject, a title,
and the body as blocks of one kind each (`text`, `code`, `note`). The words are written
once; `layout.html` makes HTML of them and `layout.txt` text. Words hold variables
(`{{verify_code}}`) and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import StrictUndefined, Template, meta
from jinja2.sandbox import SandboxedEnvironment

from gatepost.vocabulary.language import Language

_FOLDER = files("gatepost.mail") / "templates"
_KINDS = frozenset({"text", "code", "note"})
_OPTIONS: dict[str, Any] = {
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
_TEXT = SandboxedEnvironment(**_OPTIONS)
_HTML = SandboxedEnvironment(**_OPTIONS, autoescape=True)
# Line and paragraph ends, controls, what turns the direction of writing, half characters.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail's words. As `source` gives them, the variables are still in them."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    words: str


def render(template: str, language: Language, variables: Mapping[str, str]) -> Rendered:
    """Fill in a mail.

    Every value is one line: runs of control characters, line separators and changes of
    writing direction become a space, so that no value can add a line that looks like
    ours. Values are escaped in HTML and never read as a template themselves.
    Raises LookupError for an unknown template, and jinja2.UndefinedError where a
    variable is missing.
    """
    subject, text, html = _compiled(template, language)
    values = {name: _UNSEEN.sub(" ", value) for name, value in variables.items()}
    return Rendered(subject.render(values), text.render(values), html.render(values))


@cache
def template_names() -> frozenset[str]:
    """The mails that Gatepost can write."""
    return frozenset(entry.name for entry in _FOLDER.iterdir() if entry.is_dir())


@cache
def source(template: str, language: Language) -> Rendered:
    """A mail before its variables are filled in."""
    if template not in template_names():
        raise LookupError(f"no mail template {template!r}")
    words = tomllib.loads(_read(f"{template}/{language.value}.toml"))
    title, blocks = words["title"], [_block(entry) for entry in words["body"]]
    text = _TEXT.from_string(_read("layout.txt")).render(blocks=blocks)
    html = _HTML.from_string(_read("layout.html")).render(
        language=language.value, title=title, blocks=blocks
    )
    return Rendered(words["subject"], text.strip() + "\n", html.strip() + "\n")


def variables_of(template: str, language: Language) -> frozenset[str]:
    """The names of the variables that a mail needs."""
    words = source(template, language)
    trees = (_TEXT.parse(part) for part in (words.subject, words.text, words.html))
    return frozenset().union(*(meta.find_undeclared_variables(tree) for tree in trees))


@cache
def _compiled(template: str, language: Language) -> tuple[Template, Template, Template]:
    words = source(template, language)
    return (
        _TEXT.from_string(words.subject),
        _TEXT.from_string(words.text),
        _HTML.from_string(words.html),
    )


def _block(entry: Mapping[str, str]) -> _Block:
    ((kind, words),) = entry.items()
    if kind not in _KINDS:
        raise ValueError(f"a block of a mail is one of {sorted(_KINDS)}, not {kind!r}")
    return _Block(kind, words)


def _read(path: str) -> str:
    return _FOLDER.joinpath(path).read_text("utf-8")
