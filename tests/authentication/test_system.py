"""`GET /api/v3/system`."""

from __future__ import annotations

import re

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from gatepost import __version__
from tests.support.world import World


async def test_the_keys_and_the_version_come_without_an_envelope(world: World) -> None:
    response = await world.http.get("/api/v3/system", headers={"authorization": "stale"})
    assert response.status_code == 200
    system = response.json()
    assert set(system) == {"rsa", "sm2", "version", "publicIps"}
    key = load_pem_public_key(system["rsa"]["publicKey"].encode())
    assert isinstance(key, RSAPublicKey) and key.key_size >= 2048
    assert re.fullmatch("04[0-9a-f]{128}", system["sm2"]["publicKey"])
    assert system["version"] == dict.fromkeys(("server", "console", "login"), __version__)
    assert system["publicIps"] == []
    assert (await world.http.get("/api/v3/system/")).json() == system
