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
    """The part of an account that decides what it may do. Instants are milliseconds.

    `stamp` counts the changes of address, password and status: what was granted before a change
    is worth nothing after it.
    """

    id: str
    user_pool_id: str
    status: str
    username: str | None
    email: str | None
    email_verified_at: int | None
    password_hash: str | None
    language: str | None
    phone: str | None = None
    source_type: str = "register"
    stamp: int = 0
    email_probation_until: int = 0
    changes_paused_until: int = 0

    @property
    def ways_in_without_email(self) -> bool:
        """Whether the account can be signed in to by something else than its address."""
        by_password = self.username is not None and self.password_hash is not None
        return by_password or self.phone is not None

    @property
    def address_is_unproved(self) -> bool:
        """Whether whoever signed up with the address has yet to show that it is theirs."""
        unproved = self.email is not None and self.email_verified_at is None
        return unproved and self.source_type == "register"

    def on_probation_at(self, now: int) -> bool:
        """Whether the address is too new to open the account while another way in does."""
        return now < self.email_probation_until and self.ways_in_without_email

    def paused_at(self, now: int) -> bool:
        """Whether changes rest after an undo."""
        return now < self.changes_paused_until

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
