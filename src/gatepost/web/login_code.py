"""`/login/code`: sign in, or make an account, by a code from a mail."""

from __future__ import annotations

from gatepost.api.http import Reply, Request
from gatepost.authentication.sign_in import PassCodePayload, SignInByCredentials, SignInOptions
from gatepost.context import Context
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.refusals import Refusal, RegistrationClosed, UserNotFound
from gatepost.web.arrival import Arrival, Way, arrival
from gatepost.web.login import signed_in
from gatepost.web.mailed import ask, mailed, typed_address, typed_code
from gatepost.web.pages import to
from gatepost.web.problem import NOTHING, Said, said_of
from gatepost.web.step import Step
from gatepost.web.visitor import OwnForm

LOGIN, SIGNUP = "login", "signup"
PAGE = "login_code.html"


class MailForm(OwnForm):
    """To whom; empty for the address of the step that this browser is at."""

    account: str = ""


class CodeForm(OwnForm):
    """The code from the mail; `create` makes an account where the address has none."""

    code: str = ""
    create: str = ""


async def mail_login_code(context: Context, request: Request, query: Way, form: MailForm) -> Reply:
    """Mail a code to sign in with."""
    return await _mail(context, request, query, form, LOGIN, "login.html")


async def mail_signup_code(context: Context, request: Request, query: Way, form: MailForm) -> Reply:
    """Mail a code to make an account with."""
    return await _mail(context, request, query, form, SIGNUP, "signup.html")


async def _mail(
    context: Context, request: Request, query: Way, form: MailForm, name: str, before: str
) -> Reply:
    at = await arrival(context, request, query)
    if not at.visitor.sent(form.token):
        return at.stale(before, account=form.account)
    step = at.step if at.step.name in (LOGIN, SIGNUP) else Step()
    try:
        if name == SIGNUP and at.app.pool.settings.registerDisabled:
            raise RegistrationClosed
        email = typed_address(at.app.pool, form.account.strip() or step.email)
        tag = await ask(at.call, Channel.LOGIN, email, step)
    except Refusal as refusal:
        said = said_of(at.look, refusal, "", "account")
        return at.shows(before, said, account=form.account)
    return at.leads("/login/code", Step(name=name, email=str(email), tag=tag))


async def show_login_code(context: Context, request: Request, query: Way) -> Reply:
    """Where the code is typed in."""
    at = await arrival(context, request, query)
    if at.step.name not in (LOGIN, SIGNUP):
        return to(at.path("/login"))
    return await _page(at)


async def log_in_by_code(context: Context, request: Request, query: Way, form: CodeForm) -> Reply:
    """Sign in with the code, and go on."""
    at = await arrival(context, request, query)
    if at.step.name not in (LOGIN, SIGNUP):
        return to(at.path("/login"))
    if not at.visitor.sent(form.token):
        return await _page(at, Said(words=at.look.says("common.stale"), status=403))
    create = bool(form.create) or at.step.name == SIGNUP
    payload = PassCodePayload(pass_code=typed_code(form.code), email=at.step.email)
    options = SignInOptions(auto_register=create)
    body = SignInByCredentials(connection="PASSCODE", pass_code_payload=payload, options=options)
    try:
        return await signed_in(at, body)
    except UserNotFound as refusal:
        if at.app.pool.settings.registerDisabled or create:
            return await _page(at, said_of(at.look, refusal, "", "code"))
        email = EmailAddress.stored(at.step.email)
        words = at.look.says("login.no_account", address=email.masked)
        return await _page(at, Said(words=words, status=422, refusal=refusal), create=True)
    except Refusal as refusal:
        return await _page(at, said_of(at.look, refusal, "", "code"), create=bool(form.create))


async def _page(at: Arrival, said: Said = NOTHING, *, create: bool = False) -> Reply:
    about = await mailed(at.call, Channel.LOGIN, at.step)
    creates = create or at.step.name == SIGNUP
    again = "/login/mail" if at.step.name == LOGIN else "/signup/mail"
    other = at.path("/login" if at.step.name == LOGIN else "/signup")
    return at.shows(
        PAGE, said, mailed=about, creates=creates, create=create, again=again, other=other
    )
