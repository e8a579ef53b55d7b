"""Pictures of every screen, for somebody to look at: `python -m tests.support.pictures FOLDER`.

One for each screen, width and theme, as `login-360-dark.png`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

from playwright.sync_api import Browser, Page

from tests.support import tour
from tests.support.browser import Scheme, chromium
from tests.support.screens import HEIGHT
from tests.support.site import Site, site

WIDTHS = (360, 768, 1280)
LANGUAGE = "en-US"
REFERENCE = "docs"
"""The one page that is too long for a picture of all of it."""


def main(folder: Path, language: str = LANGUAGE) -> None:
    """Take them all."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as data, site(Path(data)) as place, chromium() as browser:
        count = sum(_taken(page, folder, name) for page, name in _shown(place, browser, language))
    print(f"{count} pictures are in {folder}.")


def _shown(place: Site, browser: Browser, language: str) -> Iterator[tuple[Page, str]]:
    with browser.new_context(locale=language, reduced_motion="reduce") as person:
        page = person.new_page()
        for name in tour.everything(tour.Walk(place, page)):
            yield page, name
        page.goto(f"{place.url}/docs")
        yield page, REFERENCE


def _taken(page: Page, folder: Path, name: str) -> int:
    themes = get_args(Scheme)
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            path = folder / f"{name}-{width}-{theme}.png"
            page.screenshot(path=path, full_page=name != REFERENCE)
    return len(themes) * len(WIDTHS)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
