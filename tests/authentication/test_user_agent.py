"""What is read out of a `User-Agent` header."""

from __future__ import annotations

import pytest

from gatepost.authentication.user_agent import UserAgent, parsed

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X)"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0)"
CHROME = "Chrome/126.0.0.0 Safari/537.36"


@pytest.mark.parametrize(
    ("header", "device", "browser", "system"),
    [
        (f"{WINDOWS} {WEBKIT} {CHROME}", "Desktop", "Chrome", "Windows"),
        (f"{WINDOWS} {WEBKIT} {CHROME} Edg/126.0", "Desktop", "Edge", "Windows"),
        (f"{WINDOWS} {WEBKIT} {CHROME} OPR/111.0", "Desktop", "Opera", "Windows"),
        (f"{MAC} {WEBKIT} Version/17.5 Safari/605.1.15", "Desktop", "Safari", "macOS"),
        (f"{IPHONE} {WEBKIT} Version/17.5 Safari/604.1", "Mobile", "Safari", "iOS"),
        (f"{ANDROID} {WEBKIT} {CHROME}", "Mobile", "Chrome", "Android"),
        (f"{ANDROID} {WEBKIT} {CHROME} MicroMessenger/8.0", "Mobile", "WeChat", "Android"),
        (f"{LINUX} Gecko/20100101 Firefox/128.0", "Desktop", "Firefox", "Linux"),
        ("python-requests/2.32.3", "", "python-requests", ""),
        ("axios/1.7.2", "", "axios", ""),
        ("something", "", "something", ""),
        ("", "", "", ""),
        (None, "", "", ""),
    ],
)
def test_a_header_in_three_words(
    header: str | None, device: str, browser: str, system: str
) -> None:
    assert parsed(header) == UserAgent(device=device, browser=browser, os=system)


def test_a_header_without_end_makes_no_long_answer() -> None:
    assert len(parsed("x" * 10_000).browser) == 50
