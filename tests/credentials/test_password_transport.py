"""Passwords that come encrypted: as sm-crypto and JSEncrypt make them, and as Mallory does."""

from __future__ import annotations

import secrets
from base64 import b64encode

import gmalg  # type: ignore[import-untyped]
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepost.credentials.password_transport import (
    PasswordEncryption,
    PasswordTransport,
    new_rsa_key,
    new_sm2_key,
)
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest

RSA, SM2, NONE = PasswordEncryption.RSA, PasswordEncryption.SM2, PasswordEncryption.NONE
FIELD = "passwordPayload.password"

# Made once by npm sm-crypto 0.5.8: generateKeyPairHex, doEncrypt(text, publicKey).
SM2_PRIVATE = "d040e1a5f9385f42a4ac41a6cfc03d4e83ec42a9d1531c25943aefea4d1c605a"
SM2_PUBLIC = (
    "04c841c9a1c42c43c0ee31a0b330f8bbcd5e30e10a19ec0720e44a4384d2633c2cf199f9b9f43818"
    "bebc17436b91df4401d862c66a866f18a1bbd9f675a933aa06"
)
FROM_SM_CRYPTO = {
    "correct horse battery staple": (
        "2d3a2ac0944018de3deb7e85490b7e5de18f1bbb444c725e08bcf262f30237e114d6e1c8e3e26cc6"
        "7e8c7ff1a2a2dc613474f9c88e72ba492061a8646d17e9aee66d8e842a4f409ab396b5d4e25b79c4"
        "632efa1a3a9e53fb19dd4c316e589d5d96991c1932aa00a3a9e82ccd28608840aacefb58d336d6b2"
        "e3cece59"
    ),
    "x": (
        "1d5df21147695a7585409ec582e9ee9194b9005ddef73be5c0c1df5093399608d901d17c3ed78ddb"
        "4afc30919f18075bb0d2fd0512ac974dd512e55294f13c6d0386c987ab42bb811d0d39206139ab0a"
        "ded3c301363a32bcee65db1f292fd8425f"
    ),
    "pässwörd密码🔑": (
        "6855e4a2c3fe4fa50ae02c0a89f0b66b207540b577744f78801f625f6111715da875621d1a0b4f22"
        "255e4601d66e1f04e82dd7ebd3d2d0a7481df82a37c648148d9edccbc2998019ae9a87f497fa7fdd"
        "e8b994303726a180f728ab815cc2a379d42f9e79caf169ad5316e3ee918f68216cbff153"
    ),
    "starts with 04": (
        "04557767f171a4acfc07813d9545b2ed70272446f41ed91a6de45fed129ccd41c441af993c86de26"
        "eb91229608f2674583404cf93ca644afce2a4ed3c4dfedea6522111a4ee95b633e9352ee56215d42"
        "4c701c8cec71246e072e7c33206c5edfb9c10454c77f789b407408b8e899"
    ),
}
CIPHER_TEXT = FROM_SM_CRYPTO["correct horse battery staple"]

DOOR = PasswordTransport(new_rsa_key(), SM2_PRIVATE, secrets.token_bytes)


def rsa_public() -> RSAPublicKey:
    key = load_pem_public_key(DOOR.rsa_public_key.encode())
    assert isinstance(key, RSAPublicKey)
    return key


def by_rsa(password: bytes) -> bytes:
    return rsa_public().encrypt(password, PKCS1v15())


def opened_rsa(octets: bytes) -> str | None:
    return DOOR.opened(RSA, b64encode(octets).decode(), FIELD)


def refused(encryption: PasswordEncryption, text: str) -> object:
    with pytest.raises(InvalidRequest) as refusal:
        DOOR.opened(encryption, text, FIELD)
    assert refusal.value.words["field"] == FIELD
    return refusal.value.words["problem"]


def test_a_plain_password_comes_as_it_is() -> None:
    assert DOOR.opened(NONE, "sm2:04", FIELD) == "sm2:04"


def test_the_public_keys_are_as_the_clients_expect_them() -> None:
    assert DOOR.rsa_public_key.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert rsa_public().key_size == 2048
    assert DOOR.sm2_public_key == SM2_PUBLIC


@pytest.mark.parametrize("password", FROM_SM_CRYPTO)
@pytest.mark.parametrize("prefix", ["", "04", "sm2:", "sm2:04"])
def test_sm_crypto_is_understood_with_and_without_prefixes(password: str, prefix: str) -> None:
    assert DOOR.opened(SM2, prefix + FROM_SM_CRYPTO[password], FIELD) == password
    assert DOOR.opened(SM2, f" {prefix}{FROM_SM_CRYPTO[password].upper()}\n", FIELD) == password


def test_a_new_sm2_key_opens_what_its_public_half_closed() -> None:
    door = PasswordTransport(new_rsa_key(), new_sm2_key(secrets.token_bytes), secrets.token_bytes)
    closed = gmalg.SM2(pk=bytes.fromhex(door.sm2_public_key)).encrypt("pässword".encode())
    assert door.opened(SM2, closed.hex(), FIELD) == "pässword"
    assert door.opened(SM2, CIPHER_TEXT, FIELD) is None


