"""Server keys: what the owner writes down, what comes of a slip, what a thief gets."""

from __future__ import annotations

import secrets
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepost.server_keys import SealBroken, ServerKeys, UnknownServerKey, generate

KEY = bytes(range(32))
OTHER = bytes(range(32, 64))
PARTS = st.lists(st.binary(max_size=12), max_size=4)


def written(key_id: str, key: bytes) -> str:
    return f"{key_id}:{b64encode(key).decode()}"


def keys(*entries: str) -> ServerKeys:
    return ServerKeys.parse("\n".join(entries), secrets.token_bytes)


ONE = keys(written("one", KEY))


def test_the_first_of_several_keys_makes_and_all_check() -> None:
    before = keys(written("old", KEY))
    after = keys(written("new", OTHER), written("old", KEY))
    assert after.ids == ("new", "old")
    assert after.first_id == "new"
    assert after.mac("old", "codes", "x") == before.mac("old", "codes", "x")
    assert after.open("outbox", before.seal("outbox", b"123456")) == b"123456"
    assert after.sealed_with(after.seal("outbox", b"")) == "new"


def test_a_file_may_use_lines_and_a_setting_commas() -> None:
    text = f" {written('a', KEY)} ,\r\n\n{written('b', OTHER)}\n"
    assert ServerKeys.parse(text, secrets.token_bytes).ids == ("a", "b")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "none given"),
        (" ,\n", "none given"),
        (b64encode(KEY).decode(), "entry 1 must begin with an id"),
        (f":{b64encode(KEY).decode()}", "entry 1 must begin with an id"),
        (written("x" * 33, KEY), "entry 1 must begin with an id"),
        (written("a.b", KEY), "entry 1 must begin with an id"),
        ("a:*" + b64encode(KEY).decode(), "entry 1 is not base64"),
        ("a:" + b64encode(KEY).decode().rstrip("="), "entry 1 is not base64"),
        ("a:" + b64encode(KEY).decode().replace("A", "é"), "entry 1 is not base64"),
        (written("a", KEY[:-1]), "entry 1 is not 32 bytes"),
        (written("a", KEY + b"x"), "entry 1 is not 32 bytes"),
        (written("a", KEY) + "," + written("a", OTHER), "entry 2 repeats the id"),
    ],
)
def test_a_slip_is_said_in_one_line_without_the_key(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint) as slip:
        ServerKeys.parse(text, secrets.token_bytes)
    assert "\n" not in str(slip.value)
    assert b64encode(KEY).decode()[:8] not in str(slip.value)
    assert slip.value.__cause__ is None


def test_a_new_key_is_ready_to_be_written_down() -> None:
    first, second = generate(secrets.token_bytes), generate(secrets.token_bytes)
    assert len(keys(first, second).ids) == 2
    assert generate(bytes) == "00000000:" + b64encode(bytes(32)).decode()


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(UnknownServerKey, match="gone"):
        ONE.mac("gone", "codes", "x")
    with pytest.raises(UnknownServerKey, match="gone"):
        ONE.open("outbox", "gone.AAAA")
    with pytest.raises(UnknownServerKey, match="gone"):
        ONE.fingerprint("gone")
    assert ONE.sealed_with("gone.AAAA") == "gone"


@given(PARTS, PARTS)
def test_two_lists_of_parts_agree_only_when_they_are_the_same(
    left: list[bytes], right: list[bytes]
) -> None:
    same = ONE.mac("one", "codes", *left) == ONE.mac("one", "codes", *right)
    assert same == (left == right)


def test_a_digest_for_one_purpose_or_key_is_worth_nothing_for_another() -> None:
    two = keys(written("one", KEY), written("two", OTHER))
    assert two.mac("one", "codes", "x") != two.mac("one", "audit", "x")
    assert two.mac("one", "codes", "x") != two.mac("two", "codes", "x")
    assert two.mac("one", b"codes", "é") == two.mac("one", "codes", "é".encode())
    assert two.mac("one", "codes") != two.mac("one", "codes", "")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_is_sealed_comes_back(plaintext: bytes, purpose: str) -> None:
    sealed = ONE.seal(purpose, plaintext)
    assert ONE.open(purpose, sealed) == plaintext
    assert sealed != ONE.seal(purpose, plaintext)


@given(st.data())
def test_mallory_cannot_alter_what_is_sealed(data: st.DataObject) -> None:
    sealed = ONE.seal("outbox", b"the code is 123456")
    at = data.draw(st.integers(len("one."), len(sealed) - 1))
    put = data.draw(st.sampled_from("AQgw-_.*é"))
    forged = sealed[:at] + put + sealed[at + 1 :]
    try:
        assert ONE.open("outbox", forged) == b"the code is 123456"
        assert forged == sealed or at == len(sealed) - 1
    except SealBroken:
        assert forged != sealed


@pytest.mark.parametrize("forged", ["one", "one.", "one.A", "one.AAAA", "one." + "A" * 40])
def test_what_was_never_sealed_does_not_open(forged: str) -> None:
    with pytest.raises(SealBroken):
        ONE.open("outbox", forged)


def test_a_seal_opens_for_its_own_purpose_and_key_only() -> None:
    sealed = ONE.seal("outbox", b"secret")
    with pytest.raises(SealBroken):
        ONE.open("signing keys", sealed)
    impostor = keys(written("one", OTHER))
    with pytest.raises(SealBroken):
        impostor.open("outbox", sealed)


def test_a_fingerprint_tells_keys_apart_and_the_id_does_not_matter() -> None:
    two = keys(written("a", KEY), written("b", OTHER))
    assert two.fingerprint("a") == ONE.fingerprint("one")
    assert two.fingerprint("a") != two.fingerprint("b")
    assert len(two.fingerprint("a")) == 16


def test_keys_do_not_show_in_a_log() -> None:
    shown = repr(ONE) + str(ONE)
    assert "one" in shown
    assert b64encode(KEY).decode() not in shown
    assert repr(KEY) not in shown
