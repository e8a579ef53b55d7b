"""What every page shares: one stylesheet, and headers that let nothing else in."""

from __future__ import annotations

import re

from gatepost.vocabulary.language import Language
from gatepost.web.assets import NAMES, address_of
from gatepost.web.look import Look
from gatepost.web.pages import CONTENT_SECURITY_POLICY, page
from tests.support.world import World


async def test_the_stylesheet_loads_nothing_from_elsewhere(world: World) -> None:
    response = await world.http.get("/assets/style.css")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/css")
    assert not re.search(r"url\(|@import|https?:", response.text)
    assert "prefers-color-scheme" in response.text


async def test_assets_are_kept_for_good_because_their_addresses_change(world: World) -> None:
    for name in NAMES:
        address = address_of(name)
        assert re.fullmatch(rf"/assets/{name}\?v=[0-9a-f]{{12}}", address)
        response = await world.http.get(address)
        assert "immutable" in response.headers["cache-control"]


def test_a_page_runs_only_our_own_scripts_and_nobody_frames_it() -> None:
    reply = page("refused.html", Look(Language.EN_US), said="<b>")
    assert b"<b>" not in reply.body
    assert dict(reply.headers)["content-security-policy"] == CONTENT_SECURITY_POLICY
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"):
        assert rule in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_a_logo_may_be_loaded_from_its_own_site_and_from_nowhere_else() -> None:
    look = Look(Language.EN_US, "Shop", logo="https://cdn.example.com/logo.svg")
    policy = dict(page("refused.html", look, said="").headers)["content-security-policy"]
    assert "img-src 'self' data: https://cdn.example.com;" in policy
