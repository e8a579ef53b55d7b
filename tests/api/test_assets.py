"""The few files that the API itself refers to."""

from __future__ import annotations

from tests.support.world import World


async def test_the_picture_of_people_who_have_none_is_a_plain_drawing(world: World) -> None:
    response = await world.http.get("/assets/person.svg")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["x-content-type-options"] == "nosniff"
    drawing = ElementTree.fromstring(response.content)
    kinds = {element.tag.rpartition("}")[2] for element in drawing.iter()}
    assert kinds == {"svg", "rect", "circle", "path"}
