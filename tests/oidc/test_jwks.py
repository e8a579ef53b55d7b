"""`GET /oidc/.well-known/jwks.json`."""

from __future__ import annotations

from joserfc import jwt
from joserfc.jwk import KeySet

from gatepost.credentials.key_store import PUBLISHED_BEFORE_USE
from tests.support.world import World

JWKS = "/oidc/.well-known/jwks.json"
PUBLIC_MEMBERS = {"kty", "kid", "alg", "use", "n", "e"}


async def test_the_set_has_public_rsa_keys_only_each_with_its_id(world: World) -> None:
    response = await world.http.get(JWKS)
    assert response.status_code == 200
    keys = response.json()["keys"]
    assert len(keys) == 1
    assert set(keys[0]) == PUBLIC_MEMBERS
    assert (keys[0]["kty"], keys[0]["alg"], keys[0]["use"]) == ("RSA", "RS256", "sig")


async def test_after_a_rotation_old_tokens_still_pass_and_new_ones_have_the_new_key(
    still: World,
) -> None:
    ann = await still.person("ann")
    old = ann.token or ""
    store = still.context.key_store
    fresh = await store.rotate_signing_key(14 * 86_400)
    keys = (await still.http.get(JWKS)).json()["keys"]
    assert len(keys) == 2 and keys[0]["kid"] != fresh  # published before it signs
    still.clock.advance(PUBLISHED_BEFORE_USE // 1000 + 1)
    await store.refresh()
    new = (await ann.sign_in())["data"]["access_token"]
    published = (await still.http.get(JWKS)).json()
    assert published["keys"][0]["kid"] == fresh
    for token in (old, new):
        token_of = jwt.decode(token, KeySet.import_key_set(published), ["RS256"])
        assert token_of.claims["sub"] == ann.user_id
        assert (await still.get("/api/v3/get-profile", token=token))["statusCode"] == 200
