"""A real browser without a window: Playwright drives the machine's own Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.machine import require_one

Scheme = Literal["light", "dark"]
ANSWER_MILLISECONDS = 30_000
FLAGS = [
    "--no-sandbox",  # the tests may run as root, and show it nothing but our own pages
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser of our own. Skips where there is none."""
    program = require_one("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def browser_page(**person: Any) -> Iterator[Page]:
    """A page of a browser that has never been anywhere, as `person` likes it (Playwright's
    options of a context: `locale`, `viewport`, `color_scheme`, `java_script_enabled`, …)."""
    with chromium() as browser:
        page = browser.new_context(**person).new_page()
        page.set_default_timeout(ANSWER_MILLISECONDS)
        yield page
