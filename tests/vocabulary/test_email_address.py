"""An e-mail address is checked once, at the door, and has one form from then on."""

from __future__ import annotations

import copy
import dataclasses
import sys
import unicodedata
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatepost.vocabulary.email_address import AddressRules, EmailAddress, as_usual, checked
from gatepost.vocabulary.refusals import EmailInvalid

STRICT = AddressRules()
SPECIAL = AddressRules(special_use_domains=True)
INTERNATIONAL = AddressRules(international=True)
EVERYTHING = AddressRules(special_use_domains=True, international=True)


def canonical(typed: str, rules: AddressRules = STRICT) -> str:
    return str(EmailAddress.parse(typed, rules))


def accepted(typed: str, rules: AddressRules) -> EmailAddress | None:
    try:
        return EmailAddress.parse(typed, rules)
    except EmailInvalid:
        return None


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("ann@example.org", "ann@example.org"),
        ("Ann.Smith+News@Example.ORG", "ann.smith+news@example.org"),
        ("  ann@example.com ", "ann@example.com"),
        ("o'hara_{x}=y@example.net", "o'hara_{x}=y@example.net"),
        ("ann@Bücher.example.com", "ann@xn--bcher-kva.example.com"),
        ("ann@XN--BCHER-KVA.example.com", "ann@xn--bcher-kva.example.com"),
        ("ann@ｅｘａｍｐｌｅ。org", "ann@example.org"),
        ("ann@faß.de", "ann@xn--fa-hia.de"),
        ("ann@1and1.x9.info", "ann@1and1.x9.info"),
        ("ann@contest.latest", "ann@contest.latest"),
    ],
)
def test_one_form_is_kept(typed: str, form: str) -> None:
    assert canonical(typed) == form


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"),
        ("ÉLODIE@example.org", "élodie@example.org"),
        ("e\u0301lodie@example.org", "élodie@example.org"),
        ("น้ำ@example.org", "น้ำ@example.org"),
        ("ANN@example.org", "ann@example.org"),
        ("H\u0331anna@example.org", "\u1e96anna@example.org"),
    ],
)
def test_a_pool_may_allow_international_local_parts(typed: str, form: str) -> None:
    assert canonical(typed, INTERNATIONAL) == form


def test_a_pool_refuses_them_unless_told_otherwise() -> None:
    with pytest.raises(EmailInvalid):
        canonical("élodie@example.org")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "ann",
        "ann@",
        "@example.org",
        "ann@@example.org",
        "ann@example",
        "ann@example.org.",
        "ann@.example.org",
        "ann@example..org",
        "ann@-example.org",
        "ann@ab--cd.org",
        "ann@xn--example-.org",
        "ann@xn--a.org",
        "ann@exa_mple.org",
        ".ann@example.org",
        "ann.@example.org",
        "a..n@example.org",
        "ann smith@example.org",
        '"ann"@example.org',
        '"ann smith"@example.org',
        "Ann <ann@example.org>",
        "<ann@example.org>",
        "mailto:ann@example.org",
        "ann(work)@example.org",
        "ann@example.org(work)",
        "@relay.org,@b.org:ann@example.org",
        "ann%example.net@example.org",
        "example.net!ann@example.org",
        "ann@[127.0.0.1]",
        "ann@[IPv6:::1]",
        "ann@127.0.0.1",
        "=?utf-8?q?ann?=@example.org",
        "x=?utf-8?b?YW5u?=x@example.org",
        "ann@example.org,bob@example.org",
        "ann@example.org;bob@example.org",
        "ann@example.org bob@example.org",
        "ann@example.org\n",
        "\tann@example.org",
        "ann@example.org\r\nBcc: bob@example.org",
        "ann\0@example.org",
        "ann\x7f@example.org",
        "ann＠example.org",
        "ann@example.org\u3000",
    ],
)
@pytest.mark.parametrize("rules", [STRICT, EVERYTHING])
def test_what_is_no_plain_address_is_refused(typed: str, rules: AddressRules) -> None:
    with pytest.raises(EmailInvalid):
        EmailAddress.parse(typed, rules)


@pytest.mark.parametrize("typed", [None, 1, 1.5, True, [], {}, b"ann@example.org", ["a@b.org"]])
def test_only_text_can_be_an_address(typed: Any) -> None:
    with pytest.raises(EmailInvalid):
        EmailAddress.parse(typed, EVERYTHING)


