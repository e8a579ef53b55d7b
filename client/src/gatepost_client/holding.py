"""The tokens that a client holds."""

from __future__ import annotations

import time
from collections.abc import Callable

from gatepost_client.data import LoginTokens
from gatepost_client.options import fit_for_a_header

EARLY_SECONDS = 10
"""An access token that has less than this left is refreshed before it is used."""


class HeldTokens:
    """One user's tokens, and who is told when they change."""

    def __init__(
        self,
        access_token: str | None = None,
        refresh_token: str | None = None,
        on_tokens: Callable[[LoginTokens], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._on_tokens = clock, on_tokens
        self.access_token: str | None = None
        self.refresh_token: str | None = None
        self._stale_at: float | None = None
        self.hold(access_token, refresh_token)

    def hold(
        self, access_token: str | None, refresh_token: str | None, expires_in: int | None = None
    ) -> None:
        """Hold these from now on. ValueError for what can be no token."""
        fit_for_a_header(access_token, "access_token")
        fit_for_a_header(refresh_token, "refresh_token")
        # A short life is not all taken away by the margin.
        life = None if expires_in is None else max(expires_in - EARLY_SECONDS, expires_in / 2)
        self._stale_at = None if life is None else self._clock() + life
        self.access_token, self.refresh_token = access_token, refresh_token

    def renewed(self, tokens: LoginTokens) -> None:
        """Hold what a refresh answered with. A server that sends no new refresh token means the
        old one to stay."""
        successor = tokens.refresh_token or self.refresh_token
        self.hold(tokens.access_token, successor, tokens.expires_in)
        if self._on_tokens is not None:
            self._on_tokens(tokens)

    def stale(self) -> bool:
        """Whether the access token is known to be at its end, and another can be had."""
        if self.refresh_token is None:
            return False
        return self.access_token is None or (
            self._stale_at is not None and self._clock() >= self._stale_at
        )
