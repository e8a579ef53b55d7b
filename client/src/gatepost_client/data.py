"""What the steps have to tell: one type for each, named as the attributes of the V3 API.

Times are ISO 8601 texts in UTC, lifetimes are seconds. What a server never said is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gatepost_client.records import Record


@dataclass(frozen=True, repr=False, kw_only=True)
class LoginTokens(Record):
    """The tokens of a session. `refresh_token` is there if `offline_access` was in the scope."""

    access_token: str
    id_token: str | None
    refresh_token: str | None
    token_type: str | None
    expires_in: int | None
    scope: str | None
    snake_case: ClassVar[bool] = True
    # Servers say the lifetime of the access token under either name.
    aliases: ClassVar[Mapping[str, tuple[str, ...]]] = {"expires_in": ("expires_in", "expire_in")}


@dataclass(frozen=True, repr=False, kw_only=True)
class User(Record):
    """An account. How much of it is told depends on the token's scope."""

    user_id: str
    created_at: str | None
    updated_at: str | None
    status: str | None
    work_status: str | None
    external_id: str | None
    email: str | None
    email_verified: bool | None
    phone: str | None
    phone_country_code: str | None
    phone_verified: bool | None
    username: str | None
    name: str | None
    nickname: str | None
    photo: str | None
    gender: str | None
    birthdate: str | None
    country: str | None
    province: str | None
    city: str | None
    address: str | None
    street_address: str | None
    postal_code: str | None
    company: str | None
    browser: str | None
    device: str | None
    given_name: str | None
    family_name: str | None
    middle_name: str | None
    profile: str | None
    preferred_username: str | None
    website: str | None
    zoneinfo: str | None
    locale: str | None
    formatted: str | None
    region: str | None
    identity_number: str | None
    logins_count: int | None
    last_login: str | None
    last_ip: str | None
    last_login_app: str | None
    last_mfa_time: str | None
    password_last_set_at: str | None
    password_security_level: int | None
    reset_password_on_next_login: bool | None
    user_source_type: str | None
    user_source_id: str | None
    register_source: list[str] | None
    main_department_id: str | None
    department_ids: list[str] | None
    post_id_list: list[str] | None
    identities: list[dict[str, Any]] | None
    custom_data: dict[str, Any] | None
    status_changed_at: str | None
    tenant_id: str | None


@dataclass(frozen=True, repr=False, kw_only=True)
class CodeCheck(Record):
    """Whether a code is right, and if not, why."""

    is_valid: bool
    message: str | None


@dataclass(frozen=True, repr=False, kw_only=True)
class UpdateEmailGrant(Record):
    """A token for `update_email`, good once and for `token_expires_in` seconds."""

    update_email_token: str
    token_expires_in: int | None


@dataclass(frozen=True, repr=False, kw_only=True)
class ResetPasswordGrant(Record):
    """A token for `reset_password`, good once and for `token_expires_in` seconds."""

    password_reset_token: str
    token_expires_in: int | None


@dataclass(frozen=True, repr=False, kw_only=True)
class DeleteAccountGrant(Record):
    """A token for `delete_account`, good once and for `token_expires_in` seconds."""

    delete_account_token: str
    token_expires_in: int | None


@dataclass(frozen=True, repr=False, kw_only=True)
class SecurityInfo(Record):
    """What secures an account; `security_score` from 0 to 100."""

    password_security_level: int | None
    mfa_enrolled: bool | None
    password_set: bool | None
    email_binded: bool | None
    phone_binded: bool | None
    security_score: int | None


@dataclass(frozen=True, repr=False, kw_only=True)
class ParsedUserAgent(Record):
    """What a browser says it is."""

    device: str | None
    browser: str | None
    os: str | None


@dataclass(frozen=True, repr=False, kw_only=True)
class LoginRecord(Record):
    """One sign-in."""

    user_id: str | None
    app_id: str | None
    app_name: str | None
    app_login_url: str | None
    app_logo: str | None
    login_at: str | None
    client_ip: str | None
    success: bool | None
    error_message: str | None
    user_agent: str | None
    parsed_user_agent: ParsedUserAgent | None
    login_method: str | None
    geoip: dict[str, Any] | None
    tenant_id: str | None


@dataclass(frozen=True, repr=False, kw_only=True)
class LoginHistory(Record):
    """A page of sign-ins, and how many there are in all."""

    total_count: int | None
    sign_ins: list[LoginRecord]
    aliases: ClassVar[Mapping[str, tuple[str, ...]]] = {"sign_ins": ("list",)}


@dataclass(frozen=True, repr=False, kw_only=True)
class LoggedInApp(Record):
    """An app that somebody signed in to, and whether a session is alive there."""

    app_id: str | None
    app_name: str | None
    app_login_url: str | None
    app_logo: str | None
    active: bool | None


@dataclass(frozen=True, repr=False, kw_only=True)
class PublicKey(Record):
    """A key to encrypt passwords with: RSA as PEM, SM2 as hex of the point."""

    public_key: str | None


@dataclass(frozen=True, repr=False, kw_only=True)
class SystemInfo(Record):
    """The server's public keys and version."""

    rsa: PublicKey | None
    sm2: PublicKey | None
    version: dict[str, Any] | None
    public_ips: list[str] | None


@dataclass(frozen=True, repr=False, kw_only=True)
class AppCheck(Record):
    """Whether an app's id and secret belong together, and if not, a word on it."""

    valid: bool
    message: str | None


@dataclass(frozen=True, repr=False, kw_only=True)
class Introspection(Record):
    """What a token says, if it is good. `exp` and `iat` are seconds since the epoch."""

    active: bool
    sub: str | None
    client_id: str | None
    exp: int | None
    iat: int | None
    iss: str | None
    jti: str | None
    scope: str | None
    token_type: str | None
    snake_case: ClassVar[bool] = True


@dataclass(frozen=True, repr=False, kw_only=True)
class SigningKeys(Record):
    """The public keys that tokens are signed with: a JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


@dataclass(frozen=True, repr=False, kw_only=True)
class TokenClaims(Record):
    """What a signed token says. `exp`, `iat` and `auth_time` are seconds since the epoch."""

    sub: str
    exp: int
    iss: str | None
    aud: Any | None
    iat: int | None
    jti: str | None
    scope: str | None
    sid: str | None
    auth_time: int | None
    nonce: str | None
    snake_case: ClassVar[bool] = True


@dataclass(frozen=True, repr=False, kw_only=True)
class UserInfo(Record):
    """The claims about a user that a token's scopes ask for (OpenID Connect Core 1.0, 5.1)."""

    sub: str
    name: str | None
    given_name: str | None
    family_name: str | None
    middle_name: str | None
    nickname: str | None
    preferred_username: str | None
    username: str | None
    profile: str | None
    picture: str | None
    website: str | None
    email: str | None
    email_verified: bool | None
    phone_number: str | None
    phone_number_verified: bool | None
    gender: str | None
    birthdate: str | None
    zoneinfo: str | None
    locale: str | None
    updated_at: Any | None
    address: dict[str, Any] | None
    snake_case: ClassVar[bool] = True
