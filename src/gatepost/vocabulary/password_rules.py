"""What a new password must be (NIST SP 800-63B-4 section 3.1.1.2)."""

from __future__ import annotations

import unicodedata

from gatepost.vocabulary.refusals import PasswordTooWeak

SHORTEST = 8
"""Characters. No rules of composition: they make passwords worse."""

LONGEST_LOOKED_AT = 1024

# fmt: off
_GUESSED_FIRST = frozenset({
    "12345678", "123456789", "1234567890", "11111111", "00000000", "87654321", "66666666",
    "88888888", "12341234", "11223344", "password", "password1", "password123", "passw0rd",
    "qwertyui", "qwerty123", "qwertyuiop", "asdfghjk", "asdfghjkl", "1q2w3e4r", "1q2w3e4r5t",
    "1qaz2wsx", "zaq12wsx", "iloveyou", "abcd1234", "abcdefgh", "abc12345", "a1234567",
    "aa123456", "admin123", "administrator", "welcome1", "welcome123", "sunshine", "princess",
    "football", "baseball", "superman", "letmein1", "trustno1", "changeme", "computer",
    "internet", "whatever", "woaini1314", "5201314520",
})
# fmt: on


def check_new_password(password: str, *identifiers: str | None) -> int:
    """How strong a new password is: 1 (enough), 2 (good) or 3 (strong).

    Refuses: PasswordTooWeak where it is too short, among the first guesses, made of one or two
    characters, or the account's own name or address.
    """
    # Cut off before NFC, which takes the square of a run of combining marks.
    folded = unicodedata.normalize("NFC", password[:LONGEST_LOOKED_AT]).casefold()
    known = {part for name in identifiers if name for part in (name.casefold(), _local(name))}
    if len(folded) < SHORTEST or len(set(folded)) < 3:
        raise PasswordTooWeak
    if folded in _GUESSED_FIRST or folded in known:
        raise PasswordTooWeak
    return 1 + (len(folded) >= 12) + (len(folded) >= 16)


def _local(name: str) -> str:
    return name.partition("@")[0].casefold()
