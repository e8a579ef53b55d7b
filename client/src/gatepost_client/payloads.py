"""What goes into calls, under the names of the wire: for those who come from the official SDK.

Every method takes the usual of it as plain keywords too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict

Encryption = Literal["none", "rsa", "sm2"]
Gender = Literal["M", "F", "U"]
AuthMethod = Literal["client_secret_post", "client_secret_basic", "none"]

Channel = Literal[
    "CHANNEL_LOGIN",
    "CHANNEL_REGISTER",
    "CHANNEL_RESET_PASSWORD",
    "CHANNEL_VERIFY_EMAIL_LINK",
    "CHANNEL_UPDATE_EMAIL",
    "CHANNEL_BIND_EMAIL",
    "CHANNEL_UNBIND_EMAIL",
    "CHANNEL_VERIFY_MFA",
    "CHANNEL_UNLOCK_ACCOUNT",
    "CHANNEL_COMPLETE_EMAIL",
    "CHANNEL_DELETE_ACCOUNT",
]
"""What a mailed code is for."""


class SignInOptions(TypedDict, total=False):
    """What a sign-in may wish for."""

    scope: str
    clientIp: str
    context: Mapping[str, Any]
    tenantId: str
    customData: Mapping[str, Any]
    autoRegister: bool
    captchaCode: str
    passwordEncryptType: Encryption


class SignUpOptions(TypedDict, total=False):
    """What a sign-up may wish for."""

    clientIp: str
    context: Mapping[str, Any]
    phonePassCodeForInformationCompletion: str
    emailPassCodeForInformationCompletion: str
    passwordEncryptType: Encryption


class SignUpProfile(TypedDict, total=False):
    """What a new account says of itself."""

    name: str
    nickname: str
    company: str
    photo: str
    device: str
    browser: str
    givenName: str
    familyName: str
    middleName: str
    profile: str
    preferredUsername: str
    website: str
    gender: Gender
    birthdate: str
    zoneinfo: str
    locale: str
    address: str
    formatted: str
    streetAddress: str
    locality: str
    region: str
    postalCode: str
    country: str
    email: str
    phone: str
    customData: Mapping[str, Any]


class PasswordPayload(TypedDict, total=False):
    """A password and whose it is."""

    password: str
    account: str
    username: str
    email: str
    phone: str


class PassCodePayload(TypedDict, total=False):
    """A code and where it was sent."""

    passCode: str
    email: str
    phone: str
    phoneCountryCode: str


class DirectoryPayload(TypedDict):
    """A name and a password of LDAP or Active Directory."""

    sAMAccountName: str
    password: str


class EmailCodePayload(TypedDict):
    """A code from a mail, and what it is for."""

    email: str
    passCode: str
    channel: Channel


class EmailPassCodePayload(TypedDict, total=False):
    """A code, and the address that it was mailed to."""

    email: str
    passCode: str


class UpdateEmailPayload(TypedDict, total=False):
    """The new address with its code; the old one with its code where the pool asks for it."""

    newEmail: str
    newEmailPassCode: str
    oldEmail: str
    oldEmailPassCode: str


class ClosingPasswordPayload(TypedDict, total=False):
    """The account's password."""

    password: str
    passwordEncryptType: Encryption
