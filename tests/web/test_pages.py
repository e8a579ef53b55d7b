"""What every page shares: one stylesheet, and headers that let nothing else in."""

from __future__ import annotations

import re

from gatepost.web.pages import CONTENT_SECURITY_POLICY, page
from tests.support.world import World


async def test_the_stylesheet_loads_nothing_from_elsewhere(world: World) -> None:
    response = await world.http.get("/assets/style.css")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/css")
    assert not re.search(r"url\(|@import|https?:", response.text)
    assert "prefers-color-scheme" in response.text


def test_a_page_lets_no_script_run_and_nobody_frame_it() -> None:
    reply = page("dev_mailbox.html", mails=[], shown=[], to="")
    assert dict(reply.headers)["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY
    assert "script-src" not in CONTENT_SECURITY_POLICY
