"""`/account`: look after one's own account, a card for each thing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from gatepost.api.http import Reply, Request
from gatepost.authentication.history import GetMyLoginHistory, get_my_login_history
from gatepost.authentication.own_sessions import own_sessions
from gatepost.context import Context
from gatepost.mail.wording import moment
from gatepost.storage import users
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.fields import iso
from gatepost.vocabulary.refusals import ReauthenticationRequired, Refusal, SessionEnded
from gatepost.vocabulary.refusals import UserSuspended as Suspended
from gatepost.web.home import Home, home_of, own_page
from gatepost.web.look import LANGUAGES
from gatepost.web.mailed import Mailed, mailed
from gatepost.web.pages import page, to
from gatepost.web.problem import NOTHING, Said, said_of
from gatepost.web.return_to import ACCOUNT
from gatepost.web.step import Step, drop_step
from gatepost.web.visitor import OwnForm

CHANNELS = {
    "bind": Channel.BIND_EMAIL,
    "change_old": Channel.UPDATE_EMAIL,
    "change": Channel.UPDATE_EMAIL,
    "unbind": Channel.UNBIND_EMAIL,
    "delete": Channel.DELETE_ACCOUNT,
}
"""The steps that wait for a code, and what it is for."""

PAST_SIGN_INS = 10
TYPED = ("email", "username")
"""The fields that keep what was typed into them."""
NOTICES = {
    "username_set": "password",
    "session_over": "sessions",
    "others_over": "sessions",
    "change_again": "email",
    "verify_mailed": "email",
}
"""The cards that notices stand in, where their first word does not say it."""

Deed = Callable[[Home], Awaitable[Step]]


@own_page
async def show_account(context: Context, request: Request) -> Reply:
    """The account of whoever is signed in here."""
    return await account_page(await home_of(context, request))


@own_page
async def back_to_account(context: Context, request: Request) -> Reply:
    """The bare address of the server, or one that only forms go to: this page is meant."""
    return to(ACCOUNT)


async def account_page(
    home: Home, said: Said = NOTHING, typed: Mapping[str, str] | None = None
) -> Reply:
    """The whole page: an answer to a form is in its part, and what was typed stays."""
    home.visitor.request.known.refusal = said.refusal
    reader = home.context.database.reader()
    call = await home.visitor.signed_in_call(reader, home.look.language)
    user = await users.find(reader, home.session.user_id)
    if user is None:
        raise SessionEnded
    history = await get_my_login_history(reader, call, GetMyLoginHistory(limit=PAST_SIGN_INS))
    notice = home.look.says(f"notice.{home.step.notice}") if home.step.notice else ""
    reply = page(
        "account.html",
        home.look,
        said.status,
        home=home,
        user=user,
        step=home.step,
        mailed=await _mailed(home),
        sessions=await own_sessions(reader, call),
        history=history,
        languages=LANGUAGES,
        moment=moment,
        iso=iso,
        said=said,
        notice=notice,
        notice_part=NOTICES.get(home.step.notice, home.step.notice.partition("_")[0]),
        typed=typed or dict.fromkeys(TYPED, ""),
    )
    if home.step.notice:
        reply.headers += (drop_step(home.context),)
    return reply


async def _mailed(home: Home) -> Mailed | None:
    channel = CHANNELS.get(home.step.name)
    if channel is None:
        return None
    return await mailed(home.call, channel, home.step, home.session.user_id)


async def done(
    context: Context,
    request: Request,
    form: OwnForm,
    part: str,
    deed: Deed,
    fields: tuple[str, ...] = (),
) -> Reply:
    """Do what a form of the account page says, and show the page with what came of it.

    `fields` are those that a refusal may stand beside; what was typed into them stays, but
    passwords and codes.
    """
    home = await home_of(context, request)
    typed = {name: getattr(form, name, "") for name in TYPED}
    if not home.visitor.sent(form.token):
        said = Said(part=part, words=home.look.says("common.stale"), status=403)
        return await account_page(home, said, typed)
    try:
        step = await deed(home)
    except (SessionEnded, Suspended):
        raise
    except ReauthenticationRequired as refusal:
        request.known.refusal = refusal
        return home.to_sign_in("reauthenticate", again=True)
    except Refusal as refusal:
        return await account_page(home, said_of(home.look, refusal, part, *fields), typed)
    return home.leads(part, step)
