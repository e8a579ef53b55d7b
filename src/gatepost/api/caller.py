"""Who calls: the app, the token, the app's secret, the client's address, the language."""

from __future__ import annotations

import ipaddress
from base64 import b64decode
from functools import lru_cache
from typing import Any

from gatepost.api.http import Request
from gatepost.context import Call, Caller, Context, OwnerCall, ReadingCall, SignedInCall
from gatepost.credentials import sessions
from gatepost.credentials.client_authentication import ClientCredentials
from gatepost.credentials.tokens import AccessClaims
from gatepost.settings import Network, Settings
from gatepost.storage import applications
from gatepost.storage.database import Reader, Transaction
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.client_address import client_address, octets_of_ipv4
from gatepost.vocabulary.language import Language, language_of_tag, negotiate
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    AppUnknown,
    ClientUnauthenticated,
    InvalidRequest,
    NotSignedIn,
    SessionEnded,
)
from gatepost.vocabulary.session import SignedIn

# What is remembered by the text of a header is cut off first, or strangers fill the memory.
LONGEST_TAG, LONGEST_ACCEPTED, LONGEST_USER_AGENT = 64, 1000, 300


async def call_to_app(context: Context, request: Request, raw: dict[str, Any]) -> Call:
    """A call to the app that the header names, else the body, else the token.

    A token that is stale or not ours is as good as none: SDKs attach one to every call.

    Refuses: AppUnknown, InvalidRequest.
    """
    claims = _claims(context, request)
    in_body = _text(raw, "client_id")
    named = request.header("app-id") or in_body or _basic_id(request)
    app_id = named or (claims.aud if claims else None)
    if not app_id:
        raise AppUnknown
    app = await _app(context.database.reader(), app_id)
    _same_pool(request, app.user_pool_id, AppUnknown)
    request.pool = app.pool
    request.known.pool_id, request.known.app_id = app.user_pool_id, app.id
    return Call(
        context=context,
        request_id=request.request_id,
        caller=caller_of(request, context.settings),
        language=language_of(request),
        app=app,
        claims=claims,
        credentials=_credentials(request, raw, app),
        known=request.known,
    )


def claims_needed(context: Context, request: Request) -> AccessClaims:
    """What the call's token says. Refuses: NotSignedIn, SessionEnded."""
    if token_of(request) is None:
        raise NotSignedIn
    claims = _claims(context, request)
    if claims is None:
        raise SessionEnded
    return claims


async def signed_in_call(
    reader: Reader, context: Context, request: Request, claims: AccessClaims
) -> SignedInCall:
    """A call by whoever the token belongs to, whose session is alive now.

    Refuses: SessionEnded, UserSuspended, AppUnknown.
    """
    app = await _other_app(reader, request, claims)
    session = await sessions.alive(reader, claims, app)
    return SignedInCall(**_signed_in(context, request, session))


async def reading_call(
    reader: Reader, context: Context, request: Request, claims: AccessClaims
) -> ReadingCall:
    """The same with the caller's profile, read in one statement."""
    app = await _other_app(reader, request, claims)
    session, profile = await sessions.alive_with_profile(reader, claims, app)
    return ReadingCall(**_signed_in(context, request, session), profile=profile)


async def owner_call(
    tx: Transaction, context: Context, request: Request, claims: AccessClaims
) -> OwnerCall:
    """The same with the caller's account, held until the unit ends."""
    app = await _other_app(tx, request, claims)
    session, user = await sessions.hold(tx, claims, app)
    return OwnerCall(**_signed_in(context, request, session), user=user)


def _signed_in(context: Context, request: Request, session: SignedIn) -> dict[str, Any]:
    _same_pool(request, session.user_pool_id, SessionEnded)
    request.pool = session.pool
    know(request, session)
    return {
        "context": context,
        "request_id": request.request_id,
        "caller": caller_of(request, context.settings),
        "language": language_of(request),
        "session": session,
    }


def know(request: Request, session: SignedIn) -> None:
    """Note whose request it is: for the log, and for what is kept of a refusal."""
    known = request.known
    known.pool_id, known.app_id = session.user_pool_id, session.app_id
    known.user_id, known.session_id = session.user_id, session.session_id


async def _other_app(reader: Reader, request: Request, claims: AccessClaims) -> Application | None:
    """The app that a call names, if that is another than the token's."""
    named = request.header("app-id")
    return await _app(reader, named) if named and named != claims.aud else None


async def _app(reader: Reader, app_id: str) -> Application:
    app = await applications.find(reader, app_id) if app_id.isprintable() else None
    if app is None:
        raise AppUnknown
    return app


