"""An app's colour on the pages: its own, made readable."""

from __future__ import annotations

import re
from colorsys import rgb_to_hls

import pytest

from gatepost.web.brand import DARK_CARD, LIGHT_CARD, READABLE, brand_css, contrast
from tests.support.world import World


def colours(css: str) -> list[tuple[int, int, int]]:
    found = re.findall(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", css)
    return [(int(r, 16), int(g, 16), int(b, 16)) for r, g, b in found]


@pytest.mark.parametrize("digits", ["000000", "ffffff", "ffe600", "0b5fae", "ff0000", "808080"])
def test_every_colour_can_be_read_on_its_ground_and_under_its_words(digits: str) -> None:
    accent, on_accent, dark_accent, on_dark_accent = colours(brand_css(digits))
    assert contrast(accent, LIGHT_CARD) >= READABLE
    assert contrast(accent, on_accent) >= READABLE
    assert contrast(dark_accent, DARK_CARD) >= READABLE
    assert contrast(dark_accent, on_dark_accent) >= READABLE


def test_a_dark_colour_stays_as_colourful_where_the_page_is_dark() -> None:
    _, _, navy, _ = colours(brand_css("0a1a4a"))
    assert saturation(navy) == pytest.approx(saturation((10, 26, 74)), abs=0.02)
    assert navy[2] > 2 * navy[0]


def saturation(colour: tuple[int, int, int]) -> float:
    """How colourful a colour is, from 0 to 1."""
    red, green, blue = (part / 255 for part in colour)
    return rgb_to_hls(red, green, blue)[2]


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert "--accent: #0b5fae" in brand_css("0b5fae")


async def test_only_colours_have_a_stylesheet(world: World) -> None:
    assert (await world.http.get("/assets/brand.css?c=0b5fae")).status_code == 200
    for typed in ("", "0B5FAE", "0b5fa", "}body{", "0b5fae0"):
        answer = await world.http.get("/assets/brand.css", params={"c": typed})
        assert answer.status_code == 404, typed
