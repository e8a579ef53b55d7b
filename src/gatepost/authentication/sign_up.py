"""Make an account for oneself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from gatepost.authentication.password import opened_password
from gatepost.authentication.profile import GetProfile, UserDto, shown
from gatepost.authentication.profile_fields import Line, ProfileFields, said
from gatepost.authentication.sign_in import origin_of
from gatepost.context import Call, address_in
from gatepost.credentials import client_authentication, codes, limits
from gatepost.credentials.claims import KNOWN_SCOPES
from gatepost.credentials.codes import Purpose
from gatepost.credentials.limits import Origin
from gatepost.credentials.password_transport import PasswordEncryption
from gatepost.storage import users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Body, Text, TypedCode, TypedEmail, with_one_payload
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.password_rules import check_new_password
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    EmailTaken,
    InvalidRequest,
    NotSupported,
    RegistrationClosed,
    UserExists,
    UsernameTaken,
)
from gatepost.vocabulary.user import Profile, Status, User
from gatepost.vocabulary.username import username as parsed_username
from gatepost.vocabulary.verification_code import ANYBODY

PAYLOADS = {"PASSWORD": "passwordPayload", "PASSCODE": "passCodePayload"}


class NewPassword(Body):
    """A password for a user name or an address."""

    password: Text
    username: str | None = None
    email: TypedEmail | None = None


class NewByCode(Body):
    """A code of CHANNEL_REGISTER, and the address that it was mailed to."""

    pass_code: TypedCode
    email: TypedEmail | None = None
    phone: str | None = None


class SignUpProfile(ProfileFields):
    """What a new account says of itself. An address here needs its code among the options."""

    email: TypedEmail | None = None
    given_name: Line | None = None
    family_name: Line | None = None
    middle_name: Line | None = None
    profile: Line | None = None
    preferred_username: Line | None = None
    website: Line | None = None
    zoneinfo: Line | None = None
    locale: Line | None = None
    formatted: Line | None = None
    region: Line | None = None
    browser: Annotated[str, Meta(max_length=512)] | None = None
    device: Annotated[str, Meta(max_length=512)] | None = None


class SignUpOptions(Body):
    """What a sign-up may wish for; other options are accepted and have no effect."""

    client_ip: str | None = None
    email_pass_code_for_information_completion: TypedCode | None = None
    password_encrypt_type: PasswordEncryption = PasswordEncryption.NONE


class SignUp(Body):
    """Who is to be made, and how they prove what they say."""

    connection: Literal["PASSWORD", "PASSCODE"]
    password_payload: NewPassword | None = None
    pass_code_payload: NewByCode | None = None
    profile: SignUpProfile = field(default_factory=SignUpProfile)
    options: SignUpOptions = field(default_factory=SignUpOptions)

    @classmethod
    def relevant(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Leave out the payload of the other connection, which SDKs send empty."""
        chosen = PAYLOADS.get(str(raw.get("connection")))
        return with_one_payload(raw, chosen)


class Newcomer(Struct, frozen=True):
    """Who is about to get an account. The code proves the address; without one it is only said."""

    username: str | None = None
    email: EmailAddress | None = None
    proof: tuple[Channel, str] | None = None
    password_hash: str | None = None
    password_level: int | None = None

    @property
    def is_nobody(self) -> bool:
        """Whether there is no way in: the address is another's, and nobody is to learn of it."""
        return self.proof is None and self.password_hash is None


async def sign_up(call: Call, body: SignUp) -> UserDto:
    """Make an account: with a user name or an address and a password, or with a code by mail.

    An address that came with a password only is unverified. Gives no tokens: signing in does.

    Refuses: RegistrationClosed, InvalidRequest, EmailInvalid, PasswordTooWeak, UserExists,
    UsernameTaken, CodeIncorrect, CodeExpired, TooManyRequests, NotSupported for phones.
    """
    settings = call.pool.settings
    if settings.registerDisabled:
        raise RegistrationClosed
    proved = client_authentication.vouched(call.app, call.credentials)
    origin = origin_of(call, body.options.client_ip, proved)
    call.known.client = origin.client
    await limits.count_sign_up(call.context.database, call.pool, origin)
    newcomer = await _newcomer(call, body)
    user_id = new_id(call.context.chance)
    hides = settings.hideExistingAccounts and newcomer.proof is None and newcomer.email is not None
    made = _as_if_made if hides else _made

    async def work(tx: Transaction) -> Profile:
        return await made(tx, call, body, newcomer, user_id, origin)

    try:
        person = await call.context.database.unit(work)
    except UserExists:
        if not hides:
            raise
        person = await call.context.database.unit(work)  # somebody was quicker: now it is found
    return shown(person, KNOWN_SCOPES, call.context.settings.origin, GetProfile())


