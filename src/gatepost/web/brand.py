"""An app's colour on the pages, made readable (WCAG 2.2, success criteria 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re

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
    light = _until_readable(colour, (0, 0, 0), LIGHT_GROUND)
    dark = _until_readable(colour, (255, 255, 255), DARK_CARD)
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


def _until_readable(colour: Rgb, towards: Rgb, ground: Rgb) -> Rgb:
    """A colour, mixed with another just far enough to stand out from the ground."""
    for step in range(_STEPS + 1):
        mixed = _mixed(colour, towards, step / _STEPS)
        if contrast(mixed, ground) >= READABLE:
            return mixed
    return towards


def _mixed(colour: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
