"""Sign in with a password or with a code from a mail."""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, field

from gatepost.authentication import mails, tokens
from gatepost.authentication.mails import Letterhead
from gatepost.authentication.password import opened_password
from gatepost.authentication.recent_bind import RecentEmailBind, recent_bind
from gatepost.authentication.tokens import Begun, InBrowser, LoginTokens, SignIn
from gatepost.context import Call, address_in
from gatepost.credentials import client_authentication, codes, limits
from gatepost.credentials.codes import Purpose
from gatepost.credentials.limits import Origin
from gatepost.credentials.password_transport import PasswordEncryption
from gatepost.storage import (
    password_attempts,
    sessions,
    step_tokens,
    users,
    verification_codes,
)
from gatepost.storage.database import Database, Reader, Transaction, Work
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.client_address import client_address
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.fields import Body, Text, TypedCode, TypedEmail, with_one_payload
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    EmailInvalid,
    EmailUnverified,
    InvalidRequest,
    LdapNotConfigured,
    NotSupported,
    Refusal,
    RegistrationClosed,
    UserExists,
    UserNotFound,
    UserSuspended,
    WrongCredentials,
)
from gatepost.vocabulary.user import Status, User
from gatepost.vocabulary.verification_code import ANYBODY

PASSWORD, EMAIL_CODE = "password", "emailCode"
"""How somebody signed in, or tried to."""

PAYLOADS = {"PASSWORD": "passwordPayload", "PASSCODE": "passCodePayload"}


class PasswordPayload(Body):
    """A password, and whose: one of the names is needed."""

    password: Text
    account: str | None = None
    username: str | None = None
    email: TypedEmail | None = None
    phone: str | None = None


class PassCodePayload(Body):
    """A code of CHANNEL_LOGIN, and the address that it was mailed to."""

    pass_code: TypedCode
    email: TypedEmail | None = None
    phone: str | None = None


class SignInOptions(Body):
    """What a sign-in may wish for. Other options of the API are accepted and have no effect."""

    scope: str | None = None
    client_ip: str | None = None
    auto_register: bool = False
    password_encrypt_type: PasswordEncryption = PasswordEncryption.NONE