async def _newcomer(call: Call, body: SignUp) -> Newcomer:
    if body.connection == "PASSCODE":
        return _by_code(call, body)
    payload = body.password_payload
    if payload is None:
        raise InvalidRequest("passwordPayload", Problem.MISSING)
    if not payload.username and not payload.email:
        raise InvalidRequest("passwordPayload.username", Problem.MISSING)
    name = (
        parsed_username(payload.username, "passwordPayload.username") if payload.username else None
    )
    email = address_in(call.pool, payload.email) if payload.email else None
    typed = await opened_password(
        call.context,
        body.options.password_encrypt_type,
        payload.password,
        "passwordPayload.password",
    )
    if typed is None:
        raise InvalidRequest("passwordPayload.password", Problem.NOT_DECRYPTABLE)
    level = check_new_password(typed, name, str(email) if email else None)
    completed, proof = _completion(call, body)
    if completed and email and completed != email:
        raise InvalidRequest("profile.email", Problem.CONFLICTING)
    return Newcomer(
        username=name,
        email=completed or email,
        proof=proof,
        password_hash=await call.context.passwords.hash(typed, "passwordPayload.password"),
        password_level=level,
    )


def _by_code(call: Call, body: SignUp) -> Newcomer:
    payload = body.pass_code_payload
    if payload is None:
        raise InvalidRequest("passCodePayload", Problem.MISSING)
    if not payload.email:
        if payload.phone:
            raise NotSupported
        raise InvalidRequest("passCodePayload.email", Problem.MISSING)
    email = address_in(call.pool, payload.email)
    if body.profile.email and address_in(call.pool, body.profile.email) != email:
        raise InvalidRequest("profile.email", Problem.CONFLICTING)
    return Newcomer(email=email, proof=(Channel.REGISTER, payload.pass_code))


def _completion(call: Call, body: SignUp) -> tuple[EmailAddress | None, tuple[Channel, str] | None]:
    """An address among the profile, with the code that proves it."""
    if not body.profile.email:
        return None, None
    code = body.options.email_pass_code_for_information_completion
    if not code:
        raise InvalidRequest("options.emailPassCodeForInformationCompletion", Problem.MISSING)
    return address_in(call.pool, body.profile.email), (Channel.COMPLETE_EMAIL, code)


async def _made(
    tx: Transaction, call: Call, body: SignUp, newcomer: Newcomer, user_id: str, origin: Origin
) -> Profile:
    if newcomer.proof is not None and newcomer.email is not None:
        channel, answer = newcomer.proof
        purpose = Purpose(call.pool, channel, newcomer.email, ANYBODY)
        proof = await codes.check(tx, call.context.keys, purpose, answer, origin.prover)
        await codes.spend(tx, proof)
    user = User(
        id=user_id,
        user_pool_id=call.pool.id,
        status=Status.ACTIVATED,
        username=newcomer.username,
        email=str(newcomer.email) if newcomer.email else None,
        email_verified_at=tx.now if newcomer.proof else None,
        password_hash=newcomer.password_hash,
        language=None,
    )
    # Which of two indexes refuses first is the engine's choice, and where accounts are hidden a
    # name that is known to be taken must not tell whether the address is.
    if user.username and await users.find_by_username(tx, call.pool.id, user.username):
        raise UsernameTaken
    await users.add(tx, user, source_type="register", password_level=newcomer.password_level)
    person = await users.profile(tx, user_id)
    if person is None:
        raise EmailTaken
    person = said(person, body.profile)
    await users.set_profile(tx, person)
    detail = "address taken" if newcomer.is_nobody else None
    await call.record(tx, "register", user_id, client=origin.client, detail=detail)
    return person


async def _as_if_made(
    tx: Transaction, call: Call, body: SignUp, newcomer: Newcomer, user_id: str, origin: Origin
) -> Profile:
    """Make an account, or do all the same work where another has the address.

    Neither the answer nor its time tells which. A user name is taken afterwards either way, or
    asking for it once more would tell; without a password nobody gets in by it.
    """
    email, level = newcomer.email, newcomer.password_level
    taken = email is not None and await users.find_by_email(tx, call.pool.id, email) is not None
    if taken:
        newcomer = replace(newcomer, email=None, password_hash=None)
    person = await _made(tx, call, body, newcomer, user_id, origin)
    await users.remove_nameless(tx, user_id)
    return replace(person, email=str(email), password_set_at=tx.now, password_level=level)
