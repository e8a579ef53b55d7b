"""What an account says of itself."""

from __future__ import annotations

from typing import Any

import msgspec

from gatepost.context import ReadingCall
from gatepost.vocabulary.fields import Answer, Query, iso
from gatepost.vocabulary.user import Profile

DEFAULT_PHOTO = "/assets/person.svg"


class GetProfile(Query):
    """What to add to a profile."""

    with_custom_data: bool = False
    with_identities: bool = False
    with_department_ids: bool = False


class UserDto(Answer, omit_defaults=False):
    """An account, as the V3 API shows it. Times are ISO 8601 in UTC; what was never said is null.

    `customData`, `identities` and `departmentIds` are there only when they were asked for.
    """

    user_id: str
    created_at: str
    updated_at: str
    status: str
    work_status: str
    external_id: str | None
    email: str | None
    phone: str | None
    phone_country_code: str | None
    username: str | None
    name: str | None
    nickname: str | None
    photo: str
    logins_count: int
    last_login: str | None
    last_ip: str | None
    gender: str
    email_verified: bool
    phone_verified: bool
    password_last_set_at: str | None
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
    user_source_type: str
    user_source_id: str | None
    last_login_app: str | None
    main_department_id: str | None
    last_mfa_time: str | None
    password_security_level: int | None
    reset_password_on_next_login: bool
    register_source: list[str]
    identity_number: str | None
    post_id_list: list[str]
    status_changed_at: str | None
    tenant_id: str | None
    custom_data: dict[str, Any] | msgspec.UnsetType = msgspec.UNSET
    identities: list[dict[str, Any]] | msgspec.UnsetType = msgspec.UNSET
    department_ids: list[str] | msgspec.UnsetType = msgspec.UNSET


async def get_profile(call: ReadingCall, query: GetProfile) -> UserDto:
    """The caller's own account, as far as the token's scope goes.

    Without the scopes `email`, `phone`, `username` or `external_id` those fields are null.
    """
    return shown(call.profile, call.session.scopes, call.context.settings.origin, query)


def shown(person: Profile, scopes: frozenset[str], origin: str, query: GetProfile) -> UserDto:
    has_email, has_phone = "email" in scopes, "phone" in scopes
    return UserDto(
        user_id=person.id,
        created_at=iso(person.created_at) or "",
        updated_at=iso(person.updated_at) or "",
        status=person.status,
        work_status="Active",
        external_id=person.external_id if "external_id" in scopes else None,
        email=person.email if has_email else None,
        phone=person.phone if has_phone else None,
        phone_country_code=person.phone_country_code if has_phone else None,
        username=person.username if scopes & {"username", "profile"} else None,
        name=person.name,
        nickname=person.nickname,
        photo=person.photo or origin + DEFAULT_PHOTO,
        logins_count=person.logins_count,
        last_login=iso(person.last_login_at),
        last_ip=person.last_ip,
        gender=person.gender,
        email_verified=has_email and person.email_verified_at is not None,
        phone_verified=has_phone and person.phone_verified_at is not None,
        password_last_set_at=iso(person.password_set_at),
        birthdate=person.birthdate,
        country=person.country,
        province=person.province,
        city=person.city,
        address=person.address,
        street_address=person.street_address,
        postal_code=person.postal_code,
        company=person.company,
        browser=person.browser,
        device=person.device,
        given_name=person.given_name,
        family_name=person.family_name,
        middle_name=person.middle_name,
        profile=person.profile,
        preferred_username=person.preferred_username,
        website=person.website,
        zoneinfo=person.zoneinfo,
        locale=person.locale,
        formatted=person.formatted,
        region=person.region,
        user_source_type=person.source_type,
        user_source_id=person.source_id,
        last_login_app=person.last_login_app,
        main_department_id=None,
        last_mfa_time=None,
        password_security_level=person.password_level,
        reset_password_on_next_login=False,
        register_source=_decoded(person.register_source, []),
        identity_number=person.identity_number,
        post_id_list=[],
        status_changed_at=iso(person.status_changed_at),
        tenant_id=None,
        custom_data=_decoded(person.custom_data, {}) if query.with_custom_data else msgspec.UNSET,
        identities=[] if query.with_identities else msgspec.UNSET,
        department_ids=[] if query.with_department_ids else msgspec.UNSET,
    )


def _decoded(text: str | None, empty: Any) -> Any:
    return msgspec.json.decode(text) if text else empty
