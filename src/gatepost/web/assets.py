"""The few files that pages load: kept by browsers for good, since their addresses change."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from gatepost.api.endpoint import Function
from gatepost.api.http import Reply
from gatepost.api.routing import Route
from gatepost.web.brand import brand_style

KEPT_FOR_GOOD = ("cache-control", "public, max-age=31536000, immutable")
_TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
NAMES = ("style.css", "docs.css", "link.js", "pages.js")


@cache
def content(name: str) -> bytes:
    """What a file says."""
    return (files("gatepost.web") / "static" / name).read_bytes()


@cache
def address_of(name: str) -> str:
    """The address of a file, which changes whenever the file does."""
    return f"/assets/{name}?v={hashlib.sha256(content(name)).hexdigest()[:12]}"


def serving(name: str) -> Function:
    """The endpoint that answers with a file."""

    async def serve() -> Reply:
        kind = _TYPES[name.rpartition(".")[2]]
        return Reply(content(name), content_type=kind, headers=(KEPT_FOR_GOOD,))

    return serve


ASSET_ROUTES = [
    *(Route("GET", f"/assets/{name}", serving(name)) for name in NAMES),
    Route("GET", "/assets/brand.css", brand_style),
]
