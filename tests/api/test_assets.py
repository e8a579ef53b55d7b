"""`GET /assets/person.svg`: the picture of people who have none."""

from __future__ import annotations

from tests.support.world import World


async def test_the_picture_in_a_profile_is_there(world: World) -> None:
    ann = await world.person("ann")
    photo = (await ann.get("/api/v3/get-profile"))["data"]["photo"]
    answer = await world.http.get(photo)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith("<svg ") and answer.text.endswith("</svg>")
