"""How well an account is secured."""

from __future__ import annotations

from gatepost.context import ReadingCall
from gatepost.vocabulary.fields import Answer
from gatepost.vocabulary.user import Profile


class SecurityInfo(Answer):
    """What the caller's account is secured by; `securityScore` from 0 to 100."""

    password_security_level: int
    mfa_enrolled: bool
    password_set: bool
    email_binded: bool
    phone_binded: bool
    security_score: int


async def get_security_info(call: ReadingCall) -> SecurityInfo:
    """What the caller's account is secured by."""
    person = call.profile
    return SecurityInfo(
        password_security_level=person.password_level or 0,
        mfa_enrolled=False,
        password_set=person.password_set_at is not None,
        email_binded=person.email is not None,
        phone_binded=person.phone is not None,
        security_score=_score(person),
    )


def _score(person: Profile) -> int:
    """A third each for a password (by its strength), a proved address, and a phone."""
    by_password = (0, 14, 24, 34)[min(person.password_level or 0, 3)]
    if person.password_set_at is not None:
        by_password = max(by_password, 14)
    by_email = 33 if person.email_verified_at is not None else 0
    by_phone = 33 if person.phone_verified_at is not None else 0
    return by_password + by_email + by_phone
