"""JSON Web Tokens: what a signed-in client carries (RFC 7519), and who can check it (RFC 7517).

An access token says `typ: JWT` like those of the service whose clients we serve: common
verifiers refuse RFC 9068's `at+jwt`. So the claims tell the kinds apart (RFC 8725, 3.12):
an access token always has `jti` and `scope`, an id_token never.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Literal

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from gatepost.credentials.rsa_keys import own_private_key
from gatepost.vocabulary.identifiers import Chance

MAX_TOKEN_LENGTH = 8192
CACHED_TOKENS = 10_000
"""At some 700 octets each."""

RSA_BITS = 2048
_RS256 = "RS256"
_ACCESS_ONLY = frozenset({"jti", "scope"})

IdTokenAlgorithm = Literal["RS256", "HS256"]


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token says; instants in seconds, as RFC 7519 has them."""

    jti: str
    sub: str
    iat: int
    exp: int
    scope: str
    iss: str
    aud: str
    sid: str


class PublicKey:
    """A key that tokens may still be signed with, by its id; `pem` is an RSA key."""

    def __init__(self, kid: str, pem: str) -> None:
        self.kid = kid
        self.key = RSAKey.import_key(own_private_key(pem) if "PRIVATE" in pem else pem)

    def jwk(self) -> dict[str, str]:
        """The public half, as it stands in a JWK set."""
        numbers = self.key.as_dict(private=False)
        modulus, exponent = str(numbers["n"]), str(numbers["e"])
        return {
            "kty": "RSA",
            "kid": self.kid,
            "alg": _RS256,
            "use": "sig",
            "n": modulus,
            "e": exponent,
        }


class SigningKey(PublicKey):
    """The key that signs new tokens; `pem` is its private half."""

    def __init__(self, kid: str, pem: str) -> None:
        super().__init__(kid, pem)
        if not self.key.is_private:
            raise ValueError("a signing key needs its private half")

    def public_pem(self) -> str:
        """What to keep when this key no longer signs."""
        return self.key.as_pem(private=False).decode()


class Keyring:
    """Signs tokens, and checks access tokens whose signature it made.

    Holds the signatures it has verified, never whether a session is alive. For one event loop.
    """

    def __init__(
        self,
        issuer: str,
        signing: SigningKey,
        published: Iterable[PublicKey] = (),
        cached_tokens: int = CACHED_TOKENS,
    ) -> None:
        self.issuer = issuer
        self._cached_tokens = cached_tokens
        self._verified: OrderedDict[bytes, AccessClaims] = OrderedDict()
        self._claims = msgspec.json.Decoder(AccessClaims)
        self.replace(signing, published)

    def replace(self, signing: SigningKey, published: Iterable[PublicKey] = ()) -> None:
        """Other keys from here on; what was verified with the old ones is forgotten.

        The signing key comes first in the JWK set: some clients know only that place.
        """
        self._signing = signing
        self._published: dict[str, PublicKey] = {key.kid: key for key in (signing, *published)}
        self._published[signing.kid] = signing
        self._verified.clear()

    def sign_access_token(self, claims: AccessClaims) -> str:
        """An access token, RS256."""
        return self._signed_rs256(msgspec.json.encode(claims))

    def sign_id_token(
        self, claims: Mapping[str, Any], algorithm: IdTokenAlgorithm, app_secret: str
    ) -> str:
        """An id_token; HS256 keys it with the UTF-8 of the app's secret (OIDC Core, 10.1).

        ValueError for a claim that only access tokens have.
        """
        if _ACCESS_ONLY & claims.keys():
            raise ValueError("an id_token must not look like an access token")
        payload = msgspec.json.encode(claims)
        if algorithm == _RS256:
            return self._signed_rs256(payload)
        key = OctKey.import_key(app_secret)
        return jws.serialize_compact({"alg": algorithm, "typ": "JWT"}, payload, key, [algorithm])

    def verify_access_token(self, raw: str, now: int) -> AccessClaims | None:
        """The claims of an access token of ours that has not expired; None for all else.

        `now` in milliseconds. Whether the session lives on is for the caller to see.
        """
        if len(raw) > MAX_TOKEN_LENGTH:
            return None
        known_by = sha256(raw.encode(errors="surrogatepass")).digest()
        claims = self._verified.get(known_by)
        if claims is None:
            claims = self._checked(raw)
            if claims is None or _expired(claims, now):
                return None
            self._remember(known_by, claims)
        elif _expired(claims, now):
            del self._verified[known_by]
            return None
        else:
            self._verified.move_to_end(known_by)
        return claims

    def signed_by_us(self, raw: str) -> bytes | None:
        """What a token says that one of our keys signed, of whatever kind and age; else None."""
        if len(raw) > MAX_TOKEN_LENGTH:
            return None
        try:
            return bytes(jws.deserialize_compact(raw, self._key_of, [_RS256]).payload)
        except (JoseError, ValueError):
            return None

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The JWK set: RSA keys only, the signing key first."""
        return {"keys": [key.jwk() for key in self._published.values()]}

    def _signed_rs256(self, payload: bytes) -> str:
        header = {"alg": _RS256, "typ": "JWT", "kid": self._signing.kid}
        return jws.serialize_compact(header, payload, self._signing.key, [_RS256])

    def _checked(self, raw: str) -> AccessClaims | None:
        payload = self.signed_by_us(raw)
        try:
            claims = self._claims.decode(payload) if payload is not None else None
        except (msgspec.MsgspecError, ValueError):
            return None
        return claims if claims and claims.iss == self.issuer else None

    def _key_of(self, token: Any) -> RSAKey:
        header = token.headers()
        key = self._published.get(header.get("kid"))
        if key is None or header.get("typ") != "JWT":
            raise ValueError("not a token of ours")
        return key.key

    def _remember(self, known_by: bytes, claims: AccessClaims) -> None:
        """By a digest: a token is twenty times as long, and thousands of them are kept."""
        self._verified[known_by] = claims
        if len(self._verified) > self._cached_tokens:
            self._verified.popitem(last=False)


def new_signing_key() -> tuple[str, str]:
    """A new key for signing: its id (the thumbprint of RFC 7638) and its private PEM."""
    key = RSAKey.generate_key(RSA_BITS)
    return key.thumbprint(), key.as_pem(private=True).decode()


def new_token_id(chance: Chance) -> str:
    """A new `jti`: 128 random bits in base64url."""
    return urlsafe_b64encode(chance(16)).rstrip(b"=").decode()


def half_hash(token: str) -> str:
    """What binds a token to the id_token beside it (OpenID Connect Core 1.0 section 3.1.3.6)."""
    return urlsafe_b64encode(sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()


def _expired(claims: AccessClaims, now: int) -> bool:
    return now >= claims.exp * 1000
