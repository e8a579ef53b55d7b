"""`/login`: sign in with a password. `/login/code` does it with a code from a mail."""

from __future__ import annotations

from gatepost.api.http import Reply, Request
from gatepost.authentication.sign_in import PasswordPayload, SignInByCredentials, enter
from gatepost.authentication.tokens import InBrowser
from gatepost.context import Context
from gatepost.credentials.secrets import new_secret_token
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest, Refusal
from gatepost.web.arrival import Arrival, Way, arrival
from gatepost.web.problem import said_of
from gatepost.web.step import drop_step
from gatepost.web.visitor import OwnForm, browser_cookie

PAGE = "login.html"


class LoginForm(OwnForm):
    """A user name or an address, and the password."""

    account: str = ""
    password: str = ""


async def show_login(context: Context, request: Request, query: Way) -> Reply:
    """The sign-in page; whoever is signed in to the pool goes on at once."""
    at = await arrival(context, request, query)
    if at.goes_on_at_once():
        return at.go_on()
    return at.shows(PAGE, account=at.hint)


async def log_in(context: Context, request: Request, query: Way, form: LoginForm) -> Reply:
    """Sign in with a password, and go on."""
    at = await arrival(context, request, query)
    if not at.visitor.sent(form.token):
        return at.stale(PAGE, account=form.account)
    try:
        return await signed_in(at, by_password(form.account, form.password))
    except Refusal as refusal:
        said = said_of(at.look, refusal, "", "account", "password")
        return at.shows(PAGE, said, account=form.account)


def by_password(account: str, password: str) -> SignInByCredentials:
    """What somebody typed. Refuses: InvalidRequest for what was left out."""
    name = account.strip()
    if not name or not password:
        raise InvalidRequest("account" if not name else "password", Problem.MISSING)
    payload = PasswordPayload(password=password, account=name)
    return SignInByCredentials(connection="PASSWORD", password_payload=payload)


async def signed_in(at: Arrival, body: SignInByCredentials) -> Reply:
    """Begin a session in this browser, under a new secret, and go on.

    Whoever signs in with the password is first shown an address that was bound without it.
    """
    fresh = new_secret_token(at.visitor.context.chance)
    browser = InBrowser(cookie=fresh, earlier=at.visitor.cookie)
    entered = await enter(at.call, body, at.call.origin(), browser)
    cookie = browser_cookie(at.visitor.context, fresh)
    if entered.recent_bind is None:
        return at.go_on(cookie)
    bind = entered.recent_bind
    when = f"{bind.bound_at[:10]} {bind.bound_at[11:16]} UTC"
    reply = at.shows("recent_bind.html", bind=bind, when=when)
    reply.headers += (cookie, drop_step(at.visitor.context))
    return reply
