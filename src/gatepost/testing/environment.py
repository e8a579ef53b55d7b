"""The variables by which an app under test, in any language, finds the emulator."""

from __future__ import annotations

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


def environment(announced: Mapping[str, str]) -> dict[str, str]:
    """What an emulator announced, or a part of it, as variables."""
    return {name: announced[field] for name, field in NAMES.items() if field in announced}
