"""`/link/…`: the pages behind the links in mails.

Looking at one changes nothing, so a scanner of mails cannot use a link up: only its button
does. Everything works without scripts. The one script takes the token out of the address bar.
"""

from __future__ import annotations

from typing import Any

import msgspec

from gatepost.api.caller import caller_of
from gatepost.api.endpoint import Function
from gatepost.api.http import Reply, Request
from gatepost.api.routing import Route
from gatepost.authentication import link_verifying, links
from gatepost.authentication.link_look import LinkLook, look
from gatepost.authentication.link_verifying import Proof
from gatepost.authentication.links import Press
from gatepost.context import Context
from gatepost.storage import applications, user_pools
from gatepost.storage.links import LinkPurpose
from gatepost.vocabulary.fields import Body, Query
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import (
    InvalidRequest,
    PasswordTooWeak,
    Refusal,
    TokenInvalid,
    TooManyRequests,
    UserSuspended,
    WrongCredentials,
)
from gatepost.vocabulary.session import SignedIn
from gatepost.web import link_words
from gatepost.web.look import Look, look_of
from gatepost.web.pages import page
from gatepost.web.same_origin import from_here
from gatepost.web.speaking import wished
from gatepost.web.visitor import visitor_of

BESIDE_A_FIELD = (
    WrongCredentials,
    PasswordTooWeak,
    InvalidRequest,
    TooManyRequests,
    UserSuspended,
)

EVENTS = {
    LinkPurpose.UNDO: "updateUserEmail",
    LinkPurpose.UNDO_BIND: "updateUserEmail",
    LinkPurpose.NOT_ME: "unbindEmail",
    LinkPurpose.NOT_ASKED: "stopCodeMail",
    LinkPurpose.ALLOW_AGAIN: "allowCodeMail",
    LinkPurpose.VERIFY: "verifyEmail",
}
"""The name of each press in the audit log."""


class LinkQuery(Query):
    """The link's token, and the language of the page where it is not the browser's."""

    token: str = ""
    lang: str = ""


class LinkForm(Body):
    """What a button sends; the passwords are the verify page's."""

    token: str = ""
    lang: str = ""
    password: str | None = None
    new_password: str | None = None


def showing(purpose: LinkPurpose) -> Function:
    """The page that says what a link's button will do."""

    async def show(context: Context, request: Request, query: LinkQuery) -> Reply:
        try:
            seen, _ = await _seen(context, request, purpose, query.token)
        except TokenInvalid:
            return _dead(context, request, query.lang)
        looks = await _look(context, request, query.lang, seen)
        return _asking(looks, seen, query.token, query.lang)

    return show


def pressing(purpose: LinkPurpose) -> Function:
    """Do what a link's button says, and show what was done."""

    async def press(context: Context, request: Request, form: LinkForm) -> Reply:
        if not from_here(context.settings, request):
            return _foreign(context, request, form.lang)
        try:
            seen, session = await _seen(context, request, purpose, form.token)
            request.known.pool_id = seen.link.user_pool_id
            looks = await _look(context, request, form.lang, seen)
            return await _done(context, request, form, seen, looks, session)
        except TokenInvalid as refusal:
            request.known.refusal = refusal
            return _dead(context, request, form.lang)

    return press


async def _seen(
    context: Context, request: Request, purpose: LinkPurpose, token: str
) -> tuple[LinkLook, SignedIn | None]:
    """A link as this browser may use it: who is signed in to its account needs no password."""
    seen = await look(context, purpose, token)
    if not seen.takes_password:
        return seen, None
    session = (await visitor_of(context, request)).session
    if session is None or session.user_id != seen.link.subject:
        return seen, None
    return msgspec.structs.replace(seen, takes_password=False), session


async def _done(
    context: Context,
    request: Request,
    form: LinkForm,
    seen: LinkLook,
    looks: Look,
    session: SignedIn | None,
) -> Reply:
    caller = caller_of(request, context.settings)
    press = Press(
        context,
        form.token,
        looks.language,
        request.request_id,
        caller.client() or caller.address,
        caller.user_agent,
    )
    try:
        outcome = await _act(press, seen, form, session)
    except BESIDE_A_FIELD as refusal:
        request.known.refusal = refusal
        return _asking(looks, seen, form.token, form.lang, refusal, form)
    return _page(looks, **link_words.done(looks.language, seen, outcome))


async def _act(press: Press, seen: LinkLook, form: LinkForm, session: SignedIn | None) -> bool:
    """Do it. Whether it went the usual way: the address came back, the password stayed."""
    match LinkPurpose(seen.link.purpose):
        case LinkPurpose.UNDO:
            return await links.undo(press)
        case LinkPurpose.UNDO_BIND:
            await links.undo_bind(press)
        case LinkPurpose.NOT_ME:
            await links.not_me(press)
        case LinkPurpose.NOT_ASKED:
            await links.not_asked(press)
        case LinkPurpose.ALLOW_AGAIN:
            await links.allow_again(press)
        case LinkPurpose.VERIFY:
            session_id = session.session_id if session else None
            proof = Proof(form.password, form.new_password, session_id)
            await link_verifying.verify(press, proof)
            return not (seen.takes_password and form.new_password is not None)
    return True


def _asking(
    looks: Look,
    seen: LinkLook,
    token: str,
    lang: str,
    refusal: Refusal | None = None,
    form: LinkForm | None = None,
) -> Reply:
    new = form is not None and form.new_password is not None
    values = link_words.asking(looks.language, seen, refusal)
    form_values = {"action": f"/link/{seen.link.purpose}", "token": token, "lang": lang}
    reply = _page(looks, **values, form=form_values, new=new)
    if refusal is not None:
        reply.status = 429 if isinstance(refusal, TooManyRequests) else 422
    return reply


def _dead(context: Context, request: Request, lang: str) -> Reply:
    """One page for every link that does nothing: unknown, used, late, or overtaken."""
    language = wished(context.settings, request, lang) or Language.EN_US
    return _page(Look(language), status=404, **link_words.dead(language))


def _foreign(context: Context, request: Request, lang: str) -> Reply:
    language = wished(context.settings, request, lang) or Language.EN_US
    return _page(Look(language), status=403, **link_words.foreign(language))


def _page(looks: Look, status: int = 200, **values: Any) -> Reply:
    given = {"facts": [], "form": None, "new": False, "next": ""} | values
    return page("link.html", looks, status, **given)


async def _look(context: Context, request: Request, lang: str, seen: LinkLook) -> Look:
    """As the app that the mail names; in the language that is asked for, else the pool's."""
    reader, link = context.database.reader(), seen.link
    language = wished(context.settings, request, lang)
    if app := await applications.named(reader, link.user_pool_id, link.app_name):
        return look_of(app, language or app.pool.settings.language)
    pool = await user_pools.find(reader, link.user_pool_id)
    return Look(language or (pool.settings.language if pool else Language.EN_US), link.app_name)


LINK_ROUTES = [
    *(Route("GET", f"/link/{purpose}", showing(purpose)) for purpose in LinkPurpose),
    *(
        Route("POST", f"/link/{purpose}", pressing(purpose), event=EVENTS[purpose])
        for purpose in LinkPurpose
    ),
]
