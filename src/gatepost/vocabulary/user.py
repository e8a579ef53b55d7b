"""A user: one account of a pool."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """The state of an account. Only an activated one can be used."""

    ACTIVATED = "Activated"
    SUSPENDED = "Suspended"
    RESIGNED = "Resigned"
    ARCHIVED = "Archived"
    DEACTIVATED = "Deactivated"


class User(Struct, frozen=True):
    """The part of an account that decides what it may do. Instants are milliseconds."""

    id: str
    user_pool_id: str
    status: str
    username: str | None
    email: str | None
    email_verified_at: int | None
    password_hash: str | None
    language: str | None

    @property
    def active(self) -> bool:
        """Whether the account may be used at all."""
        return self.status == Status.ACTIVATED


class Profile(Struct, frozen=True):
    """Everything an account says of itself, in the order that it is stored."""

    id: str
    created_at: int
    updated_at: int
    status: str
    status_changed_at: int | None
    external_id: str | None
    username: str | None
    email: str | None
    email_verified_at: int | None
    phone: str | None
    phone_country_code: str | None
    phone_verified_at: int | None
    password_set_at: int | None
    password_level: int | None
    name: str | None
    nickname: str | None
    photo: str | None
    gender: str
    birthdate: str | None
    country: str | None
    province: str | None
    city: str | None
    address: str | None
    street_address: str | None
    postal_code: str | None
    region: str | None
    formatted: str | None
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
    identity_number: str | None
    custom_data: str | None
    source_type: str
    source_id: str | None
    register_source: str | None
    logins_count: int
    last_login_at: int | None
    last_ip: str | None
    last_login_app: str | None
