"""What must not be printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SECRETS = frozenset(
    {
        "access_token",
        "id_token",
        "refresh_token",
        "updateEmailToken",
        "passwordResetToken",
        "deleteAccountToken",
    }
)
"""Fields of answers whose values open something."""

HIDDEN = "[hidden]"


def shown(value: Any) -> Any:
    """A JSON value as it may be printed."""
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if name in SECRETS and member else shown(member)
            for name, member in value.items()
        }
    return [shown(member) for member in value] if isinstance(value, list) else value
