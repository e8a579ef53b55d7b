"""Every mail, as a telephone shows it, in the light and in the dark."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from gatepost.mail.rendering import render, template_names
from gatepost.mail.samples import sample_variables
from gatepost.vocabulary.language import Language
from tests.support.browser import Scheme, browser_page

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 375, 1000
READABLE = 4.5  # WCAG 2.2, success criterion 1.4.3
MARGIN = 8
STEP = 7  # of the pixels that are counted; 375 is no multiple of it
SCHEMES: tuple[Scheme, Scheme] = ("light", "dark")
COLOURS = {
    "light": {
        "page": "rgb(242, 244, 246)",
        "card": "rgb(255, 255, 255)",
        "button": "rgb(11, 87, 208)",
    },
    "dark": {
        "page": "rgb(18, 21, 23)",
        "card": "rgb(29, 34, 38)",
        "button": "rgb(138, 180, 248)",
    },
}
MEASURE = """(() => {
  const behind = element => {
    const colour = element ? getComputedStyle(element).backgroundColor : 'rgb(255, 255, 255)';
    return colour === 'rgba(0, 0, 0, 0)' ? behind(element.parentElement) : colour;
  };
  const words = [...document.querySelectorAll('h1, p, a')].filter(e => !e.querySelector('a'));
  const background = name => {
    const element = document.querySelector(name);
    return element && getComputedStyle(element).backgroundColor;
  };
  return {
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
    cut: [...document.querySelectorAll('body *')]
      .filter(e => e.clientWidth && e.scrollWidth > e.clientWidth)
      .map(e => e.outerHTML),
    page: background('body'),
    card: background('.card'),
    button: background('.button'),
    words: words.map(e => ({
      text: e.innerText.trim(),
      size: parseFloat(getComputedStyle(e).fontSize),
      ink: getComputedStyle(e).color,
      paper: behind(e),
      right: e.getBoundingClientRect().right,
      high: e.getBoundingClientRect().height,
    })),
  };
})()"""
LOOK = """(async () => {
  const data = Uint8Array.from(atob(%(picture)s), c => c.charCodeAt(0));
  const picture = await createImageBitmap(new Blob([data], {type: 'image/png'}));
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const brush = canvas.getContext('2d', {willReadFrequently: true});
  brush.drawImage(picture, 0, 0);
  const { data: bytes } = brush.getImageData(0, 0, picture.width, picture.height);
  const pixels = new Uint32Array(bytes.buffer);
  const count = new Map();
  const edge = new Set();
  for (let at = 0; at < pixels.length; at += %(step)d)
    count.set(pixels[at], (count.get(pixels[at]) || 0) + 1);
  for (let at = 0; at < pixels.length; at += picture.width)
    for (let x = 0; x < %(margin)d; x += 1)
      edge.add(pixels[at + x]).add(pixels[at + picture.width - 1 - x]);
  const name = p => `rgb(${p & 255}, ${(p >> 8) & 255}, ${(p >> 16) & 255})`;
  const part = n => n * %(step)d / pixels.length;
  const share = Object.fromEntries([...count].map(([p, n]) => [name(p), part(n)]));
  return { width: picture.width, height: picture.height, edge: [...edge].map(name), share };
})()"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    viewport = {"width": WIDTH, "height": HEIGHT}
    with browser_page(viewport=viewport, is_mobile=True) as page:
        yield page


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("template", sorted(template_names()))
def test_a_mail_is_whole_and_readable_on_a_telephone(
    template: str, language: Language, page: Page
) -> None:
    variables = sample_variables(template, language)
    page.set_content(render(template, language, variables).html)

    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        seen = page.evaluate(MEASURE)
        _expect_whole(seen)
        _expect_readable(seen)
        _expect_styled(seen, scheme, any(name == "link" for name in _kinds(variables)))
        _expect_a_picture(page, seen, scheme)


@pytest.mark.parametrize("template", ["email_changed_from", "login_verify_code"])
def test_long_names_addresses_and_codes_are_broken_and_not_cut(template: str, page: Page) -> None:
    variables = sample_variables(template, Language.EN_US) | {
        "app_name": "W" * 120,
        "user_email": f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 60}.com",
        "verify_code": "4829135501",
    }
    page.set_content(render(template, Language.EN_US, variables).html)
    page.emulate_media(color_scheme="light")

    _expect_whole(page.evaluate(MEASURE))


def test_the_test_sees_what_is_cut_or_without_style(page: Page) -> None:
    page.set_content("<body class=page><table class=card><td><p>" + "W" * 120 + "</p></table>")
    page.emulate_media(color_scheme="light")
    seen = page.evaluate(MEASURE)

    with pytest.raises(AssertionError):
        _expect_whole(seen)
    with pytest.raises(AssertionError):
        _expect_styled(seen, "light", False)


def _kinds(variables: dict[str, str]) -> set[str]:
    links = {name for name in variables if name.endswith("_link") or name == "login_url"}
    return {"small_link" if name == "not_asked_link" else "link" for name in links}


def _expect_whole(seen: dict[str, Any]) -> None:
    assert seen["width"] == WIDTH
    assert not seen["cut"]
    assert len(seen["words"]) >= 4
    assert all(words["text"] and words["high"] >= 14 for words in seen["words"])
    assert all(words["right"] <= WIDTH - MARGIN for words in seen["words"])


def _expect_readable(seen: dict[str, Any]) -> None:
    for words in seen["words"]:
        assert words["size"] >= 14, words
        assert _contrast(words["ink"], words["paper"]) >= READABLE, words


def _expect_styled(seen: dict[str, Any], scheme: Scheme, has_button: bool) -> None:
    expected = COLOURS[scheme]
    assert (seen["page"], seen["card"]) == (expected["page"], expected["card"])
    assert seen["button"] == (expected["button"] if has_button else None)


def _expect_a_picture(page: Page, seen: dict[str, Any], scheme: Scheme) -> None:
    encoded = base64.b64encode(page.screenshot()).decode()
    known = {"picture": json.dumps(encoded), "margin": MARGIN, "step": STEP}
    picture = page.evaluate(LOOK % known)
    expected = COLOURS[scheme]

    assert seen["height"] == HEIGHT  # so that the picture shows the end of the mail
    assert (picture["width"], picture["height"]) == (WIDTH, HEIGHT)
    assert picture["edge"] == [expected["page"]]
    share = picture["share"]
    assert share[expected["card"]] > 0.2
    assert 0.01 < 1 - share[expected["card"]] - share[expected["page"]] < 0.4


def _contrast(ink: str, paper: str) -> float:
    """How much one colour stands out from another (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
