"""Tokens: Ann's is taken, Mallory's never, and no token is taken for another kind."""

from __future__ import annotations

import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey
from jwt.algorithms import RSAAlgorithm

from gatepost.credentials.tokens import (
    MAX_TOKEN_LENGTH,
    AccessClaims,
    Keyring,
    PublicKey,
    SigningKey,
    new_signing_key,
    new_token_id,
)

ISSUER = "https://id.example/oidc"
NOW = 1_800_000_000_000
SECRET = "0123456789abcdef0123456789abcdef"
OURS = SigningKey(*new_signing_key())
NEXT = SigningKey(*new_signing_key())
MALLORYS = SigningKey(*new_signing_key())
ANN = AccessClaims(
    jti="V1StGXR8_Z5jdHi6B-myT",
    sub="a" * 24,
    iat=NOW // 1000,
    exp=NOW // 1000 + 60,
    scope="openid profile",
    iss=ISSUER,
    aud="b" * 24,
    sid="c" * 24,
)
ID_CLAIMS: dict[str, Any] = {
    "sub": ANN.sub,
    "aud": ANN.aud,
    "iss": ISSUER,
    "iat": ANN.iat,
    "exp": ANN.exp,
    "sid": ANN.sid,
    "nonce": "n",
    "email": None,
}


def keyring() -> Keyring:
    return Keyring(ISSUER, OURS)


TOKEN = keyring().sign_access_token(ANN)


def taken(raw: str, now: int = NOW) -> AccessClaims | None:
    return keyring().verify_access_token(raw, now)


def forged(header: dict[str, Any], claims: Any = ANN, key: SigningKey = OURS) -> str:
    payload = claims if isinstance(claims, bytes) else msgspec.json.encode(claims)
    return jws.serialize_compact(header, payload, key.key, ["RS256", "RS512", "PS256"])


def header(**changes: Any) -> dict[str, Any]:
    return {"alg": "RS256", "typ": "JWT", "kid": OURS.kid, **changes}


