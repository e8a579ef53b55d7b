"""Pages from templates, with the headers that every page has."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gatepost.api.http import Reply
from gatepost.web.assets import address_of
from gatepost.web.look import Look


def policy(logo_source: str = "") -> str:
    """What a page may do (Content Security Policy Level 3): only what comes from this server."""
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        f" img-src 'self' data: {logo_source}".rstrip()
        + "; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


CONTENT_SECURITY_POLICY = policy()
REFERRER_POLICY = "no-referrer"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("gatepost.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["asset"] = address_of
    return environment


def page(template: str, look: Look, status: int = 200, **values: Any) -> Reply:
    """A page: nothing in it runs but our own scripts, and nothing is loaded from elsewhere."""
    html = _environment().get_template(template).render(values, look=look, say=look.says)
    return Reply(
        html.encode(),
        status,
        content_type="text/html; charset=utf-8",
        headers=(
            ("content-security-policy", policy(look.logo_source)),
            ("referrer-policy", REFERRER_POLICY),
        ),
    )


def to(path: str, *headers: tuple[str, str]) -> Reply:
    """Send the browser on with a GET (RFC 9110 section 15.4.4)."""
    return Reply(b"", 303, headers=(("location", path), *headers))


def onward(look: Look, address: str, *headers: tuple[str, str]) -> Reply:
    """Send the browser on from a form to any address, even one of another site.

    By a page, not by a redirect: `form-action 'self'` would hold up a redirect elsewhere.
    """
    reply = page("onward.html", look, address=address)
    reply.headers += headers
    return reply
