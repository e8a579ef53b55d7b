"""An e-mail address in the one form that is stored, compared and mailed to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from email_validator import validate_email

from gatepost.vocabulary.refusals import EmailInvalid

ADDRESS_OCTETS = 254
"""The longest address that fits a MAIL or RCPT path (RFC 5321 section 4.5.3.1.3)."""

LOCAL_PART_OCTETS = 64
"""RFC 5321 section 4.5.3.1.1."""

_TYPED_CHARACTERS = 1024  # bounds the work on what is typed; decomposed text shrinks a little

SPECIAL_USE = frozenset(
    ("alt", "arpa", "example", "invalid", "local", "localhost", "onion", "test")
)
"""Top-level names in which nobody can own a mailbox (RFC 6761, 6762, 7686, 9476).

`example.com`, `.net` and `.org` are ordinary names and not among them.
"""

# Most addresses look like this, and email-validator would take them as they are. It needs some
# 60 µs to say so; a test holds this shortcut against it. Labels like `xn--…` go the long way.
_ATOM = r"[a-z0-9_#$&'*+\-/=?^`{|}~]+"
_LABEL = r"(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_USUAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z]{{2,63}}")

# Code points that draw nothing, beyond the categories of control, format and space: the rest of
# Unicode's Default_Ignorable_Code_Point, the Braille blank and the replacement characters.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\uffff\U000e0000-\U000e0fff]"
)

# A second dot on a letter that has one already cannot be seen (UTS #39 section 5.4).
_HIDDEN_DOT = re.compile("[ijıȷ]\u0307")

# Thai and Lao AM count as compatibility characters, yet every keyboard there types them.
_AM = {0x0E33: 0x0E32, 0x0EB3: 0x0EB2}

# Bang paths and the percent hack are source routes in other clothes, which mail servers still
# follow; encoded-words are decoded by some mail software into quite another address.
_ROUTE_OR_ENCODED_WORD = re.compile(r"[!%]|=\?.*\?=")


@dataclass(frozen=True, slots=True)
class AddressRules:
    """What a pool accepts beyond ordinary addresses.

    special_use_domains: names such as `.test`, `.local` and `localhost`.
    international: local parts beyond ASCII, which need SMTPUTF8 (RFC 6531) all the way.
    """

    special_use_domains: bool = False
    international: bool = False


ANY_ADDRESS = AddressRules(special_use_domains=True, international=True)
"""Whatever some pool may accept."""


@dataclass(frozen=True, slots=True, init=False, repr=False)
class EmailAddress:
    """An address that was checked once, when it came in; made by `parse` or `stored` only.

    Canonical: local part NFC and lower case, domain lower case as IDNA A-labels.
    `str()` gives that form; `repr()` and `masked` are fit for logs.
    """

    _canonical: str

    def __init__(self) -> None:
        raise TypeError("use EmailAddress.parse or EmailAddress.stored")

    @classmethod
    def parse(cls, typed: object, rules: AddressRules) -> EmailAddress:
        """The address that somebody typed. Spaces (U+0020) around it are dropped.

        Refuses with EmailInvalid: what is no text, or no single `local@domain` by RFC 5321 and
        6531; over 254 octets, or 64 before the `@`; quoted local parts, comments, routes (`%`
        and `!` too), IP literals, encoded-words; control, invisible and bidirectional control
        characters; special-use domains and non-ASCII local parts where the rules exclude them.
        """
        if not isinstance(typed, str) or len(typed) > _TYPED_CHARACTERS:
            raise EmailInvalid
        text = typed.strip(" ")
        canonical = as_usual(text) or checked(text, rules)
        if _ends_in_special_use(canonical) and not rules.special_use_domains:
            raise EmailInvalid
        return cls.stored(canonical)

    @classmethod
    def stored(cls, text: str) -> EmailAddress:
        """An address read back from storage, taken as it is. Never for what somebody typed."""
        address = object.__new__(cls)
        object.__setattr__(address, "_canonical", text)
        return address

    @property
    def local(self) -> str:
        """What stands before the `@`."""
        return self._canonical.rpartition("@")[0]

    @property
    def domain(self) -> str:
        """What stands after the `@`, in A-labels."""
        return self._canonical.rpartition("@")[2]

    @property
    def masked(self) -> str:
        """For logs: the first character of the local part and the domain."""
        return f"{self._canonical[:1]}•••@{self.domain}"

    @property
    def limit_key(self) -> str:
        """What limits count by: without the local part's `+tag`. Never an identity."""
        return f"{self.local.partition('+')[0] or self.local}@{self.domain}"

    def __str__(self) -> str:
        return self._canonical

    def __repr__(self) -> str:
        return f"<EmailAddress {self.masked}>"


