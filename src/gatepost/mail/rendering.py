"""From the name of a mail and its variables to its subject, text and HTML.

A mail is a folder in `templates/` with one TOML file per language: a subject, a title,
and the body as blocks of one kind each (`text`, `code`, `note`, `link`, `small_link`). The
words are written once; `layout.html` makes HTML of them and `layout.txt` text. Words hold
variables (`{{verify_code}}`) and nothing else. A link has a `label`, too. A block that `needs`
a variable is left out of mails that have no such thing to say.
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
_LINKS = frozenset({"link", "small_link"})
_KINDS = frozenset({"text", "code", "note"}) | _LINKS
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
    """One paragraph. `words` of a link are its address; `needs` is "" where nothing is needed."""

    kind: str
    words: str
    label: str
    needs: str


def render(template: str, language: Language, variables: Mapping[str, str]) -> Rendered:
    """Fill in a mail.

    Every value is one line: runs of control characters, line separators and changes of
    writing direction become a space, so that no value can add a line that looks like
    ours. Values are escaped in HTML and never read as a template themselves.
    Raises LookupError for an unknown template, and jinja2.UndefinedError where a
    variable is missing.
    """
    given = _optional(template, language).intersection(variables)
    subject, text, html = _compiled(template, language, given)
    values = {name: _UNSEEN.sub(" ", value) for name, value in variables.items()}
    return Rendered(subject.render(values), text.render(values), html.render(values))


@cache
def template_names() -> frozenset[str]:
    """The mails that Gatepost can write."""
    return frozenset(entry.name for entry in _FOLDER.iterdir() if entry.is_dir())


def source(template: str, language: Language, given: frozenset[str] | None = None) -> Rendered:
    """A mail before its variables are filled in.

    Of the blocks that need a variable only those are there whose variable is `given`; all of
    them where it is None. Raises LookupError for an unknown template.
    """
    words = _words(template, language)
    blocks = [_block(entry) for entry in words["body"]]
    if given is not None:
        blocks = [block for block in blocks if not block.needs or block.needs in given]
    text = _TEXT.from_string(_read("layout.txt")).render(blocks=blocks)
    html = _HTML.from_string(_read("layout.html")).render(
        language=language.value, title=words["title"], blocks=blocks
    )
    return Rendered(words["subject"], text.strip() + "\n", html.strip() + "\n")


@cache
def variables_of(
    template: str, language: Language, given: frozenset[str] | None = frozenset()
) -> frozenset[str]:
    """The names of the variables that a mail needs, with the blocks that `source` would have."""
    words = source(template, language, given)
    trees = (_TEXT.parse(part) for part in (words.subject, words.text, words.html))
    return frozenset().union(*(meta.find_undeclared_variables(tree) for tree in trees))


@cache
def _optional(template: str, language: Language) -> frozenset[str]:
    blocks = (_block(entry) for entry in _words(template, language)["body"])
    return frozenset(block.needs for block in blocks if block.needs)


@cache
def _compiled(
    template: str, language: Language, given: frozenset[str]
) -> tuple[Template, Template, Template]:
    words = source(template, language, given)
    return (
        _TEXT.from_string(words.subject),
        _TEXT.from_string(words.text),
        _HTML.from_string(words.html),
    )


@cache
def _words(template: str, language: Language) -> dict[str, Any]:
    if template not in template_names():
        raise LookupError(f"no mail template {template!r}")
    return tomllib.loads(_read(f"{template}/{language.value}.toml"))


def _block(entry: Mapping[str, str]) -> _Block:
    (kind,) = entry.keys() - {"label", "needs"}
    if kind not in _KINDS:
        raise ValueError(f"a block of a mail is one of {sorted(_KINDS)}, not {kind!r}")
    if ("label" in entry) is not (kind in _LINKS):
        raise ValueError("a link has a label, and nothing else has")
    return _Block(kind, entry[kind], entry.get("label", ""), entry.get("needs", ""))


def _read(path: str) -> str:
    return _FOLDER.joinpath(path).read_text("utf-8")
