"""Tokens that are believed by their signature, as the server makes them."""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from typing import Any

import genauth  # type: ignore[import-untyped]
import pytest

from client.tests.conftest import APP_ID, Connect
from client.tests.scripted import ScriptedServer, told
from gatepost.credentials.password_transport import new_rsa_key
from gatepost.credentials.tokens import AccessClaims, Keyring, SigningKey
from gatepost_client import Refusal, TokenNotBelieved


def keyring(kid: str = "first") -> Keyring:
    return Keyring("https://id.example/oidc", SigningKey(kid, new_rsa_key()))


RING = keyring()


def token(ring: Keyring = RING, aud: str = APP_ID, life: int = 60) -> str:
    now = int(time.time())
    claims = {"iss": ring.issuer, "sub": "u", "aud": aud, "sid": "s", "iat": now, "exp": now + life}
    return ring.sign_access_token(AccessClaims(jti="j", scope="openid", **claims))  # type: ignore[arg-type]


def test_it_says_what_the_official_client_says(client: Any, server: ScriptedServer) -> None:
    server.then(told(**RING.jwks()))
    raw = token()
    claims = client.introspect_token_offline(raw)
    official = genauth.AuthenticationClient(APP_ID, server.url)
    assert official.introspect_token_offline(raw, RING.jwks()) == dict(claims.raw)
    assert (claims.sub, claims["aud"], claims.scope) == ("u", APP_ID, "openid")
    assert [(seen.method, seen.path) for seen in server.seen] == [
        ("GET", "/oidc/.well-known/jwks.json")
    ]


def test_keys_that_are_handed_in_are_not_asked_for(client: Any, server: ScriptedServer) -> None:
    assert client.introspect_token_offline(token(), RING.jwks()).sub == "u"
    assert client.introspect_token_offline(token(), server_jwks=RING.jwks()).sub == "u"
    assert server.seen == []


def test_keys_are_kept_until_another_signs(connect: Connect, server: ScriptedServer) -> None:
    shared = connect()
    server.then(told(**RING.jwks()))
    for client in (shared, connect.of(shared.for_user("anns"))):
        assert client.introspect_token_offline(token()).sub == "u"
    second = keyring("second")
    server.then(told(**second.jwks()))
    assert shared.introspect_token_offline(token(second)).sub == "u"
    assert len(server.seen) == 2


def unsigned() -> str:
    head = urlsafe_b64encode(b'{"alg": "none", "kid": "first"}').rstrip(b"=").decode()
    return ".".join([head, *token().split(".")[1:2], ""])


def with_other_claims() -> str:
    head, _, signature = token().split(".")
    return ".".join([head, token(life=999).split(".")[1], signature])


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (token(aud="another"), "another app"),
        (token(life=0), "time is over"),
        (token(keyring()), "no key"),  # of the same name
        (token(keyring("unknown")), "no key"),
        (with_other_claims(), "no key"),
        (token()[:-8], "no key"),
        (unsigned(), "no token"),
        (RING.sign_id_token({"aud": APP_ID, "sub": "u"}, "RS256", ""), "lacks"),
        (RING.sign_id_token({"aud": APP_ID}, "HS256", "s" * 32), "no token"),
        ("a-refresh-token", "no token"),
        ("", "no token"),
        ("ä.ä.ä", "no token"),
        (urlsafe_b64encode(b"[" * 99_999).decode(), "no token"),
    ],
)
@pytest.mark.parametrize("kind", ["synchronous"], indirect=True)
def test_what_is_not_believed(client: Any, raw: str, why: str) -> None:
    with pytest.raises(TokenNotBelieved, match=why) as caught:
        client.introspect_token_offline(raw, RING.jwks())
    assert not raw or raw not in str(caught.value)


@pytest.mark.parametrize("keys", [{}, {"keys": None}, {"keys": [1, {"kid": "first", "n": "AQ"}]}])
def test_keys_that_are_none(client: Any, keys: dict[str, Any]) -> None:
    with pytest.raises(TokenNotBelieved, match="no key"):
        client.introspect_token_offline(token(), keys)


def test_a_server_that_has_no_keys(connect: Connect, server: ScriptedServer) -> None:
    server.then(told(http_status=404, statusCode=404, message="No."))
    with pytest.raises(Refusal):
        connect(retries=0).introspect_token_offline(token())
