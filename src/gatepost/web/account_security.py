"""The cards for signing in: the password, the user name, where one is signed in, the language."""

from __future__ import annotations

from gatepost.api.http import Reply, Request
from gatepost.authentication.own_language import set_own_language
from gatepost.authentication.own_sessions import end_other_sessions, end_own_session
from gatepost.authentication.password import UpdatePassword, update_password
from gatepost.authentication.profile_update import UpdateProfile, update_profile
from gatepost.context import Context
from gatepost.credentials.secrets import new_secret_token
from gatepost.vocabulary.language import language_of_tag
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import InvalidRequest
from gatepost.web import speaking
from gatepost.web.account import done
from gatepost.web.home import Home, home_of, own_page
from gatepost.web.pages import to
from gatepost.web.return_to import ACCOUNT
from gatepost.web.step import Step
from gatepost.web.visitor import OwnForm, browser_cookie


class PasswordForm(OwnForm):
    """The present password, where there is one, and the new one."""

    old_password: str = ""
    new_password: str = ""


class UsernameForm(OwnForm):
    """A user name for an account that has none."""

    username: str = ""


class SessionForm(OwnForm):
    """Which sign-in to end."""

    id: str = ""


class LanguageForm(OwnForm):
    """A language by its tag."""

    language: str = ""


@own_page
async def change_password(context: Context, request: Request, form: PasswordForm) -> Reply:
    """Change the password, or set the first one."""

    async def deed(home: Home) -> Step:
        if not form.new_password:
            raise InvalidRequest("newPassword", Problem.MISSING)
        body = UpdatePassword(
            new_password=form.new_password, old_password=form.old_password or None
        )
        await update_password(await home.person(), body)
        return Step(notice="password_changed")

    fields = ("oldPassword", "newPassword")
    return await done(context, request, form, "password", deed, fields)


@own_page
async def set_username(context: Context, request: Request, form: UsernameForm) -> Reply:
    """Give an account a user name."""

    async def deed(home: Home) -> Step:
        if not form.username:
            raise InvalidRequest("username", Problem.MISSING)
        body = UpdateProfile(username=form.username)
        await home.unit(lambda tx, call: update_profile(tx, call, body))
        return Step(notice="username_set")

    return await done(context, request, form, "password", deed, ("username",))


@own_page
async def end_session(context: Context, request: Request, form: SessionForm) -> Reply:
    """End one sign-in."""

    async def deed(home: Home) -> Step:
        await home.unit(lambda tx, call: end_own_session(tx, call, form.id))
        return Step(notice="session_over")

    return await done(context, request, form, "sessions", deed)


@own_page
async def end_others(context: Context, request: Request, form: OwnForm) -> Reply:
    """End every sign-in but this one."""

    async def deed(home: Home) -> Step:
        await home.unit(end_other_sessions)
        return Step(notice="others_over")

    return await done(context, request, form, "sessions", deed)


@own_page
async def choose_language(context: Context, request: Request, form: LanguageForm) -> Reply:
    """Keep the language that pages and mails speak from here on."""

    async def deed(home: Home) -> Step:
        language = language_of_tag(form.language)
        if language is None:
            raise InvalidRequest("language", Problem.NOT_SUPPORTED_VALUE)
        await home.unit(lambda tx, call: set_own_language(tx, call, language))
        return Step(notice="language_set")

    reply = await done(context, request, form, "language", deed, ("language",))
    chosen = language_of_tag(form.language)
    if chosen and reply.status == 303:  # also for pages that do not know who looks at them
        reply.headers += (speaking.keep(context.settings, chosen),)
    return reply


@own_page
async def log_out(context: Context, request: Request, form: OwnForm) -> Reply:
    """End the sign-in of this browser, which gets a new secret."""
    home = await home_of(context, request)
    if not home.visitor.sent(form.token):
        return to(ACCOUNT)
    await home.unit(lambda tx, call: end_own_session(tx, call, call.session.session_id))
    fresh = browser_cookie(context, new_secret_token(context.chance))
    return home.to_sign_in("signed_out", fresh)
