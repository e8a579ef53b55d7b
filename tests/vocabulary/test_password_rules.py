"""What a new password must be."""

from __future__ import annotations

import pytest

from gatepost.vocabulary.password_rules import check_new_password
from gatepost.vocabulary.refusals import PasswordTooWeak


@pytest.mark.parametrize(
    ("password", "level"),
    [
        ("xk4-bird", 1),
        ("elevenchars", 1),
        ("twelve chars", 2),
        ("fifteen letters", 2),
        ("sixteen letters!", 3),
        ("correct horse battery staple", 3),
        ("пароль-совы", 1),
        ("鹰在山上飞过大海", 1),
    ],
)
def test_a_password_is_as_strong_as_it_is_long(password: str, level: int) -> None:
    assert check_new_password(password, "ann", "ann@example.com") == level


@pytest.mark.parametrize(
    "password",
    [
        "",
        "seven77",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "AbaBABab",
        "password",
        "PassWord1",
        "12345678",
        "woaini1314",
        "e\u0301" * 4 + "abc",  # seven characters, however many code points were typed
    ],
)
def test_too_short_too_plain_and_among_the_first_guesses(password: str) -> None:
    with pytest.raises(PasswordTooWeak):
        check_new_password(password)


@pytest.mark.parametrize(
    "password",
    ["Annabel.Lee", "ANNABEL.LEE", "raven.poe", "RAVEN.poe", "Raven.Poe@example.com"],
)
def test_the_own_name_and_address_are_no_secret(password: str) -> None:
    assert check_new_password(password) >= 1
    with pytest.raises(PasswordTooWeak):
        check_new_password(password, "annabel.lee", "raven.poe@example.com", None)


def test_a_longer_password_may_contain_the_name() -> None:
    assert check_new_password("annabel.lee by the sea", "annabel.lee", None) == 3


def test_no_rules_of_composition() -> None:
    assert check_new_password("onlyletters") == 1
    assert check_new_password("a b c d e f g h") == 2
