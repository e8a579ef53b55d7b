"""The pages of the documentation: written or made, their blocks, headings and links."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from docs.making import PAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"(?P<mark><!-- not run: (?P<why>[^>]+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page; `why_not` says why it is not run."""

    language: str
    text: str
    line: int
    why_not: str | None


@dataclass(frozen=True)
class Page:
    """A page by its place below docs/."""

    place: str
    text: str

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order."""
        return [
            Block(m["language"], m["text"], self.text.count("\n", 0, m.start()) + 1, m["why"])
            for m in _FENCE.finditer(self.text)
        ]

    @property
    def prose(self) -> str:
        """What is no code block."""
        return _FENCE.sub("", self.text)

    @property
    def anchors(self) -> set[str]:
        """What its headings may be linked by, as Python-Markdown makes them."""
        return {_slug(heading) for heading in _HEADING.findall(self.prose)}

    @property
    def links(self) -> list[str]:
        """Where it leads."""
        return [found["target"] for found in _LINK.finditer(re.sub(r"`[^`\n]*`", "", self.prose))]

    def resolved(self, target: str) -> tuple[str, str]:
        """The page and anchor that a relative link means."""
        path, _, anchor = target.partition("#")
        place = PurePosixPath(self.place).parent
        for part in PurePosixPath(path).parts:
            place = place.parent if part == ".." else place / part
        return (str(place) if path else self.place), anchor


def all_pages() -> dict[str, Page]:
    """Every page, by its place."""
    written = {path.relative_to(DOCS).as_posix(): path.read_text() for path in DOCS.rglob("*.md")}
    made = {place: make() for place, make in PAGES.items()}
    return {place: Page(place, text) for place, text in (written | made).items()}


def _slug(heading: str) -> str:
    bare = re.sub(r"[^\w\s-]", "", heading).strip().lower()
    return re.sub(r"[-\s]+", "-", bare)