def _same_pool(
    request: Request, pool_id: str, refusal: type[AppUnknown] | type[SessionEnded]
) -> None:
    named = request.header("userpool-id")
    if named and named != pool_id:
        raise refusal


def token_of(request: Request) -> str | None:
    """The access token of a call: SDKs send it bare or after `Bearer` (RFC 6750 section 2.1)."""
    scheme, _, rest = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() == "bearer":
        rest = rest.strip()
        return rest if rest and not rest.lower().startswith("basic ") else None
    return None if scheme.lower() == "basic" else scheme or None


def _claims(context: Context, request: Request) -> AccessClaims | None:
    token = token_of(request)
    if token is None:
        return None
    return context.key_store.keyring.verify_access_token(token, context.clock())


def _credentials(
    request: Request, raw: dict[str, Any], app: Application
) -> ClientCredentials | None:
    """The app's secret, from the header, the body, or both if they agree.

    Refuses: ClientUnauthenticated, where they do not.
    """
    in_header = _basic(request)
    in_body = None
    if secret := _text(raw, "client_secret"):
        in_body = ClientCredentials(_text(raw, "client_id") or app.id, secret)
    if in_header and in_body and in_header != in_body:
        raise ClientUnauthenticated
    return in_header or in_body


def _basic(request: Request) -> ClientCredentials | None:
    """`Basic` credentials (RFC 7617), also behind the `Bearer` that one SDK puts before them."""
    words = request.headers.get("authorization", "").split()
    if len(words) == 3 and words[0].lower() == "bearer":
        words = words[1:]
    if len(words) != 2 or words[0].lower() != "basic":
        return None
    try:
        app_id, _, secret = b64decode(words[1], validate=True).decode().partition(":")
    except ValueError:
        return ClientCredentials("", "")  # sent, and never right
    return ClientCredentials(app_id, secret)


def _basic_id(request: Request) -> str | None:
    basic = _basic(request)
    return basic.app_id if basic else None


def _text(raw: dict[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidRequest(name, Problem.NOT_TEXT)
    return value or None


def language_of(request: Request) -> Language | None:
    """The language that a request asks for, by the API's own header or `Accept-Language`."""
    tag, accepted = request.header("lang"), request.headers.get("accept-language")
    return _language(tag and tag[:LONGEST_TAG], accepted and accepted[:LONGEST_ACCEPTED])


@lru_cache(maxsize=1024)
def _language(tag: str | None, accepted: str | None) -> Language | None:
    if tag:
        return language_of_tag(tag)
    return negotiate(accepted) if accepted else None


def caller_of(request: Request, settings: Settings) -> Caller:
    """Where a request comes from: headers count only as far as the peer may be believed."""
    if request.caller is None:
        address = _behind_proxies(request, settings.trusted_proxies)
        request.caller = Caller(
            address=client_address(address) or "unknown",
            named_address=client_address(request.headers.get("x-real-ip")),
            is_trusted_backend=_is_in(address, settings.trusted_backends),
            user_agent=_printable(request.headers.get("user-agent", "")[:LONGEST_USER_AGENT]),
        )
    return request.caller


def _behind_proxies(request: Request, proxies: tuple[Network, ...]) -> str:
    """The first hop from the right that is no proxy of ours; a malformed one ends the search."""
    address = request.peer
    forwarded = request.headers.get("x-forwarded-for")
    if not forwarded or not _is_in(address, proxies):
        return address
    for hop in reversed(forwarded.split(",")):
        if client_address(hop) is None:
            return address
        address = hop.strip()
        if not _is_in(address, proxies):
            return address
    return address


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    if not networks:
        return False
    octets = octets_of_ipv4(address)
    if octets is None:
        return _is_ipv6_in(address, networks)
    number = int.from_bytes(octets)
    return any(number & mask == start for mask, start in _ipv4_networks(networks))


@lru_cache(maxsize=8)
def _ipv4_networks(networks: tuple[Network, ...]) -> list[tuple[int, int]]:
    """Masks and first addresses, as numbers: to look in them is cheaper than to ask `ipaddress`."""
    return [(int(n.netmask), int(n.network_address)) for n in networks if n.version == 4]


@lru_cache(maxsize=4096)
def _is_ipv6_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return any((parsed.ipv4_mapped or parsed) in network for network in networks)


@lru_cache(maxsize=1024)
def _printable(text: str) -> str | None:
    return "".join(c for c in text if c.isprintable()) or None
