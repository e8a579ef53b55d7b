"""What a page says where there is nothing to show: in words, not as the API would."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gatepost.api.http import Reply, Request
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.messages import refusal_words
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import AppUnknown, Refusal, RetryLater, ServerDefect
from gatepost.web.look import Look
from gatepost.web.pages import page
from gatepost.web.speaking import wished


def as_pages(routes: Iterable[Route]) -> list[Route]:
    """Routes that people look at: what is refused there, also unread, is refused as a page."""
    return [msgspec.structs.replace(route, refused=refused) for route in routes]


def refused(context: Context, request: Request, refusal: Refusal) -> Reply:
    """The page of a refusal that stands beside no field."""
    pools = request.pool.settings.language if request.pool else Language.EN_US
    look = Look(wished(context.settings, request) or pools)
    said, status = refusal_words(look.language, refusal), refusal.status
    if isinstance(refusal, AppUnknown):
        said, status = look.says("common.app_unknown"), 404
    number = request.request_id if isinstance(refusal, ServerDefect) else ""
    reply = page("refused.html", look, status, said=said, number=number)
    if isinstance(refusal, RetryLater):
        reply.headers += (("retry-after", str(refusal.words["retry_after"])),)
    return reply
