"""An app's colour on the pages, made readable (WCAG 2.2, success criteria 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from collections.abc import Callable
from colorsys import hls_to_rgb, rgb_to_hls

from gatepost.api.http import Reply
from gatepost.vocabulary.fields import Query
from gatepost.vocabulary.refusals import PathUnknown

Rgb = tuple[int, int, int]

READABLE = 4.5
LIGHT_CARD: Rgb = (255, 255, 255)
LIGHT_GROUND: Rgb = (242, 244, 246)
DARK_CARD: Rgb = (29, 34, 38)
DARK_INK: Rgb = (11, 18, 28)
_STEPS = 50


class BrandQuery(Query):
    """A colour as six hexadecimal digits."""

    c: str = ""


async def brand_style(query: BrandQuery) -> Reply:
    """The stylesheet that gives the pages an app's colour. Refuses: PathUnknown."""
    if not re.fullmatch("[0-9a-f]{6}", query.c):
        raise PathUnknown
    return Reply(
        brand_css(query.c).encode(),
        content_type="text/css; charset=utf-8",
        headers=(("cache-control", "public, max-age=31536000, immutable"),),
    )


def brand_css(digits: str) -> str:
    """The accent of both themes: the colour itself, or its nearest shade that can be read."""
    colour: Rgb = (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))
    light = _until_readable(colour, _darker, LIGHT_GROUND)
    dark = _until_readable(colour, _lighter, DARK_CARD)
    return (
        f":root {{ --accent: {_hex(light)}; --on-accent: {_hex(LIGHT_CARD)}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --accent: {_hex(dark)}; --on-accent: {_hex(DARK_INK)}; }}\n"
        "}\n"
    )


def contrast(one: Rgb, other: Rgb) -> float:
    """How much one colour stands out from another (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _until_readable(colour: Rgb, shade: Callable[[Rgb, float], Rgb], ground: Rgb) -> Rgb:
    """A shade of a colour, just far enough from it to stand out from the ground."""
    shades = (shade(colour, step / _STEPS) for step in range(_STEPS + 1))
    return next(each for each in shades if contrast(each, ground) >= READABLE)


def _darker(colour: Rgb, share: float) -> Rgb:
    """A colour with so much black in it."""
    red, green, blue = (round(part * (1 - share)) for part in colour)
    return red, green, blue


def _lighter(colour: Rgb, share: float) -> Rgb:
    """A colour so much closer to white, as colourful as before.

    With white in it a dark one would turn grey, and its buttons would look disabled.
    """
    hue, lightness, saturation = rgb_to_hls(*(part / 255 for part in colour))
    parts = hls_to_rgb(hue, lightness + (1 - lightness) * share, saturation)
    red, green, blue = (round(part * 255) for part in parts)
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