class TestUnseenCharacters:
    @pytest.mark.parametrize(
        "unseen",
        [
            "\u00ad\u034f\u061c\u115f\u1160\u17b4\u180b\u180e\u200b\u200c\u200d\u200e",
            "\u200f\u2028\u202a\u202e\u2060\u2066\u2069\u2800\u3164\ufe0f\ufeff\uffa0\ufff9\ufffc\ufffd",
            "\U000e0001\U000e0061\U000e0100\U0001d173",
            "\u0085\u00a0\u2003\u3000\ud800\udfff\ue000\uffff\U0010ffff",
        ],
    )
    def test_are_refused_wherever_they_stand(self, unseen: str) -> None:
        for character in unseen:
            for typed in ("a?nn@example.org", "ann?@example.org", "é@ex?ample.org"):
                assert accepted(typed.replace("?", character), EVERYTHING) is None, ascii(character)

    def test_are_refused_behind_punycode(self) -> None:
        assert accepted("ann@xn--ab-m1t.org", EVERYTHING) is None  # a, zero width joiner, b


class TestLookAlikes:
    @pytest.mark.parametrize(
        "typed", ["\u212aim@example.org", "\u1fefann@example.org", "é\u212a@example.org"]
    )
    def test_mallory_cannot_become_ascii_by_normalisation(self, typed: str) -> None:
        assert accepted(typed, STRICT) is None
        assert accepted(typed, INTERNATIONAL) is None

    @pytest.mark.parametrize("letter", "ａｋＫſﬁ①ℂ𝐚ª²ｶ")
    def test_compatibility_characters_are_refused(self, letter: str) -> None:
        assert accepted(f"{letter}nn@example.org", INTERNATIONAL) is None

    @pytest.mark.parametrize("typed", ["İnci@example.org", "i\u0307nci@example.org"])
    def test_a_second_dot_on_an_i_is_refused(self, typed: str) -> None:
        assert accepted(typed, INTERNATIONAL) is None

    def test_a_dotless_i_stays_another_letter(self) -> None:
        assert canonical("ılgaz@example.org", INTERNATIONAL) == "ılgaz@example.org"

    def test_no_code_point_turns_into_ascii_or_into_something_unstable(self) -> None:
        for character in map(chr, range(0x80, sys.maxunicode + 1)):
            if character.lower() == character and unicodedata.is_normalized("NFKC", character):
                continue
            if address := accepted(f"a{character}@example.org", INTERNATIONAL):
                assert not address.local.isascii(), ascii(character)
                assert EmailAddress.parse(str(address), INTERNATIONAL) == address


class TestSpecialUseDomains:
    NAMES = (
        "ann@mail.test",
        "ann@Mail.TEST",
        "ann@printer.local",
        "ann@localhost",
        "ann@a.localhost",
        "ann@mail.example",
        "ann@no.invalid",
        "ann@bücher.test",
    )

    @pytest.mark.parametrize("typed", NAMES)
    def test_need_the_consent_of_the_pool(self, typed: str) -> None:
        assert accepted(typed, STRICT) is None
        assert accepted(typed, SPECIAL) is not None

    def test_are_canonical_too(self) -> None:
        assert canonical("Ann@Bücher.TEST", SPECIAL) == "ann@xn--bcher-kva.test"
        assert canonical("Ann@LocalHost", SPECIAL) == "ann@localhost"

    @pytest.mark.parametrize("typed", ["ann@test", "ann@.test", "ann@a..test", "ann@-a.test"])
    def test_must_be_well_formed_as_well(self, typed: str) -> None:
        assert accepted(typed, SPECIAL) is None


class TestLength:
    DOMAIN = ".".join(["a" * 63] * 2 + ["b" * 57, "org"])  # 189 octets

    def test_local_parts_have_at_most_64_octets(self) -> None:
        assert accepted("a" * 64 + "@example.org", STRICT)
        assert accepted("a" * 65 + "@example.org", STRICT) is None
        assert accepted("é" * 32 + "@example.org", INTERNATIONAL)
        assert accepted("é" * 33 + "@example.org", INTERNATIONAL) is None

    def test_addresses_have_at_most_254_octets(self) -> None:
        assert len("a" * 64 + "@" + self.DOMAIN) == 254
        assert accepted("a" * 64 + "@" + self.DOMAIN, STRICT)
        assert accepted("a" * 64 + "@" + "b" + self.DOMAIN[58:], STRICT)
        assert accepted("a" * 64 + "@" + self.DOMAIN.replace("org", "info"), STRICT) is None

    def test_what_lower_case_makes_longer_is_measured_afterwards(self) -> None:
        assert len("Ⱥ".encode()) < len("Ⱥ".lower().encode())
        assert accepted("Ⱥ" * 21 + "@example.org", INTERNATIONAL)
        assert accepted("Ⱥ" * 22 + "@example.org", INTERNATIONAL) is None

    def test_a_novel_is_refused_at_once(self) -> None:
        assert accepted("a" * 10_000_000 + "@example.org", EVERYTHING) is None


