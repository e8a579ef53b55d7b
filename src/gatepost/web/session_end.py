"""`/oidc/session/end`: sign out, because an app asks for it or the person does."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from gatepost.api import parsing
from gatepost.api.http import Reply, Request
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.oidc.logout import Logout, LogoutRequest, logout_of
from gatepost.storage import applications, sessions, users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.fields import Body
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.session import SignedIn
from gatepost.web import cookies
from gatepost.web.authorize import parameters_of
from gatepost.web.cookies import Cookie
from gatepost.web.look import Look, look_of
from gatepost.web.pages import onward, page, to
from gatepost.web.same_origin import from_here
from gatepost.web.visitor import Visitor, visitor_of

PATH = "/oidc/session/end"


class ConfirmForm(Body):
    """That the person wants to sign out, and the request that asked."""

    token: str = ""
    request: str = ""


async def end_session(context: Context, request: Request, asked: LogoutRequest) -> Reply:
    """End the app's session and the browser's; ask first where that is not plainly meant.

    It is where the id_token that the app shows was given in this very browser session.
    """
    logout, visitor = await logout_of(context, asked), await visitor_of(context, request)
    if logout.session is not None:
        await _end(visitor, logout.session)
    if visitor.session is None:
        return _gone(visitor, logout, asked)
    if not logout.may_end(visitor.session):
        return await _question(visitor, visitor.session, logout, asked)
    await _end(visitor, visitor.session)
    return _gone(visitor, logout, asked)


async def post_end_session(request: Request) -> Reply:
    """The same request as a form (section 2): no cookie comes with one of another site."""
    return to(f"{PATH}?{urlencode(parameters_of(request.body))}")


async def confirm_end(context: Context, request: Request, form: ConfirmForm) -> Reply:
    """End the browser's session, and with it those that apps began in it.

    A form of another site comes without cookies, and is sent on to where they come along.
    """
    asked = parsing.query_of(LogoutRequest, dict(parse_qsl(form.request)))
    if not from_here(context.settings, request):
        return to(f"{PATH}?{_whole(asked)}")
    logout, visitor = await logout_of(context, asked), await visitor_of(context, request)
    if visitor.session is not None:
        if not visitor.sent(form.token):
            return await _question(visitor, visitor.session, logout, asked, stale=True)
        await _end(visitor, visitor.session)
    return _gone(visitor, logout, asked, by_form=True)


async def _end(visitor: Visitor, session: SignedIn) -> None:
    app = await applications.find(visitor.context.database.reader(), session.app_id)

    async def work(tx: Transaction) -> None:
        await users.lock(tx, session.user_id)
        current = await sessions.find(tx, session.session_id)
        if app is None or current is None or not current.alive_at(tx.now):
            return
        await sessions.end(tx, session.session_id)
        call = visitor.call(app, Language.EN_US)
        await call.record(tx, "logout", session.user_id, session_id=session.session_id)

    await visitor.context.database.unit(work)


def _gone(visitor: Visitor, logout: Logout, asked: LogoutRequest, by_form: bool = False) -> Reply:
    look = _look(visitor, logout, asked)
    # What did not come along is not taken away: it may be the cookie of a session.
    drop = () if visitor.is_new else (cookies.drop(visitor.context.settings, Cookie.BROWSER),)
    if logout.back is None:
        reply = page("signed_out.html", look)
        reply.headers += drop
        return reply
    return onward(look, logout.back, *drop) if by_form else to(logout.back, *drop)


async def _question(
    visitor: Visitor,
    session: SignedIn,
    logout: Logout,
    asked: LogoutRequest,
    stale: bool = False,
) -> Reply:
    look = _look(visitor, logout, asked)
    return page(
        "logout.html",
        look,
        403 if stale else 200,
        account=await visitor.account(session),
        problem=look.says("common.stale") if stale else "",
        token=visitor.form_token,
        request=_whole(asked),
    )


def _whole(asked: LogoutRequest) -> str:
    """The request once more, as a query."""
    return urlencode({name: getattr(asked, name) for name in asked.__struct_fields__})


def _look(visitor: Visitor, logout: Logout, asked: LogoutRequest) -> Look:
    wished = visitor.wished_language(asked.ui_locales.partition(" ")[0])
    if logout.app is not None:
        return look_of(logout.app, wished or logout.app.pool.settings.language)
    pool = visitor.session.pool if visitor.session else None
    return Look(wished or (pool.settings.language if pool else Language.EN_US))


SESSION_END_ROUTES = [
    Route("GET", PATH, end_session),
    Route("POST", PATH, post_end_session),
    Route("POST", "/oidc/session/confirm", confirm_end),
]
