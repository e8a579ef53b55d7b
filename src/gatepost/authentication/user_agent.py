"""What a `User-Agent` header says of a device, roughly (RFC 9110 section 10.1.5)."""

from __future__ import annotations

from gatepost.vocabulary.fields import Answer

_SYSTEMS = (
    ("iPhone", "iOS", "Mobile"),
    ("iPad", "iOS", "Mobile"),
    ("Android", "Android", "Mobile"),
    ("Windows", "Windows", "Desktop"),
    ("Mac OS X", "macOS", "Desktop"),
    ("CrOS", "ChromeOS", "Desktop"),
    ("Linux", "Linux", "Desktop"),
)
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("MicroMessenger/", "WeChat"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)


class UserAgent(Answer):
    """Device, browser and system in a word each; empty where the header does not say."""

    device: str
    browser: str
    os: str


def parsed(header: str | None) -> UserAgent:
    """The first of the known names that a header has; a program's own name, if none is known."""
    text = header or ""
    system, device = next(((os, kind) for sign, os, kind in _SYSTEMS if sign in text), ("", ""))
    browser = next((name for sign, name in _BROWSERS if sign in text), "")
    return UserAgent(device=device, browser=browser or text.partition("/")[0][:50], os=system)
