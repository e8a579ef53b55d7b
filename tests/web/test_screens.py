"""Every screen, in every language, theme and width: for everybody to read and to use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from gatepost.vocabulary.language import Language
from tests.support import tour
from tests.support.browser import ANSWER_MILLISECONDS, chromium
from tests.support.screens import faults, strange_words, too_wide
from tests.support.site import Site, site

pytestmark = pytest.mark.browser

LOOKS = {
    Language.EN_US: "plain",
    Language.ZH_CN: "yellow",
    Language.ZH_TW: "plain",
    Language.JA_JP: "navy",
}
"""The brand that people of a language see: contrast does not depend on the language."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("place")) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("language", Language)
def test_every_screen_can_be_read_and_used_by_everybody(
    place: Site, browser: Browser, language: Language
) -> None:
    wrong: dict[str, object] = {}
    seen = []
    with browser.new_context(locale=language, reduced_motion="reduce") as person:
        page = person.new_page()
        page.set_default_timeout(ANSWER_MILLISECONDS)
        for screen in tour.everything(tour.Walk(place, page, LOOKS[language])):
            page.emulate_media(color_scheme="light")
            found = {
                "light": faults(page),
                "words": strange_words(page, language),
                "wide": too_wide(page),
            }
            page.emulate_media(color_scheme="dark")
            found["dark"] = faults(page, "color-contrast")
            wrong |= {f"{screen}, {of}": what for of, what in found.items() if what}
            seen.append(screen)
    assert not wrong
    assert len(seen) == len(set(seen)) > 40


def test_the_reference_can_be_read_and_used_by_everybody(place: Site, browser: Browser) -> None:
    with browser.new_context() as person:
        page = person.new_page()
        page.goto(f"{place.url}/docs")
        assert too_wide(page) == []
        assert faults(page) == []
        page.emulate_media(color_scheme="dark")
        assert faults(page, "color-contrast") == []
