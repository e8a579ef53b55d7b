"""Addresses to send a browser to."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from client.tests.conftest import APP_ID, Connect

BACK = "https://shop.example/back?a=1&b=2"


def asked(url: str) -> dict[str, str]:
    query = parse_qs(urlsplit(url).query, strict_parsing=True)
    return {name: value for name, (value,) in query.items()}


def test_signing_in(connect: Connect) -> None:
    client = connect(app_host="https://id.example", redirect_uri=BACK)
    url = client.build_authorize_url()
    assert url.startswith("https://id.example/oidc/auth?")
    query = asked(url)
    assert (query["client_id"], query["redirect_uri"]) == (APP_ID, BACK)
    assert query["response_type"] == "code" and "openid" in query["scope"].split()
    assert "prompt" not in query and len(query["state"]) > 20
    assert query["state"] != asked(client.build_authorize_url())["state"]
    given = {"state": "s", "nonce": "n", "scope": "openid offline_access", "response_mode": "query"}
    pkce = {"code_challenge": "c" * 43, "code_challenge_method": "S256"}
    query = asked(client.build_authorize_url("https://other.example/", **given, **pkce))
    assert query.items() >= (given | pkce | {"prompt": "consent"}).items()
    assert query["redirect_uri"] == "https://other.example/"


def test_not_without_the_way_back(client: Any) -> None:
    with pytest.raises(ValueError, match="redirect_uri"):
        client.build_authorize_url()
    with pytest.raises(ValueError, match="redirect_uri"):
        client.get_access_token_by_code("c")


def test_signing_out(connect: Connect) -> None:
    client = connect(app_host="https://id.example", post_logout_redirect_uri=BACK)
    assert client.build_logout_url() == "https://id.example/oidc/session/end"
    assert asked(client.build_logout_url(id_token="i.d", state="s&t")) == {
        "id_token_hint": "i.d",
        "post_logout_redirect_uri": BACK,
        "state": "s&t",
    }
    with pytest.raises(ValueError, match="id_token"):
        client.build_logout_url("https://other.example/")


def test_proof_keys(client: Any) -> None:
    verifier = client.generate_code_challenge()
    assert len(verifier) == 43 and verifier != client.generate_code_challenge()
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    assert client.generate_code_challenge_digest(verifier) == digest.decode().rstrip("=")
    assert client.generate_code_challenge_digest(verifier, "plain") == verifier
    for wrong in (42, 129):
        with pytest.raises(ValueError, match="43 to 128"):
            client.generate_code_challenge(wrong)
    with pytest.raises(ValueError, match="43"):
        client.generate_code_challenge_digest("short")
