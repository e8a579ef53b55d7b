"""`/login`: sign in with a password."""

from __future__ import annotations

from msgspec import field

from gatepost.api.http import Reply, Request
from gatepost.authentication.sign_in import PasswordPayload, SignInByCredentials, enter
from gatepost.authentication.tokens import InBrowser
from gatepost.context import Context
from gatepost.credentials.secrets import new_secret_token
from gatepost.messages import refusal_words
from gatepost.vocabulary.refusals import Refusal
from gatepost.web.arrival import Arrival, Way, WayForm, arrival
from gatepost.web.pages import page
from gatepost.web.refused import paged
from gatepost.web.visitor import browser_cookie


class LoginQuery(Way):
    """`again` asks for a sign-in even of whoever is signed in; `login_hint` is a first guess."""

    again: str = ""
    login_hint: str = field(name="login_hint", default="")


class LoginForm(WayForm):
    """A user name or an address, and the password."""

    again: str = ""
    account: str = ""
    password: str = ""


@paged
async def show_login(context: Context, request: Request, query: LoginQuery) -> Reply:
    """The sign-in page; whoever is signed in to the pool goes on at once."""
    at = await arrival(context, request, query)
    if at.visitor.signed_in(at.app.user_pool_id) and not query.again:
        return at.go_on()
    return _form(at, query.login_hint, query.again)


@paged
async def log_in(context: Context, request: Request, form: LoginForm) -> Reply:
    """Sign in with a password, and go on."""
    at = await arrival(context, request, form)
    if not at.visitor.sent(form.token):
        return _form(at, form.account, form.again, at.look.says("common.stale"), 403)
    try:
        return await signed_in(at, _by_password(form))
    except Refusal as refusal:
        said = refusal_words(at.look.language, refusal)
        return _form(at, form.account, form.again, said, 422)


async def signed_in(at: Arrival, body: SignInByCredentials) -> Reply:
    """Begin a session in this browser, under a new secret, and go on."""
    fresh = new_secret_token(at.visitor.context.chance)
    browser = InBrowser(cookie=fresh, earlier=at.visitor.cookie)
    await enter(at.call, body, at.call.origin(), browser)
    return at.go_on(browser_cookie(at.visitor.context, fresh))


def _by_password(form: LoginForm) -> SignInByCredentials:
    payload = PasswordPayload(password=form.password, account=form.account.strip())
    return SignInByCredentials(connection="PASSWORD", password_payload=payload)


def _form(at: Arrival, account: str, again: str, problem: str = "", status: int = 200) -> Reply:
    reply = page(
        "login.html", at.look, status, at=at, account=account, again=again, problem=problem
    )
    reply.headers += tuple(at.visitor.kept())
    return reply
