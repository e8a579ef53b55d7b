"""What tokens and user info say of a person (OpenID Connect Core 1.0 section 5.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gatepost.vocabulary.user import Profile

DEFAULT_SCOPE = "openid profile email phone username address external_id extended_fields role roles"
"""What a sign-in without a wish gets: everything but a refresh token."""

KNOWN_SCOPES = frozenset({*DEFAULT_SCOPE.split(), "offline_access", "tenant_id", "userpool_id"})


def granted(wished: str | None) -> str:
    """The scopes that a sign-in gets of those it wished for, in the order of the wish."""
    names = dict.fromkeys((wished or DEFAULT_SCOPE).split())
    return " ".join(name for name in names if name in KNOWN_SCOPES)


def _profile(person: Profile) -> dict[str, Any]:
    return {
        "name": person.name,
        "given_name": person.given_name,
        "middle_name": person.middle_name,
        "family_name": person.family_name,
        "nickname": person.nickname,
        "preferred_username": person.preferred_username,
        "profile": person.profile,
        "picture": person.photo,
        "website": person.website,
        "gender": person.gender,
        "birthdate": person.birthdate,
        "zoneinfo": person.zoneinfo,
        "locale": person.locale,
        "updated_at": person.updated_at // 1000,
    }


def _email(person: Profile) -> dict[str, Any]:
    return {"email": person.email, "email_verified": person.email_verified_at is not None}


def _phone(person: Profile) -> dict[str, Any]:
    return {
        "phone_number": person.phone,
        "phone_number_verified": person.phone_verified_at is not None,
    }


def _address(person: Profile) -> dict[str, Any]:
    return {
        "address": {
            "country": person.country,
            "postal_code": person.postal_code,
            "region": person.region,
            "formatted": person.formatted,
        }
    }


_BY_SCOPE: dict[str, Callable[[Profile], dict[str, Any]]] = {
    "profile": _profile,
    "email": _email,
    "phone": _phone,
    "address": _address,
    "username": lambda person: {"username": person.username},
    "external_id": lambda person: {"external_id": person.external_id},
}


def claims_of(person: Profile, scopes: Iterable[str]) -> dict[str, Any]:
    """The claims that scopes ask for. What a person did not say is null, as clients expect."""
    claims: dict[str, Any] = {"sub": person.id}
    for scope in scopes:
        if scope in _BY_SCOPE:
            claims |= _BY_SCOPE[scope](person)
    return claims
