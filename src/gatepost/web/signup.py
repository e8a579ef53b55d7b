"""`/signup`: make an account with a password; by a code from a mail, `/login/code` does it."""

from __future__ import annotations

import contextlib

from gatepost.api.http import Reply, Request
from gatepost.authentication.sending import Wanted, mail_code
from gatepost.authentication.sign_up import NewPassword, SignUp, sign_up
from gatepost.context import Context, address_in
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    EmailUnverified,
    InvalidRequest,
    Refusal,
    SentTooRecently,
    WrongCredentials,
)
from gatepost.web.arrival import Arrival, Way, arrival
from gatepost.web.login import by_password, signed_in
from gatepost.web.problem import said_of
from gatepost.web.visitor import OwnForm

PAGE = "signup.html"


class SignupForm(OwnForm):
    """A user name or an address, and a new password."""

    account: str = ""
    new_password: str = ""


async def show_signup(context: Context, request: Request, query: Way) -> Reply:
    """Where an account is made."""
    at = await arrival(context, request, query)
    if at.goes_on_at_once():
        return at.go_on()
    return at.shows(PAGE, account="")


async def make_account(context: Context, request: Request, query: Way, form: SignupForm) -> Reply:
    """Make an account with a password, sign in, and go on."""
    at = await arrival(context, request, query)
    if not at.visitor.sent(form.token):
        return at.stale(PAGE, account=form.account)
    try:
        return await _made(at, form)
    except Refusal as refusal:
        said = said_of(at.look, refusal, "", "account", "newPassword")
        return at.shows(PAGE, said, account=form.account)


async def _made(at: Arrival, form: SignupForm) -> Reply:
    name, password = form.account.strip(), form.new_password
    if not name or not password:
        raise InvalidRequest("account" if not name else "newPassword", Problem.MISSING)
    email = address_in(at.app.pool, name) if "@" in name else None
    payload = NewPassword(
        password=password, username=None if email else name, email=str(email) if email else None
    )
    await sign_up(at.call, SignUp(connection="PASSWORD", password_payload=payload))
    try:
        return await signed_in(at, by_password(name, password))
    except (EmailUnverified, WrongCredentials):
        if email is None:
            raise
        return await _to_be_confirmed(at, email)


async def _to_be_confirmed(at: Arrival, email: EmailAddress) -> Reply:
    """The pool wants the mailbox proved first. The same page for an address that was taken."""
    wanted = Wanted(Channel.VERIFY_EMAIL_LINK, email, None, at.call.origin())
    with contextlib.suppress(SentTooRecently):
        await mail_code(at.call, wanted)
    return at.shows("confirm_mailed.html", masked=email.masked)
