"""A session: one sign-in of one user, alive until it expires or is ended."""

from __future__ import annotations

from msgspec import Struct

from gatepost.vocabulary.user import Status
from gatepost.vocabulary.user_pool import UserPool


class SignedIn(Struct, frozen=True):
    """A caller whose session was alive when it was looked at. Instants are milliseconds."""

    session_id: str
    user_id: str
    user_pool_id: str
    app_id: str
    app_name: str
    scope: str
    authenticated_at: int
    expires_at: int
    ended_at: int | None
    status: str
    email: str | None
    language: str | None
    pool_settings_text: str

    def alive_at(self, now: int) -> bool:
        """Whether the session may be used at an instant."""
        usable = self.ended_at is None and now < self.expires_at
        return usable and self.status == Status.ACTIVATED

    @property
    def pool(self) -> UserPool:
        """The pool of the user, the session and the app."""
        return UserPool(self.user_pool_id, self.pool_settings_text)

    @property
    def scopes(self) -> frozenset[str]:
        """What the session's tokens may see."""
        return frozenset(self.scope.split())
