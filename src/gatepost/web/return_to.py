"""Where a browser may be sent after a sign-in: to what is known, compared exactly."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec

from gatepost.storage import applications
from gatepost.storage.database import Reader

ACCOUNT = "/account"
OWN_PATHS = frozenset({ACCOUNT, "/u", "/oidc/auth"})
"""Our own pages that a sign-in may be on the way to."""


async def allowed(reader: Reader, app_id: str, return_to: str) -> str | None:
    """An address to go on to: registered for the app, or a page of ours; else None.

    Registered addresses are compared letter by letter (RFC 9700 section 2.1).
    """
    if is_own(return_to):
        return return_to
    registered = await applications.redirect_uris(reader, app_id)
    return return_to if return_to in msgspec.json.decode(registered, type=list[str]) else None


def is_own(return_to: str) -> bool:
    """Whether an address is that of a page of ours, as a path from the root."""
    # Compared as text: what reads it into parts may read it otherwise than a browser does,
    # to which `///account` is another host.
    plain = return_to.isascii() and return_to.isprintable() and "#" not in return_to
    return plain and return_to.partition("?")[0] in OWN_PATHS


def login_path(app_id: str, return_to: str = ACCOUNT, **more: str) -> str:
    """The address of the sign-in page.

    `again="1"` asks for a sign-in even of whoever is signed in, `login_hint` fills the first
    field in, `lang` chooses the language.
    """
    wanted = {"app_id": app_id, "return_to": return_to} | more
    return f"/login?{urlencode({name: value for name, value in wanted.items() if value})}"
