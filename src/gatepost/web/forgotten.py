"""`/forgot`: a new password by a code from a mail, in two steps: the mailbox, the password."""

from __future__ import annotations

import msgspec

from gatepost.api.http import Reply, Request
from gatepost.authentication.password import (
    EmailProof,
    ResetPassword,
    VerifyResetPasswordRequest,
    reset_password,
    verify_reset_password_request,
)
from gatepost.context import Context
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest, Refusal, TokenInvalid
from gatepost.web.arrival import Arrival, Way, arrival
from gatepost.web.mailed import ask, mailed, typed_address, typed_code
from gatepost.web.pages import to
from gatepost.web.problem import NOTHING, Said, said_of
from gatepost.web.step import Step
from gatepost.web.visitor import OwnForm

FORGOT, PROVED = "forgot", "forgot proved"
ASKING, CODE, PASSWORD = "forgot.html", "forgot_code.html", "forgot_password.html"


class ForgotForm(OwnForm):
    """The address; empty for that of the step that this browser is at."""

    email: str = ""


class ForgotCodeForm(OwnForm):
    """The code from the mail."""

    code: str = ""


class NewPasswordForm(OwnForm):
    """The new password."""

    new_password: str = ""


async def show_forgot(context: Context, request: Request, query: Way) -> Reply:
    """Where the address is asked for."""
    at = await arrival(context, request, query)
    return at.shows(ASKING, email="")


async def mail_forgot_code(
    context: Context, request: Request, query: Way, form: ForgotForm
) -> Reply:
    """Mail a code, or a word that there is no account; the page never tells which."""
    at = await arrival(context, request, query)
    if not at.visitor.sent(form.token):
        return at.stale(ASKING, email=form.email)
    step = at.step if at.step.name == FORGOT else Step()
    try:
        email = typed_address(at.app.pool, form.email.strip() or step.email)
        tag = await ask(at.call, Channel.RESET_PASSWORD, email, step)
    except Refusal as refusal:
        return at.shows(ASKING, said_of(at.look, refusal, "", "email"), email=form.email)
    return at.leads("/forgot/code", Step(name=FORGOT, email=str(email), tag=tag))


async def show_forgot_code(context: Context, request: Request, query: Way) -> Reply:
    """Where the code is typed in."""
    at = await arrival(context, request, query)
    return await _code_page(at) if at.step.name == FORGOT else to(at.path("/forgot"))


async def prove_mailbox_by_code(
    context: Context, request: Request, query: Way, form: ForgotCodeForm
) -> Reply:
    """Prove the mailbox, and go on to the new password."""
    at = await arrival(context, request, query)
    if at.step.name != FORGOT:
        return to(at.path("/forgot"))
    if not at.visitor.sent(form.token):
        return await _code_page(at, Said(words=at.look.says("common.stale"), status=403))
    proof = EmailProof(pass_code=typed_code(form.code), email=at.step.email)
    body = VerifyResetPasswordRequest(verify_method="EMAIL_PASSCODE", email_pass_code_payload=proof)
    try:
        granted = await verify_reset_password_request(at.call, body)
    except Refusal as refusal:
        return await _code_page(at, said_of(at.look, refusal, "", "code"))
    proved = msgspec.structs.replace(at.step, name=PROVED, proof=granted.password_reset_token)
    return at.leads("/forgot/password", proved)


async def show_forgot_password(context: Context, request: Request, query: Way) -> Reply:
    """Where the new password is typed in."""
    at = await arrival(context, request, query)
    if at.step.name != PROVED:
        return to(at.path("/forgot"))
    return at.shows(PASSWORD, email=at.step.email)


async def set_forgotten_password(
    context: Context, request: Request, query: Way, form: NewPasswordForm
) -> Reply:
    """Set the new password, and go on to sign in with it."""
    at = await arrival(context, request, query)
    if at.step.name != PROVED:
        return to(at.path("/forgot"))
    if not at.visitor.sent(form.token):
        return at.stale(PASSWORD, email=at.step.email)
    try:
        if not form.new_password:
            raise InvalidRequest("newPassword", Problem.MISSING)
        body = ResetPassword(password_reset_token=at.step.proof, password=form.new_password)
        await reset_password(at.call, body)
    except TokenInvalid as refusal:
        request.known.refusal = refusal
        return at.leads("/forgot", Step(notice="step_over"))
    except Refusal as refusal:
        said = said_of(at.look, refusal, "", "newPassword")
        return at.shows(PASSWORD, said, email=at.step.email)
    return at.leads("/login", Step(notice="password_set"))


async def _code_page(at: Arrival, said: Said = NOTHING) -> Reply:
    about = await mailed(at.call, Channel.RESET_PASSWORD, at.step)
    return at.shows(CODE, said, mailed=about, other=at.path("/forgot"))
