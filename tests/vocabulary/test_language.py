"""Which of the four languages somebody is answered in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.vocabulary.language import Language, language_of_tag, negotiate


@pytest.mark.parametrize("language", Language)
def test_a_language_is_found_by_its_own_tag(language: Language) -> None:
    assert language_of_tag(language) is language
    assert language_of_tag(language.upper()) is language
    assert language_of_tag(f" {language.replace('-', '_')} ") is language


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en", Language.EN_US),
        ("en-GB", Language.EN_US),
        ("en-Latn-GB-oxendict", Language.EN_US),
        ("ja", Language.JA_JP),
        ("zh", Language.ZH_CN),
        ("zh-SG", Language.ZH_CN),
        ("zh-Hans", Language.ZH_CN),
        ("zh-Hans-TW", Language.ZH_CN),
        ("zh-HK", Language.ZH_TW),
        ("zh-MO", Language.ZH_TW),
        ("zh-Hant", Language.ZH_TW),
        ("zh-Hant-CN", Language.ZH_TW),
        ("zh-TW-x-private", Language.ZH_TW),
    ],
)
def test_the_script_goes_before_the_region(tag: str, language: Language) -> None:
    assert language_of_tag(tag) is language


@pytest.mark.parametrize("tag", ["", " ", "-", "*", "fr", "enm", "e", "de-en", "x-ja", "日本語"])
def test_other_languages_are_not_ours(tag: str) -> None:
    assert language_of_tag(tag) is None


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ja", Language.JA_JP),
        ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", Language.ZH_TW),
        ("en;q=0.5, ja;q=0.9", Language.JA_JP),
        ("en ; q=0.5 , ja ; Q=0.9", Language.JA_JP),
        ("ja;q=0.8, en;q=0.8", Language.JA_JP),
        ("fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5", Language.EN_US),
        ("en;q=1.000, ja;q=0.999", Language.EN_US),
        ("ja;q=0, en;q=0.001", Language.EN_US),
        (",, ,ja,", Language.JA_JP),
    ],
)
def test_the_heaviest_of_our_languages_wins(header: str, language: Language) -> None:
    assert negotiate(header) is language


@pytest.mark.parametrize("header", ["", "*", "fr, de;q=0.5", "ja;q=0", "ja;q=0.000", ";q=1", "\0"])
def test_a_header_without_our_languages_decides_nothing(header: str) -> None:
    assert negotiate(header) is None


@pytest.mark.parametrize(
    "weight", ["inf", "nan", "1e9", "2", "1.1", "-1", "0.1234", "1_0", "٠.٩", "", "high"]
)
def test_a_weight_that_is_none_counts_for_nothing(weight: str) -> None:
    assert negotiate(f"ja;q={weight}, en;q=0.1") is Language.EN_US


def test_an_endless_header_is_read_at_its_beginning_only() -> None:
    assert negotiate("ja;q=0.5," + "x" * 100_000 + ",en") is Language.JA_JP


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert negotiate(header) in {None, *Language}
