"""Pages from templates, with the headers that every page has."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gatepost.api.http import Reply

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

_HEADERS = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("referrer-policy", "no-referrer"),
)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gatepost.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, **values: Any) -> Reply:
    """A page: nothing in it runs, and nothing is loaded from elsewhere."""
    html = _environment().get_template(template).render(values)
    return Reply(html.encode(), content_type="text/html; charset=utf-8", headers=_HEADERS)


async def stylesheet() -> Reply:
    """The one stylesheet of all pages."""
    css = (files("gatepost.web") / "templates" / "style.css").read_bytes()
    return Reply(css, content_type="text/css; charset=utf-8")