def segment(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def test_anns_token_is_taken_again_and_again() -> None:
    keys = keyring()
    assert keys.verify_access_token(TOKEN, NOW) == ANN
    assert keys.verify_access_token(TOKEN, NOW) == ANN
    assert taken(forged(header())) == ANN


def test_it_ends_at_its_second_whether_seen_before_or_not() -> None:
    keys = keyring()
    last = ANN.exp * 1000 - 1
    assert taken(TOKEN, last) == ANN
    assert taken(TOKEN, last + 1) is None
    assert keys.verify_access_token(TOKEN, last) == ANN
    assert keys.verify_access_token(TOKEN, last + 1) is None
    assert keys.verify_access_token(TOKEN, last) == ANN


def test_any_verifier_can_read_it_from_the_key_set() -> None:
    key = RSAAlgorithm.from_jwk(json.dumps(keyring().jwks()["keys"][0]))
    assert isinstance(key, RSAPublicKey)
    options: Any = {"verify_exp": False, "verify_iat": False}
    claims = jwt.decode(TOKEN, key, ["RS256"], audience=ANN.aud, issuer=ISSUER, options=options)
    assert claims == msgspec.to_builtins(ANN)
    assert jwt.get_unverified_header(TOKEN) == header()


def test_the_key_set_holds_public_rsa_keys_and_the_signing_one_first() -> None:
    keys = Keyring(ISSUER, NEXT, [PublicKey(OURS.kid, OURS.public_pem()), NEXT])
    shown = keys.jwks()["keys"]
    assert [key["kid"] for key in shown] == [NEXT.kid, OURS.kid]
    for key in shown:
        assert key.keys() == {"kty", "kid", "alg", "use", "n", "e"}
        assert (key["kty"], key["alg"], key["use"], key["e"]) == ("RSA", "RS256", "sig", "AQAB")
        assert RSAKey.import_key(dict(key)).key_type == "RSA"


def test_after_a_rotation_the_old_key_checks_until_it_is_taken_away() -> None:
    keys = keyring()
    assert keys.verify_access_token(TOKEN, NOW) == ANN
    keys.replace(NEXT, [PublicKey(OURS.kid, OURS.public_pem())])
    assert keys.verify_access_token(TOKEN, NOW) == ANN
    assert jwt.get_unverified_header(keys.sign_access_token(ANN))["kid"] == NEXT.kid
    keys.replace(NEXT)
    assert keys.verify_access_token(TOKEN, NOW) is None


def test_a_public_key_cannot_sign() -> None:
    with pytest.raises(ValueError, match="private half"):
        SigningKey(OURS.kid, OURS.public_pem())


HEAD, BODY, SIGNATURE = TOKEN.split(".")
OTHERS_BODY = segment({**msgspec.to_builtins(ANN), "sub": "f" * 24})
DEEP_LIST, DEEP_OBJECT, DEEPER = segment(b"[" * 380), segment(b'{"a":' * 75), segment(b"[" * 5000)


def signed_by_public_pem() -> str:
    text = f"{segment(header(alg='HS256'))}.{BODY}"
    digest = hmac.digest(OURS.public_pem().encode(), text.encode(), "sha256")
    return f"{text}.{segment(digest)}"


NOT_OURS = {
    "empty": "",
    "dots": "..",
    "no token": "Bearer",
    "not base64": "*.*.*",
    "not ASCII": "é" + TOKEN,
    "NUL": TOKEN + "\0",
    "spaces": f" {TOKEN} ",
    "one segment": HEAD,
    "two segments": f"{HEAD}.{BODY}",
    "no signature": f"{HEAD}.{BODY}.",
    "truncated": TOKEN[:-10],
    "one more segment": f"{TOKEN}.{SIGNATURE}",
    "an empty segment more": f"{TOKEN}.",
    "five segments": f"{TOKEN}.a.b",
    "another body": f"{HEAD}.{OTHERS_BODY}.{SIGNATURE}",
    "no body": f"{HEAD}..{SIGNATURE}",
    "oversized": f"{HEAD}.{'A' * MAX_TOKEN_LENGTH}.{SIGNATURE}",
    "oversized but signed": forged(
        header(), {**msgspec.to_builtins(ANN), "x": "x" * MAX_TOKEN_LENGTH}
    ),
    "deep header": f"{DEEP_LIST}.{BODY}.{SIGNATURE}",
    "deep header object": f"{DEEP_OBJECT}.{BODY}.{SIGNATURE}",
    "deeper header": f"{DEEPER}.{BODY}.{SIGNATURE}",
    "header is a list": f"{segment([1])}.{BODY}.{SIGNATURE}",
    "header is null": f"{segment(None)}.{BODY}.{SIGNATURE}",
    "header without alg": f"{segment({'kid': OURS.kid})}.{BODY}.{SIGNATURE}",
    "alg none": f"{segment(header(alg='none'))}.{BODY}.",
    "alg None": f"{segment(header(alg='None'))}.{BODY}.{SIGNATURE}",
    "alg null": f"{segment(header(alg=None))}.{BODY}.{SIGNATURE}",
    "alg a list": f"{segment(header(alg=['RS256']))}.{BODY}.{SIGNATURE}",
    "HS256 by the public key": signed_by_public_pem(),
    "RS512": forged(header(alg="RS512")),
    "PS256": forged(header(alg="PS256")),
    "wrong key, our kid": forged(header(), key=MALLORYS),
    "wrong key, its kid": forged(header(kid=MALLORYS.kid), key=MALLORYS),
    "no kid": forged({"alg": "RS256", "typ": "JWT"}),
    "kid a number": f"{segment(header(kid=1))}.{BODY}.{SIGNATURE}",
    "kid a list": f"{segment(header(kid=[OURS.kid]))}.{BODY}.{SIGNATURE}",
    "other typ": forged(header(typ="at+jwt")),
    "no typ": forged({"alg": "RS256", "kid": OURS.kid}),
    "unknown crit": f"{segment(header(crit=['x'], x=1))}.{BODY}.{SIGNATURE}",
    "other issuer": forged(header(), {**msgspec.to_builtins(ANN), "iss": "https://evil.example"}),
    "sub a number": forged(header(), {**msgspec.to_builtins(ANN), "sub": 1}),
    "exp a text": forged(header(), {**msgspec.to_builtins(ANN), "exp": "never"}),
    "body no JSON": forged(header(), b"\xff"),
    "body a list": forged(header(), [1]),
}


@pytest.mark.parametrize("raw", NOT_OURS.values(), ids=NOT_OURS)
def test_mallorys_token_is_not_taken(raw: str) -> None:
    assert taken(raw) is None


@pytest.mark.parametrize("claim", AccessClaims.__struct_fields__)
def test_no_claim_may_be_missing(claim: str) -> None:
    claims = msgspec.to_builtins(ANN)
    del claims[claim]
    assert taken(forged(header(), claims)) is None


@given(st.text(max_size=100))
def test_any_text_is_no_token_and_no_error(raw: str) -> None:
    assert taken(raw) is None


@given(st.binary(max_size=60), st.binary(max_size=60), st.binary(max_size=60))
def test_any_three_segments_are_no_token_and_no_error(a: bytes, b: bytes, c: bytes) -> None:
    assert taken(f"{segment(a)}.{segment(b)}.{segment(c)}") is None


@given(st.integers(0, len(TOKEN) - 2), st.sampled_from("AQgw09_-"))
def test_an_altered_token_is_not_taken(at: int, put: str) -> None:
    altered = TOKEN[:at] + put + TOKEN[at + 1 :]
    assert taken(altered) == (ANN if altered == TOKEN else None)


def test_an_id_token_is_never_an_access_token_and_an_access_token_never_an_id_token() -> None:
    keys = keyring()
    assert taken(keys.sign_id_token(ID_CLAIMS, "RS256", SECRET)) is None
    assert taken(keys.sign_id_token(ID_CLAIMS, "HS256", SECRET)) is None
    for claim in ("jti", "scope"):
        assert claim in msgspec.to_builtins(ANN)
        with pytest.raises(ValueError, match="access token"):
            keys.sign_id_token({**ID_CLAIMS, claim: "openid"}, "RS256", SECRET)


def test_an_id_token_is_read_by_the_key_its_app_expects() -> None:
    keys = keyring()
    options: Any = {"verify_exp": False, "verify_iat": False}
    by_secret = keys.sign_id_token(ID_CLAIMS, "HS256", SECRET)
    read = jwt.decode(by_secret, SECRET, ["HS256"], audience=ANN.aud, options=options)
    assert read == ID_CLAIMS
    by_key = keys.sign_id_token(ID_CLAIMS, "RS256", SECRET)
    public = RSAAlgorithm.from_jwk(json.dumps(keys.jwks()["keys"][0]))
    assert isinstance(public, RSAPublicKey)
    assert jwt.decode(by_key, public, ["RS256"], audience=ANN.aud, options=options) == ID_CLAIMS
    assert jwt.get_unverified_header(by_key)["kid"] == OURS.kid


class Watched(Keyring):
    """Counts how often a signature was looked at."""

    looked = 0

    def _checked(self, raw: str) -> AccessClaims | None:
        self.looked += 1
        return super()._checked(raw)


def test_only_the_tokens_used_last_are_remembered_and_no_bad_one() -> None:
    keys = Watched(ISSUER, OURS, cached_tokens=2)
    first, second, third = (
        keys.sign_access_token(msgspec.structs.replace(ANN, jti=jti)) for jti in "abc"
    )
    for raw in (first, second, first, third, first, third):
        assert keys.verify_access_token(raw, NOW) is not None
    assert keys.looked == 3
    assert keys.verify_access_token(second, NOW) is not None
    assert keys.looked == 4
    for _ in range(2):
        assert keys.verify_access_token("bad", NOW) is None
    assert keys.looked == 6


def test_new_ids_have_the_shape_of_their_kind() -> None:
    assert len(new_token_id(secrets.token_bytes)) == 22
    assert new_token_id(bytes) == "A" * 22
    assert len(urlsafe_b64decode(OURS.kid + "=")) == 32
