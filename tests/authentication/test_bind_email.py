"""`POST /api/v3/bind-email`."""

from __future__ import annotations

from tests.support.world import World


async def test_ann_binds_her_address(world: World) -> None:
    ann = await world.person("ann")
    await ann.asks_to_bind("Ann@Example.com")
    answer = await ann.binds("aNN@example.COM", await world.code("ann@example.com"))
    assert answer["statusCode"] == 200
    assert answer["message"] == "Operation successful"
    profile = (await ann.get("/api/v3/get-profile"))["data"]
    assert (profile["email"], profile["emailVerified"]) == ("ann@example.com", True)
    receipt = await world.mail.to("ann@example.com", 2)
    assert receipt.template == "email_bound"


async def test_of_two_with_a_code_for_one_address_the_second_is_told_that_it_is_taken(
    world: World,
) -> None:
    app = await world.app()
    ann, bob = await world.person("ann", app), await world.person("bob", app)
    await ann.asks_to_bind("one@example.com")
    first = await world.code("one@example.com")
    world.clock.advance(61)
    await bob.asks_to_bind("one@example.com")
    second = await world.code("one@example.com", 2)
    assert (await ann.binds("one@example.com", first))["statusCode"] == 200
    for _ in range(7):  # a right code takes no tries, however often it is refused
        refused = await bob.binds("one@example.com", second)
        assert (refused["statusCode"], refused["apiCode"]) == (409, 2200)
