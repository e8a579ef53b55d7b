"""The words are complete: every refusal and problem, in every language, alike."""

from __future__ import annotations

import inspect
from collections import Counter

import pytest

from gatepost.messages import catalogue, filled, placeholders, refusal_words, words
from gatepost.storage.links import LinkPurpose
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    EmailTaken,
    InvalidRequest,
    Refusal,
    TooManyRequests,
    all_refusals,
)

ENGLISH = catalogue(Language.EN_US)
EASTERN = (Language.ZH_CN, Language.ZH_TW, Language.JA_JP)
PARTS = ("title", "text", "button", "done_title", "done")


def passed_words(refusal: type[Refusal]) -> set[str]:
    parameters = list(inspect.signature(refusal.__init__).parameters.values())[1:]
    return {p.name for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD}


@pytest.mark.parametrize("language", Language)
class TestCatalogue:
    def test_has_every_refusal_and_no_other(self, language: Language) -> None:
        assert set(catalogue(language)["refusals"]) == {r.__name__ for r in all_refusals()}

    def test_has_every_problem_and_no_other(self, language: Language) -> None:
        assert set(catalogue(language)["problems"]) == set(Problem)

    def test_has_the_keys_of_every_section(self, language: Language) -> None:
        keys = {section: set(entries) for section, entries in catalogue(language).items()}
        assert keys == {section: set(entries) for section, entries in ENGLISH.items()}

    def test_has_the_same_placeholders(self, language: Language) -> None:
        for section, entries in catalogue(language).items():
            for key, sentence in entries.items():
                assert placeholders(sentence) == placeholders(ENGLISH[section][key]), key

    def test_has_no_empty_words_and_no_stray_braces(self, language: Language) -> None:
        for entries in catalogue(language).values():
            for sentence in entries.values():
                bare = filled(sentence, dict.fromkeys(placeholders(sentence), ""))
                assert bare.strip() and not set("{}") & set(bare), sentence

    def test_asks_only_for_what_a_refusal_passes(self, language: Language) -> None:
        for refusal in all_refusals():
            sentence = catalogue(language)["refusals"][refusal.__name__]
            assert placeholders(sentence) <= passed_words(refusal), refusal

    def test_says_every_problem_of_a_field(self, language: Language) -> None:
        for problem in Problem:
            said = refusal_words(language, InvalidRequest("passCode", problem))
            assert "passCode" in said
            assert catalogue(language)["problems"][problem] in said


def test_japanese_has_one_word_for_signing_in_and_one_for_signing_out() -> None:
    for entries in catalogue(Language.JA_JP).values():
        for sentence in entries.values():
            assert "サインイン" not in sentence and "サインアウト" not in sentence


PAGE_PLACES = {"email", "app_name"}
"""What the pages behind links know to fill in."""


@pytest.mark.parametrize("language", Language)
class TestWordsOfPages:
    def test_ask_only_for_what_a_page_knows(self, language: Language) -> None:
        for key, sentence in catalogue(language)["pages"].items():
            assert placeholders(sentence) <= PAGE_PLACES, key

    def test_every_link_has_a_title_a_button_and_an_outcome(self, language: Language) -> None:
        keys = {purpose.replace("-", "_") for purpose in LinkPurpose}
        needed = {f"{key}_{part}" for key in keys for part in PARTS}
        assert needed <= set(catalogue(language)["pages"])

    def test_name_the_app_and_the_address(self, language: Language) -> None:
        for key in LinkPurpose:
            sentence = catalogue(language)["pages"][f"{key.replace('-', '_')}_text"]
            assert placeholders(sentence) == PAGE_PLACES, key


def test_pages_say_everything_in_the_readers_own_language() -> None:
    for key in ENGLISH["pages"]:
        said = {catalogue(language)["pages"][key] for language in Language}
        assert ENGLISH["pages"][key] not in {catalogue(lang)["pages"][key] for lang in EASTERN}, key
        assert len(said) >= 3, key  # a short word may be the same in two of them


def test_every_api_code_is_unique() -> None:
    codes = Counter(r.api_code for r in all_refusals() if r.api_code is not None)
    assert [code for code, uses in codes.items() if uses > 1] == []


def test_success_is_said_in_the_words_that_clients_know() -> None:
    assert words(Language.EN_US, "success") == "Operation successful"


def test_a_problem_reads_as_a_sentence() -> None:
    refusal = InvalidRequest("email", Problem.NOT_TEXT)
    assert refusal_words(Language.EN_US, refusal) == "email must be a string."
    assert refusal_words(Language.ZH_CN, refusal) == "参数 email 必须是字符串。"


def test_seconds_to_wait_are_told() -> None:
    assert "42" in refusal_words(Language.JA_JP, TooManyRequests(retry_after=42))


def test_each_language_has_its_own_words() -> None:
    assert len({refusal_words(language, EmailTaken()) for language in Language}) == len(Language)


@pytest.mark.parametrize(
    "typed",
    ["{problem}", "{field.__class__}", "{0}", "{", "}}", "%s", "\\1", "{field!r:>9999999}"],
)
def test_mallory_cannot_break_or_inspect_a_message(typed: str) -> None:
    said = refusal_words(Language.EN_US, InvalidRequest(typed, Problem.EMPTY))
    assert said == f"{typed} must not be empty."
