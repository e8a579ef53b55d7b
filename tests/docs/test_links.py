"""Links of the documentation lead somewhere, and every page is in its table of contents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.support.pages_of_docs import DOCS, ROOT, all_pages

PAGES = all_pages()


def navigation(node: Any) -> Iterator[str]:
    """The pages that mkdocs.yml lists."""
    if isinstance(node, str):
        yield node
    else:
        for member in node.values() if isinstance(node, dict) else node:
            yield from navigation(member)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_links_lead_somewhere(page: Any) -> None:
    for target in page.links:
        if target.startswith("https://"):
            continue
        place, anchor = page.resolved(target)
        if place not in PAGES:
            assert (DOCS / place).resolve().is_file(), f"{page.place} links to {target}"
            continue
        assert not anchor or anchor in PAGES[place].anchors, f"{page.place} links to {target}"


def test_every_page_is_in_the_table_of_contents() -> None:
    text = (ROOT / "mkdocs.yml").read_text()
    listed = list(navigation(yaml.safe_load(text[text.index("\nnav:") :])["nav"]))
    assert sorted(listed) == sorted(PAGES)
