"""An app: what people sign in to, known by its id and secret."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from gatepost.vocabulary.redirect_uri import LONGEST
from gatepost.vocabulary.user_pool import UserPool

Lifetime = Annotated[int, Meta(ge=60, le=10 * 365 * 86_400)]

Uri = Annotated[str, Meta(max_length=LONGEST)]

DAY = 86_400

Colour = Annotated[str, Meta(pattern=r"^(#[0-9a-fA-F]{6})?\Z")]
"""A colour as `#0b5fae`; empty for the house's own."""

Logo = Annotated[
    str,
    Meta(
        pattern=r"^(https://[a-z0-9.-]+(:[0-9]{1,5})?/[!-~]*"
        r"|/[A-Za-z0-9._~-][!-~]*"
        r"|data:image/(png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2})?\Z",
        max_length=8192,
    ),
]
"""A picture: on https, on this server, or as a `data:` URL of at most 8 KiB; empty for none."""


class ClientAuth(StrEnum):
    """How an app proves itself at the token endpoint and at sign-in (RFC 7591 section 2)."""

    NONE = "none"
    SECRET_POST = "client_secret_post"
    SECRET_BASIC = "client_secret_basic"


class AppSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """What an administrator may set for an app. Lifetimes are seconds.

    `appLogo` and `brandColor` are what the pages show; the colour is made readable there.
    """

    appLogo: Logo = ""
    brandColor: Colour = ""
    lenientClientAuth: bool = False
    skip_consent: bool = True
    logoutRedirectUris: tuple[Uri, ...] = ()
    id_token_signed_response_alg: Literal["RS256", "HS256"] = "RS256"
    access_token_expires_in: Lifetime = 14 * DAY
    id_token_expires_in: Lifetime = 14 * DAY
    refresh_token_expires_in: Lifetime = 30 * DAY


@lru_cache(maxsize=1024)
def app_settings(text: str) -> AppSettings:
    """The settings in their stored form. Cached by the text itself, so never stale."""
    return msgspec.json.decode(text, type=AppSettings)


class Application(Struct, frozen=True):
    """An app as calls meet it, with its pool's settings beside it."""

    id: str
    user_pool_id: str
    name: str
    client_auth: str
    secret_digest: str
    secret_sealed: str
    settings_text: str
    pool_settings_text: str

    @property
    def is_public(self) -> bool:
        """Whether the app has no secret to prove itself by (RFC 6749 section 2.1)."""
        return self.client_auth == ClientAuth.NONE

    @property
    def settings(self) -> AppSettings:
        """The app's settings."""
        return app_settings(self.settings_text)

    @property
    def pool(self) -> UserPool:
        """The pool that the app belongs to."""
        return UserPool(self.user_pool_id, self.pool_settings_text)
