"""What holds of the digits of every code."""

from __future__ import annotations

from collections import Counter

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from gatepost.credentials.codes import digits_of
from gatepost.vocabulary.verification_code import VerificationCode
from tests.support.code_bench import KEYS

LENGTHS = st.integers(min_value=4, max_value=10)
NONCES = st.binary(min_size=16, max_size=16).map(bytes.hex)
BELONGINGS = ("user_pool_id", "channel", "email", "subject", "nonce")
TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
SAMPLE = 20_000


def code(digits: int, **parts: str) -> VerificationCode:
    words = dict.fromkeys(BELONGINGS, "") | parts
    return VerificationCode(
        id="id", key_id="first", digits=digits, tries=0, first_made_at=0, expires_at=0, **words
    )


@given(LENGTHS, NONCES)
def test_a_code_has_its_length_in_plain_digits(digits: int, nonce: str) -> None:
    text = digits_of(KEYS, code(digits, nonce=nonce))
    assert len(text) == digits
    assert text.isascii() and text.isdigit()


@given(LENGTHS, NONCES)
def test_a_code_can_be_derived_again(digits: int, nonce: str) -> None:
    one = code(digits, nonce=nonce)
    later = msgspec.structs.replace(one, id="other", tries=3, expires_at=9)
    assert digits_of(KEYS, one) == digits_of(KEYS, later)


@given(st.tuples(*[TEXTS] * 5), st.tuples(*[TEXTS] * 5))
def test_codes_that_belong_elsewhere_are_others(
    one: tuple[str, ...], other: tuple[str, ...]
) -> None:
    assume(one != other)
    first, second = (
        digits_of(KEYS, code(10, **dict(zip(BELONGINGS, words, strict=True))))
        for words in (one, other)
    )
    assert first != second


@given(st.tuples(*[TEXTS] * 5), st.integers(0, 3))
def test_parts_do_not_run_into_each_other(parts: tuple[str, ...], at: int) -> None:
    words = dict(zip(BELONGINGS, parts, strict=True))
    left, right = BELONGINGS[at : at + 2]
    moved = words | {left: words[left] + words[right], right: ""}
    assume(moved != words)
    assert digits_of(KEYS, code(10, **words)) != digits_of(KEYS, code(10, **moved))


def test_every_digit_is_as_likely_at_every_place() -> None:
    texts = [digits_of(KEYS, code(6, nonce=f"{n:032x}")) for n in range(SAMPLE)]
    expected = SAMPLE / 10
    for place in range(6):
        counts = Counter(text[place] for text in texts)
        chi_squared = sum((counts[digit] - expected) ** 2 / expected for digit in "0123456789")
        # 9 degrees of freedom: beyond 33.7 once in 10,000 times. The sample is always the same.
        assert chi_squared < 33.7
