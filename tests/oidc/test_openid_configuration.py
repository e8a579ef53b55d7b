"""`GET /oidc/.well-known/openid-configuration`."""

from __future__ import annotations

from tests.support.world import World

DISCOVERY = "/oidc/.well-known/openid-configuration"


async def test_the_metadata_list_only_what_exists(world: World) -> None:
    response = await world.http.get(DISCOVERY)
    assert response.status_code == 200
    metadata = response.json()
    assert metadata["issuer"] == "http://127.0.0.1/oidc"
    assert metadata["subject_types_supported"] == ["public"]
    assert set(metadata["id_token_signing_alg_values_supported"]) == {"RS256", "HS256"}
    assert "statusCode" not in metadata
    endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert endpoints
    for url in endpoints:
        assert (await world.http.get(url)).status_code != 404, url


async def test_what_is_said_of_tokens_is_true(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    ann = await world.person("ann", sign_in=False)
    wish = " ".join(metadata["scopes_supported"])
    answer = await ann.sign_in(scope=wish)
    assert answer["data"]["scope"] == wish
    auths = ("none", "client_secret_post", "client_secret_basic")
    assert set(metadata["token_endpoint_auth_methods_supported"]) == set(auths)
    host = {"host": "mallory.example.net", "x-forwarded-host": "mallory.example.net"}
    again = await world.http.get(DISCOVERY, headers=host)
    assert again.json() == metadata  # never by what a request says
