"""What a page says where there is nothing to show: in words, not as the API would."""

from __future__ import annotations

from functools import wraps
from typing import Any

from gatepost.api.caller import language_of
from gatepost.api.endpoint import Function
from gatepost.api.http import Reply, Request
from gatepost.messages import refusal_words
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import AppUnknown, Overloaded, Refusal
from gatepost.web.look import Look
from gatepost.web.pages import page


def paged(function: Function) -> Function:
    """A function of a page: what it refuses, it refuses as a page."""

    @wraps(function)
    async def answered(request: Request, **given: Any) -> Reply:
        try:
            reply: Reply = await function(request=request, **given)
        except Refusal as refusal:
            request.known.refusal = refusal
            return refused(request, refusal)
        return reply

    return answered


def refused(request: Request, refusal: Refusal) -> Reply:
    """The page of a refusal that stands beside no field."""
    look = Look(language_of(request) or Language.EN_US)
    said, status = refusal_words(look.language, refusal), refusal.status
    if isinstance(refusal, AppUnknown):
        said, status = look.says("common.app_unknown"), 404
    reply = page("refused.html", look, status, said=said)
    if isinstance(refusal, Overloaded):
        reply.headers += (("retry-after", str(refusal.words["retry_after"])),)
    return reply
