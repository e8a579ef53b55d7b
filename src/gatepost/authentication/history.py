"""Where and when the caller signed in."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from msgspec import Meta, Struct, field

from gatepost.authentication.sign_in import EMAIL_CODE, PASSWORD
from gatepost.authentication.user_agent import UserAgent, parsed
from gatepost.context import SignedInCall
from gatepost.messages import refusal_in_short
from gatepost.storage import sessions, sign_in_history
from gatepost.storage.database import Reader
from gatepost.storage.sign_in_history import PastSignIn, Wanted
from gatepost.vocabulary.fields import Answer, Query, iso
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import Overloaded

METHODS = {PASSWORD: "loginByPassword", EMAIL_CODE: "loginByEmail"}

Instant = Annotated[int, Meta(ge=0, le=2**53)]


class GetMyLoginHistory(Query):
    """Which sign-ins: of one app or client address, in a span of time (ms), a page of them."""

    app_id: str | None = None
    client_ip: str | None = None
    success: bool | None = None
    start: Instant | None = None
    end: Instant | None = None
    page: Annotated[int, Meta(ge=1, le=1_000_000)] = 1
    limit: Annotated[int, Meta(ge=1, le=50)] = 10


class Location(Struct):
    """Where an address is on the map; not known here."""

    lon: float | None = None
    lat: float | None = None


class GeoIp(Struct):
    """Where an address is; not known here, so every field is null."""

    location: Location
    country_name: str | None = None
    country_code2: str | None = None
    country_code3: str | None = None
    region_name: str | None = None
    region_code: str | None = None
    city_name: str | None = None
    continent_code: str | None = None
    timezone: str | None = None


class LoginHistory(Answer):
    """One sign-in; one that failed stands for all of its minute, client address and reason."""

    user_id: str
    app_id: str
    app_name: str
    app_login_url: str
    app_logo: str
    login_at: str
    client_ip: str
    success: bool
    error_message: str | None
    user_agent: str
    parsed_user_agent: UserAgent
    login_method: str
    geoip: GeoIp
    tenant_id: str | None


class LoginHistories(Answer):
    """A page of sign-ins, the newest first, and how many there are in all."""

    total_count: int
    sign_ins: list[LoginHistory] = field(name="list")


async def get_my_login_history(
    reader: Reader, call: SignedInCall, query: GetMyLoginHistory
) -> LoginHistories:
    """The caller's sign-ins and what was tried with the account, the newest first."""
    with suppress(Overloaded):  # then the newest failures are shown next time
        await call.context.refusals.flush(call.session.user_id)
    wanted = Wanted(
        user_id=call.session.user_id,
        app_id=query.app_id or "",
        client_address=query.client_ip or "",
        succeeded=-1 if query.success is None else int(query.success),
        since=query.start or 0,
        until=query.end or 2**53,
    )
    found = await sign_in_history.page(
        reader, wanted, most=query.limit, skipped=(query.page - 1) * query.limit
    )
    origin = call.context.settings.origin
    speaks = call.language or call.pool.settings.language
    return LoginHistories(
        total_count=await sign_in_history.count(reader, wanted),
        sign_ins=[
            LoginHistory(
                user_id=call.session.user_id,
                app_id=past.app_id,
                app_name=past.app_name,
                app_login_url=origin,
                app_logo="",
                login_at=iso(past.at) or "",
                client_ip=past.client_address or "",
                success=bool(past.succeeded),
                error_message=_error_message(past, speaks),
                user_agent=past.user_agent or "",
                parsed_user_agent=parsed(past.user_agent),
                login_method=METHODS.get(past.method or "", past.method or ""),
                geoip=GeoIp(location=Location()),
                tenant_id=None,
            )
            for past in found
        ],
    )


def _error_message(past: PastSignIn, speaks: Language) -> str | None:
    if past.refusal is None:
        return None
    said = refusal_in_short(speaks, past.refusal)
    return said if past.times == 1 else f"{said} (×{past.times})"


class LoggedInApp(Answer):
    """An app that the caller has signed in to, and whether a session is alive there."""

    app_id: str
    app_name: str
    app_login_url: str
    app_logo: str
    active: bool


async def get_my_logged_in_apps(reader: Reader, call: SignedInCall) -> list[LoggedInApp]:
    """The apps that the caller has signed in to."""
    origin = call.context.settings.origin
    return [
        LoggedInApp(app_id=app_id, app_name=name, app_login_url=origin, app_logo="", active=active)
        for app_id, name, active in await sessions.apps_of(reader, call.session.user_id)
    ]
