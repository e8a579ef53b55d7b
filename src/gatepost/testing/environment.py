"""The variables by which an app under test, in any language, finds the emulator."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Not GATEPOST_…, which are settings of a server and refused if unknown.
NAMES = {
    "GENAUTH_APP_HOST": "host",
    "GENAUTH_APP_ID": "appId",
    "GENAUTH_APP_SECRET": "appSecret",
    "GENAUTH_USER_POOL_ID": "userPoolId",
    "GENAUTH_USER": "user",
    "GENAUTH_PASSWORD": "password",
    "GENAUTH_MAILBOX_URL": "mailboxUrl",
    "GENAUTH_CONTROL_URL": "controlUrl",
    "GENAUTH_CONTROL_SECRET": "controlSecret",
}

HERE = ("127.0.0.1", "localhost")


def environment(announced: Mapping[str, str]) -> dict[str, str]:
    """What an emulator announced, or a part of it, as variables."""
    return {name: announced[field] for name, field in NAMES.items() if field in announced}


def past_proxies() -> dict[str, str]:
    """What keeps an HTTP proxy from standing between a client and this machine.

    Under both names, of which some libraries know one; what is bypassed already stays so.
    """
    said = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if said.strip() == "*":  # alone it means every host, and beside others none
        return {"NO_PROXY": said, "no_proxy": said}
    named = [host for part in said.split(",") if (host := part.strip())]
    bypassed = ",".join(dict.fromkeys([*named, *HERE]))
    return {"NO_PROXY": bypassed, "no_proxy": bypassed}
