"""The languages Gatepost speaks, as BCP 47 tags."""

from __future__ import annotations

import re
from enum import StrEnum


class Language(StrEnum):
    """One of the four languages that every message and mail exists in."""

    EN_US = "en-US"
    ZH_CN = "zh-CN"
    ZH_TW = "zh-TW"
    JA_JP = "ja-JP"


_BY_TAG = {
    "en": Language.EN_US,
    "ja": Language.JA_JP,
    "zh": Language.ZH_CN,
    "zh-cn": Language.ZH_CN,
    "zh-sg": Language.ZH_CN,
    "zh-hans": Language.ZH_CN,
    "zh-tw": Language.ZH_TW,
    "zh-hk": Language.ZH_TW,
    "zh-mo": Language.ZH_TW,
    "zh-hant": Language.ZH_TW,
}

_WEIGHT = re.compile(r"[qQ][ \t]*=[ \t]*(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


def language_of_tag(tag: str) -> Language | None:
    """The language that a BCP 47 tag asks for; None where we do not speak it.

    Looks the tag up from its longest known prefix, as RFC 4647 section 3.4 says.
    """
    subtags = tag.strip().lower().replace("_", "-").split("-")
    for length in range(min(len(subtags), 3), 0, -1):
        if found := _BY_TAG.get("-".join(subtags[:length])):
            return found
    return None


def negotiate(accept_language: str) -> Language | None:
    """The best of our languages for an `Accept-Language` header (RFC 9110 section 12.5.4).

    None where the header names none of ours or cannot be read.
    """
    ranges = []
    for position, part in enumerate(accept_language[:1000].split(",")):
        tag, _, parameter = part.partition(";")
        quality = _quality(parameter)
        language = language_of_tag(tag)
        if language and quality > 0:
            ranges.append((-quality, position, language))
    return min(ranges)[2] if ranges else None


def _quality(parameter: str) -> float:
    """The weight of one range; 1 without a parameter, 0 for what is no weight."""
    if not parameter.strip():
        return 1.0
    weight = _WEIGHT.fullmatch(parameter.strip())
    return float(weight[1]) if weight else 0.0
