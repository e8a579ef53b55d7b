"""What may be wrong with a screen, whatever it says: axe's rules, its width, its words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from gatepost.messages import catalogue, placeholders
from gatepost.vocabulary.language import Language
from tests.support.machine import require

AXE = Path(__file__).parents[1] / "node/node_modules/axe-core/axe.min.js"
WIDTHS = (320, 360, 768, 1280)
HEIGHT = 800
GRAVE = ("serious", "critical")
_RULES = {"target-size": {"enabled": True}}
"""Beside those that axe applies by itself (WCAG 2.2 success criterion 2.5.8)."""

_ASK_AXE = """async ([rules, only]) => {
  const options = only ? { runOnly: only } : { rules };
  const found = await axe.run(document, { ...options, resultTypes: ["violations"] });
  return found.violations.map(({ id, impact, nodes }) =>
    [impact, id, ...nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`)]);
}"""

# Mails are written in their reader's language, whoever looks at the mailbox; what a browser
# does not show is not read either.
_READ = """() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.closest(".mail h2, .mail pre, script")) found.push(node.data);
  }
  for (const each of document.querySelectorAll(":is([aria-label], [placeholder], [alt])"))
    for (const name of ["aria-label", "placeholder", "alt"])
      if (!each.closest(".mail iframe")) found.push(each.getAttribute(name) ?? "");
  return found;
}"""

_DATA = re.compile(
    r"""(?: (?: Corner\ Shop | English | 简体中文 | 繁體中文 | 日本語 | UTC | [A-Z]{2} | Linux
    | (?:Headless)?Chrome | person-[0-9a-f]{8} | [\w•.-]+@[\w•.-]+ | [0-9:.-]+ )\ ? )+""",
    re.VERBOSE,
)
"""What no catalogue has: names of the app, of languages and devices, addresses, times, tags."""


@cache
def axe() -> str:
    """The source of axe-core. Skips where npm has not brought it."""
    require("npm")
    return AXE.read_text("utf-8")


def faults(page: Page, *only: str) -> list[Any]:
    """What axe finds serious or critical, by all its rules or by some only."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe())
    return [each for each in page.evaluate(_ASK_AXE, [_RULES, only or None]) if each[0] in GRAVE]


def too_wide(page: Page) -> list[int]:
    """The widths of a window in which the screen is wider than it."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(width)
    return found


def strange_words(page: Page, language: Language) -> list[str]:
    """What can be read on a screen and is neither the catalogue's of its language nor data."""
    told = (part for text in page.evaluate(_READ) for part in text.split(" · "))
    texts = {re.sub(r"\s+", " ", part).strip() for part in told}
    return sorted(text for text in texts - {""} if not _known(text, language))


def _known(text: str, language: Language) -> bool:
    return _DATA.fullmatch(text) is not None or _sentences(language).fullmatch(text) is not None


@cache
def _sentences(language: Language) -> re.Pattern[str]:
    """All that a language can say, with anything in the places that are filled."""
    sections = catalogue(language)
    words = [text for section in sections.values() for text in section.values()]
    words.append(sections["common"]["mailed"] + sections["common"]["tag_before"])  # one sentence
    words += sections["login"]["recent_bind_text"].split("{when}")  # around a time
    return re.compile("|".join(_filled(text) for text in words))


def _filled(text: str) -> str:
    pattern = re.escape(re.sub(r"\s+", " ", text).strip())
    for name in placeholders(text):
        pattern = pattern.replace(re.escape("{" + name + "}"), ".+")
    return pattern