def test_the_smallest_and_the_largest_chance_make_valid_sm2_keys() -> None:
    assert new_sm2_key(bytes) == "1".rjust(64, "0")
    assert len(new_sm2_key(lambda count: b"\xff" * count)) == 64


@settings(max_examples=25, deadline=None)
@given(st.integers(0, len(CIPHER_TEXT) // 2 - 1), st.integers(1, 255))
def test_an_altered_sm2_text_is_a_wrong_password(at: int, change: int) -> None:
    altered = bytearray.fromhex(CIPHER_TEXT)
    altered[at] ^= change
    assert DOOR.opened(SM2, altered.hex(), FIELD) is None


class Untouched(PasswordTransport):
    """Fails when a point gets as far as the private key."""

    def arm(self) -> Untouched:
        self._sm2_public = b""
        self._chance = self._touched
        return self

    def _touched(self, count: int) -> bytes:
        raise AssertionError("the private key met a point off the curve")


@pytest.mark.parametrize(
    "point",
    [
        bytes(64),
        b"\xff" * 64,
        bytes(31) + b"\1" + bytes(31) + b"\1",
        bytes.fromhex(CIPHER_TEXT[:126]) + b"\0",
    ],
    ids=["zero", "beyond the field", "one and one", "next to a point"],
)
@pytest.mark.parametrize("prefix", ["", "04", "02", "00", "06"])
def test_a_point_off_the_curve_never_meets_the_private_key(point: bytes, prefix: str) -> None:
    door = Untouched(new_rsa_key(), SM2_PRIVATE, secrets.token_bytes).arm()
    assert door.opened(SM2, prefix + point.hex() + CIPHER_TEXT[128:], FIELD) is None


def test_a_coordinate_beyond_the_field_never_meets_the_private_key() -> None:
    p = 0xFFFFFFFE_FFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFF_00000000_FFFFFFFF_FFFFFFFF
    b = 0x28E9FA9E_9D9F5E34_4D5A9E4B_CF6509A7_F39789F5_15AB8F92_DDBCBD41_4D940E93
    squares = ((x, (x**3 - 3 * x + b) % p) for x in range(1, 50))
    x, square = next(pair for pair in squares if pow(pair[1], (p - 1) // 2, p) == 1)
    y = pow(square, (p + 1) // 4, p)
    beyond = (x + p).to_bytes(32) + y.to_bytes(32)
    door = Untouched(new_rsa_key(), SM2_PRIVATE, secrets.token_bytes).arm()
    assert door.opened(SM2, beyond.hex() + CIPHER_TEXT[128:], FIELD) is None
    with pytest.raises(AssertionError):
        door.opened(SM2, CIPHER_TEXT, FIELD)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.MALFORMED),
        ("sm2:", Problem.MALFORMED),
        ("plain password", Problem.NOT_HEX),
        (CIPHER_TEXT[:-1], Problem.NOT_HEX),
        ("é" + CIPHER_TEXT, Problem.NOT_HEX),
        (CIPHER_TEXT[:192], Problem.MALFORMED),
        (CIPHER_TEXT + "00" * 1024, Problem.TOO_LONG),
    ],
)
def test_what_is_no_sm2_text_at_all_is_refused(text: str, problem: Problem) -> None:
    assert refused(SM2, text) == problem


@pytest.mark.parametrize("password", ["correct horse", "", "pässwörd密码🔑", "x" * 245])
def test_rsa_as_jsencrypt_makes_it(password: str) -> None:
    assert opened_rsa(by_rsa(password.encode())) == password


def test_rsa_whose_leading_zeros_were_dropped() -> None:
    closed = next(text for _ in iter(int, 1) if (text := by_rsa(b"hunter2"))[0] == 0)
    assert opened_rsa(closed.lstrip(b"\0")) == "hunter2"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.MALFORMED),
        ("plain password", Problem.NOT_BASE64),
        ("é" * 344, Problem.NOT_BASE64),
        (b64encode(bytes(240)).decode(), Problem.MALFORMED),
        (b64encode(bytes(257)).decode(), Problem.MALFORMED),
    ],
)
def test_what_is_no_rsa_text_at_all_is_refused(text: str, problem: Problem) -> None:
    assert refused(RSA, text) == problem


@settings(max_examples=200, deadline=None)
@given(st.binary(min_size=256, max_size=256))
def test_no_padding_oracle_every_rsa_text_has_an_outcome_like_a_wrong_password(
    octets: bytes,
) -> None:
    outcome = opened_rsa(octets)
    assert outcome is None or isinstance(outcome, str)


def test_the_edges_of_the_modulus_and_bad_utf8_are_wrong_passwords() -> None:
    modulus = rsa_public().public_numbers().n
    assert opened_rsa(modulus.to_bytes(256)) is None
    assert opened_rsa(b"\xff" * 256) is None
    assert opened_rsa(by_rsa(b"\xff\xfe")) is None
    for trivial in (0, 1, modulus - 1):
        assert opened_rsa(trivial.to_bytes(256)) != "hunter2"


def test_only_an_rsa_key_is_taken_for_rsa() -> None:
    with pytest.raises(ValueError, match="PEM"):
        PasswordTransport("not a key", SM2_PRIVATE, secrets.token_bytes)