class TestValue:
    ann = EmailAddress.parse("Ann+news@Example.org", STRICT)

    def test_parts(self) -> None:
        assert (self.ann.local, self.ann.domain) == ("ann+news", "example.org")

    def test_is_equal_and_hashed_by_its_form(self) -> None:
        again = EmailAddress.stored("ann+news@example.org")
        assert again == self.ann and len({again, self.ann}) == 1
        assert copy.deepcopy(self.ann) == self.ann

    def test_raw_text_cannot_pass_as_one(self) -> None:
        assert self.ann != cast(object, "ann+news@example.org")
        assert not isinstance(self.ann, str)
        with pytest.raises(TypeError):
            EmailAddress("ann@example.org")  # type: ignore[call-arg]
        with pytest.raises(TypeError):
            EmailAddress()

    def test_cannot_be_changed(self) -> None:
        with pytest.raises(dataclasses.FrozenInstanceError):
            self.ann._canonical = "mallory@example.org"  # type: ignore[misc]
        assert not hasattr(self.ann, "__dict__")

    def test_storage_is_believed(self) -> None:
        assert str(EmailAddress.stored("kept as it is")) == "kept as it is"

    def test_logs_see_the_first_character_only(self) -> None:
        assert self.ann.masked == "a•••@example.org"
        assert "nn" not in repr(self.ann) and "nn" not in f"{[self.ann]}"
        assert EmailAddress.stored("b@example.org").masked == "b•••@example.org"

    @pytest.mark.parametrize(
        ("typed", "key"),
        [
            ("ann+news@example.org", "ann@example.org"),
            ("ann+a+b@example.org", "ann@example.org"),
            ("a.nn@example.org", "a.nn@example.org"),
            ("+news@example.org", "+news@example.org"),
        ],
    )
    def test_limits_do_not_count_tags(self, typed: str, key: str) -> None:
        assert EmailAddress.parse(typed, STRICT).limit_key == key


LABEL = st.from_regex(r"\A[A-Za-z0-9-]{1,64}\Z") | st.sampled_from(
    ["example", "org", "TEST", "localhost", "xn--bcher-kva", "bücher", "ab--cd", "a-", "9"]
)
DOMAIN = st.lists(LABEL, min_size=1, max_size=4).map(".".join)
ASCII_LOCAL = st.from_regex(r"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,66}\Z")
WRITTEN = st.text(st.characters(categories=["L", "M", "Nd"]), min_size=1, max_size=12)
SOUND = st.builds(
    lambda local, domain: f"{local}@{domain}",
    WRITTEN | st.from_regex(r"\A[A-Za-z0-9_#$&'*+/=?^`{|}~-]{1,8}(\.[A-Za-z0-9=?+-]{1,8})?\Z"),
    st.from_regex(r"\A([A-Za-z0-9]{1,9}\.){1,3}[A-Za-z]{2,4}\Z")
    | st.sampled_from(["bücher.org", "例子.广告", "a.test", "LOCALHOST", "xn--bcher-kva.org"]),
)
ODD = st.builds(
    lambda local, domain: f"{local}@{domain}",
    ASCII_LOCAL | st.text(max_size=12),
    DOMAIN | st.text(max_size=12),
)
RULES = st.builds(AddressRules, st.booleans(), st.booleans())


@given(SOUND | ODD, RULES)
@example("ΝΊΚΟΣ@ΝΊΚΟΣ.com", INTERNATIONAL)
@example("J\u030c@example.org", INTERNATIONAL)
def test_a_canonical_address_is_its_own_canonical_form(typed: str, rules: AddressRules) -> None:
    if address := accepted(typed, rules):
        assert EmailAddress.parse(str(address), rules) == address


@given(SOUND | ODD)
def test_a_non_ascii_local_part_never_becomes_ascii(typed: str) -> None:
    if address := accepted(typed, EVERYTHING):
        assert address.local.isascii() == typed.partition("@")[0].isascii()
        assert address.domain.isascii()


@given(SOUND | ODD)
@example("a@b.cd")
@example("ann@mail.localhost")
@example("=?a?=@example.org")
@example("a" * 64 + "@" + ".".join(["a" * 63] * 2 + ["b" * 57, "org"]))
def test_the_shortcut_says_what_the_long_way_says(typed: str) -> None:
    if usual := as_usual(typed):
        assert checked(typed, SPECIAL) == usual
        if accepted(typed, STRICT):
            assert checked(typed, STRICT) == usual


def test_the_shortcut_is_taken_by_usual_addresses() -> None:
    assert as_usual("Ann.Smith+News@Mail.Example.org") == "ann.smith+news@mail.example.org"


@given(st.text(), RULES)
def test_whatever_is_typed_is_an_address_or_refused(typed: str, rules: AddressRules) -> None:
    accepted(typed, rules)
