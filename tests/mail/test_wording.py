"""How long a code still lives, in words that are true."""

from __future__ import annotations

import pytest

from gatepost.mail.wording import duration, moment
from gatepost.vocabulary.language import Language


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (300, "5 minutes"),
        (299, "5 minutes"),
        (290, "5 minutes"),
        (289, "4 minutes"),
        (600, "10 minutes"),
        (120, "2 minutes"),
        (109, "109 seconds"),
        (60, "60 seconds"),
        (1, "1 second"),
        (0, "0 seconds"),
        (-5, "0 seconds"),
        (7200, "2 hours"),
        (72 * 3600, "72 hours"),
    ],
)
def test_a_time_left_in_english(seconds: int, words: str) -> None:
    assert duration(seconds, Language.EN_US) == words


def test_a_time_left_is_never_promised_more_than_ten_seconds_too_long() -> None:
    units = {"seconds": 1, "second": 1, "minutes": 60, "hours": 3600}
    for seconds in range(0, 10_000, 7):
        number, unit = duration(seconds, Language.EN_US).split()
        assert int(number) * units[unit] <= seconds + 10


def test_a_time_left_in_the_other_languages() -> None:
    assert duration(300, Language.ZH_CN) == "5 分钟"
    assert duration(300, Language.ZH_TW) == "5 分鐘"
    assert duration(300, Language.JA_JP) == "5 分"
    assert duration(90, Language.JA_JP) == "90 秒"


def test_a_moment_is_said_in_utc() -> None:
    assert moment(1_767_323_045_678) == "2026-01-02 03:04 UTC"
