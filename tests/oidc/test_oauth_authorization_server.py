"""`GET /.well-known/oauth-authorization-server/oidc` (RFC 8414)."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.oidc.test_openid_configuration import DISCOVERY
from tests.support.world import World


async def test_is_where_the_issuers_path_puts_it(world: World) -> None:
    metadata = (await world.http.get(DISCOVERY)).json()
    issuer = urlsplit(metadata["issuer"])
    place = f"{issuer.scheme}://{issuer.netloc}/.well-known/oauth-authorization-server{issuer.path}"
    response = await world.http.get(place)
    assert response.status_code == 200 and response.json() == metadata


async def test_is_nowhere_that_would_be_of_another_issuer(world: World) -> None:
    for path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
        assert (await world.http.get(path)).status_code == 404


async def test_may_be_read_by_pages_of_the_pool(world: World) -> None:
    await world.pool(allowedOrigins="https://shop.example")
    response = await world.http.get(
        "/.well-known/oauth-authorization-server/oidc", headers={"origin": "https://shop.example"}
    )
    assert response.headers["access-control-allow-origin"] == "https://shop.example"