class SignInByCredentials(Body):
    """How somebody proves who they are, and how the app proves itself."""

    connection: Literal["PASSWORD", "PASSCODE", "LDAP", "AD"]
    password_payload: PasswordPayload | None = None
    pass_code_payload: PassCodePayload | None = None
    options: SignInOptions = field(default_factory=SignInOptions)
    client_id: str | None = field(name="client_id", default=None)
    client_secret: str | None = field(name="client_secret", default=None)

    @classmethod
    def relevant(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Leave out the payloads of other connections, which SDKs send empty."""
        chosen = PAYLOADS.get(str(raw.get("connection")))
        return with_one_payload(raw, chosen)


async def sign_in(call: Call, body: SignInByCredentials) -> LoginTokens:
    """Begin a session and answer with its tokens.

    The app proves itself as it is set to (RFC 6749 section 2.3). Account unknown, password
    wrong and none set are one answer, after the same work.

    Refuses: ClientUnauthenticated, WrongCredentials, CodeIncorrect, CodeExpired, EmailInvalid,
    TooManyRequests; after a right proof UserSuspended, EmailUnverified, UserNotFound;
    LdapNotConfigured, NotSupported.
    """
    proved = client_authentication.authenticate(call.app, call.credentials)
    origin = origin_of(call, body.options.client_ip, proved)
    call.known.client = origin.client
    entered = await enter(call, body, origin)
    answer = await tokens.tokens_of(call, entered.begun)
    return msgspec.structs.replace(answer, recent_email_bind=entered.recent_bind or UNSET)


class Entered(Struct, frozen=True):
    """A session just begun, and a bind that whoever began it is to be shown."""

    begun: Begun
    recent_bind: RecentEmailBind | None = None


async def enter(
    call: Call, body: SignInByCredentials, origin: Origin, browser: InBrowser | None = None
) -> Entered:
    """Begin the session of whoever proves themselves to a known app.

    Refuses: as `sign_in` does, but for the app's own proof.
    """
    if body.connection in ("LDAP", "AD"):
        raise LdapNotConfigured
    if body.connection == "PASSWORD":
        call.context.passwords.require_room()
    await limits.count_sign_in(call.context.database, call.pool, origin)
    client = origin.client or call.caller.address
    wish = SignIn(scope=body.options.scope, client=client, browser=browser)
    if body.connection == "PASSWORD":
        return await _by_password(call, body, origin, wish)
    return await _by_code(call, body, origin, wish)


def origin_of(call: Call, client_ip: str | None, proved: bool) -> Origin:
    """The person's address; what the call names itself counts only from a proved back-end."""
    named = client_address(client_ip)
    if named is not None and (proved or call.caller.is_trusted_backend):
        return Origin(call.pool.id, call.app.id, named)
    return call.origin(vouched=proved)


async def _by_password(
    call: Call, body: SignInByCredentials, origin: Origin, wish: SignIn
) -> Entered:
    context, payload, call.known.detail = call.context, body.password_payload, PASSWORD
    if payload is None:
        raise InvalidRequest("passwordPayload", Problem.MISSING)
    identifier = payload.email or payload.username or payload.account or payload.phone
    if not identifier:
        raise InvalidRequest("passwordPayload.account", Problem.MISSING)
    email = address_in(call.pool, payload.email) if payload.email else None
    if email is None and "@" in identifier:
        email = _address_or_none(call, identifier)
    attempt = limits.password_attempt(call.pool, origin, str(email or identifier))
    await limits.count_password_attempt(context.database, call.pool, attempt)
    password = await opened_password(
        context,
        body.options.password_encrypt_type,
        payload.password,
        "passwordPayload.password",
    )
    user = await _named(context.database.reader(), call, payload)
    call.known.aimed_at = user.id if user else None
    stored = user.password_hash if user else None
    checked = await context.passwords.check(password, stored)
    if not checked.ok or user is None or password is None or _is_hidden(call, user):
        raise WrongCredentials
    rehashed = await context.passwords.hash(password) if checked.needs_rehash else None

    async def work(tx: Transaction) -> tuple[Begun, RecentEmailBind | None]:
        current = await users.lock(tx, user.id)
        if current is None or current.password_hash != stored:
            raise WrongCredentials  # the password was changed while it was being checked
        await password_attempts.forget(tx, attempt)
        tx.keep()
        _may_enter(call, current)
        if rehashed and stored:
            await users.rehash(tx, user.id, stored, rehashed)
        begun = await tokens.begin_session(tx, call, current, PASSWORD, wish)
        return begun, await recent_bind(tx, call, current)

    begun, bind = await context.database.unit(work)
    return Entered(begun, bind)


async def _named(reader: Reader, call: Call, payload: PasswordPayload) -> User | None:
    """The account that a payload names: `account` may be a user name or an address."""
    if payload.email:
        return await users.find_by_email(reader, call.pool.id, address_in(call.pool, payload.email))
    if payload.username:
        return await users.find_by_username(reader, call.pool.id, payload.username)
    account = payload.account or ""
    if "@" not in account:
        return await users.find_by_username(reader, call.pool.id, account)
    email = _address_or_none(call, account)
    return await users.find_by_email(reader, call.pool.id, email) if email else None


def _address_or_none(call: Call, typed: str) -> EmailAddress | None:
    try:
        return address_in(call.pool, typed)
    except EmailInvalid:
        return None


async def _by_code(call: Call, body: SignInByCredentials, origin: Origin, wish: SignIn) -> Entered:
    context, payload, call.known.detail = call.context, body.pass_code_payload, EMAIL_CODE
    if payload is None:
        raise InvalidRequest("passCodePayload", Problem.MISSING)
    if not payload.email:
        if payload.phone:
            raise NotSupported
        raise InvalidRequest("passCodePayload.email", Problem.MISSING)
    email = address_in(call.pool, payload.email)
    purpose = Purpose(call.pool, Channel.LOGIN, email, ANYBODY)

    async def work(tx: Transaction) -> Begun:
        proof = await codes.check(tx, context.keys, purpose, payload.pass_code, origin.prover)
        found = await users.find_by_email(tx, call.pool.id, email)
        user = await users.lock(tx, found.id) if found else None
        if user is None and body.options.auto_register:
            user = await _registered(tx, call, email, wish.client)
        if user is None or user.email != str(email) or user.on_probation_at(tx.now):
            raise UserNotFound
        if not user.active:
            raise UserSuspended
        await codes.spend(tx, proof)
        await prove_mailbox(tx, call, user, email)
        return await tokens.begin_session(tx, call, user, EMAIL_CODE, wish)

    try:
        begun = await _even_if_just_taken(context.database, work)
    except Refusal:  # whose sign-in failed is asked for every address, known or not
        aimed_at = await users.find_by_email(context.database.reader(), call.pool.id, email)
        call.known.aimed_at = aimed_at.id if aimed_at else None
        raise
    return Entered(begun)


async def _even_if_just_taken(database: Database, work: Work[Begun]) -> Begun:
    """Run the unit again where an account got the address in the same moment: now it is found."""
    try:
        return await database.unit(work)
    except UserExists:
        return await database.unit(work)


async def _registered(tx: Transaction, call: Call, email: EmailAddress, client: str | None) -> User:
    """A new account for an address just proved. Refuses: RegistrationClosed."""
    if call.pool.settings.registerDisabled:
        raise RegistrationClosed
    user = User(
        id=new_id(call.context.chance),
        user_pool_id=call.pool.id,
        status=Status.ACTIVATED,
        username=None,
        email=str(email),
        email_verified_at=tx.now,
        password_hash=None,
        language=None,
    )
    await users.add(tx, user, source_type="register")
    await call.record(tx, "register", user.id, client=client)
    return user


async def prove_mailbox(tx: Transaction, call: Call, user: User, email: EmailAddress) -> None:
    """Note that an account's address was proved just now.

    Whoever signed up with the address may not have owned the mailbox, so what was put there
    before is dropped: password, sessions, pending steps. Its owner is told.
    """
    if user.email_verified_at is not None:
        return
    await users.note_proof(tx, user.id, email)
    if not user.address_is_unproved:
        return
    await drop_what_was_there(tx, user)
    if user.password_hash is not None:
        await users.set_password(tx, user.id, None, None)
        language = Language(user.language) if user.language else call.speaks()
        head = Letterhead(call.context, call.pool.id, call.app.name, language)
        await mails.notice(tx, head, "earlier_password_removed", email)


async def drop_what_was_there(tx: Transaction, user: User) -> None:
    """End whatever was begun on an account before its address was proved."""
    await sessions.end_all(tx, user.id)
    await verification_codes.void_of_user(tx, user.id)
    await step_tokens.void_of_user(tx, user.id)


def _is_hidden(call: Call, user: User) -> bool:
    """Whether nobody may learn by the right password that signing up made an account.

    It counts as a wrong one in everything, or whoever signed up could tell by the limits.
    """
    return user.address_is_unproved and call.pool.settings.hideExistingAccounts


def _may_enter(call: Call, user: User) -> None:
    if not user.active:
        raise UserSuspended
    unverified = user.email is not None and user.email_verified_at is None
    if unverified and call.pool.settings.loginRequireEmailVerified:
        raise EmailUnverified