def as_usual(text: str) -> str | None:
    """The canonical form, if it can be told at a glance; None says nothing.

    The same answer as `checked` gives, sooner. Special-use domains are the caller's to judge.
    """
    if not text.isascii():
        return None
    canonical = text.lower()
    if not _USUAL.fullmatch(canonical) or _ROUTE_OR_ENCODED_WORD.search(canonical):
        return None
    return canonical if _fits(canonical) else None


def checked(text: str, rules: AddressRules) -> str:
    """The canonical form after every check but that of `EmailAddress.parse` itself."""
    if text.count("@") != 1 or _has_unseen(text):
        raise EmailInvalid
    local, _, domain = text.partition("@")
    local = _canonical_local(local, rules)
    if _ROUTE_OR_ENCODED_WORD.search(local):
        raise EmailInvalid
    canonical = f"{local}@{_canonical_domain(local, domain, rules)}"
    if not _fits(canonical):
        raise EmailInvalid
    return canonical


def _canonical_local(typed: str, rules: AddressRules) -> str:
    if typed.isascii():
        return typed.lower()
    nfc = unicodedata.normalize("NFC", typed)
    local = unicodedata.normalize("NFC", nfc.lower())
    if not rules.international or _poses_as_ascii(typed) or _looks_like_another(local):
        raise EmailInvalid
    return local


def _canonical_domain(local: str, domain: str, rules: AddressRules) -> str:
    """Asks email-validator about the whole address, with an ordinary name for a special one.

    It refuses special-use names whatever its options say, save for `.test`.
    """
    head, dot, top = domain.rpartition(".")
    special = rules.special_use_domains and top.lower() in SPECIAL_USE
    if special and not dot and top.lower() != "localhost":
        raise EmailInvalid
    asked = f"{head}.x" if special and dot else "a.x" if special else domain
    try:
        answer = validate_email(
            f"{local}@{asked}",
            check_deliverability=False,
            allow_smtputf8=rules.international,
        )
    except ValueError as error:
        raise EmailInvalid from error
    if not special:
        return answer.ascii_domain
    return (answer.ascii_domain.removesuffix("x") if dot else "") + top.lower()


def _has_unseen(text: str) -> bool:
    if text.isascii():
        return not text.isprintable()
    return bool(_UNSEEN.search(text)) or any(unicodedata.category(c)[0] in "CZ" for c in text)


def _poses_as_ascii(typed: str) -> bool:
    """Whether a character turns into an ASCII one, as the Kelvin sign does into `k`."""
    return any(not c.isascii() and unicodedata.normalize("NFC", c).isascii() for c in typed)


def _looks_like_another(local: str) -> bool:
    """Whether it has compatibility characters (UTS #39 section 3.3) or a dot nobody can see."""
    plain = local.translate(_AM)
    return unicodedata.normalize("NFKC", plain) != plain or bool(_HIDDEN_DOT.search(local))


def _ends_in_special_use(canonical: str) -> bool:
    return re.split("[.@]", canonical)[-1] in SPECIAL_USE


def _fits(canonical: str) -> bool:
    octets = canonical.encode()
    return len(octets) <= ADDRESS_OCTETS and octets.index(b"@") <= LOCAL_PART_OCTETS
