"""Times, in the words of each language, as mails say them."""

from __future__ import annotations

from datetime import UTC, datetime

from gatepost.vocabulary.language import Language

_MINUTE, _HOUR = 60, 3600
_UNITS = {
    Language.EN_US: {1: " seconds", _MINUTE: " minutes", _HOUR: " hours"},
    Language.ZH_CN: {1: " 秒", _MINUTE: " 分钟", _HOUR: " 小时"},
    Language.ZH_TW: {1: " 秒", _MINUTE: " 分鐘", _HOUR: " 小時"},
    Language.JA_JP: {1: " 秒", _MINUTE: " 分", _HOUR: " 時間"},
}
_SLACK_SECONDS = 10


def duration(seconds: int, language: Language) -> str:
    """A time left, such as "5 minutes" or "90 seconds", for `expires_in`.

    Whole units, rounded down, two of a unit at least. Up to ten seconds are forgiven,
    so that a code of five minutes that waited a moment still says five.
    """
    left = max(seconds, 0)
    for unit in (_HOUR, _MINUTE):
        if left + _SLACK_SECONDS >= 2 * unit:
            return f"{(left + _SLACK_SECONDS) // unit}{_UNITS[language][unit]}"
    words = _UNITS[language][1]
    return "1 second" if left == 1 and language is Language.EN_US else f"{left}{words}"


def moment(at: int) -> str:
    """An instant (ms) to the minute, such as "2026-05-04 13:20 UTC", for `datetime`."""
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
