"""A person signed in on the pages: every form of theirs is checked, done and answered here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

import msgspec

from gatepost.api.endpoint import Function
from gatepost.api.http import Reply, Request
from gatepost.context import Call, Context, OwnerCall, SignedInCall
from gatepost.storage import applications
from gatepost.storage.database import Transaction
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.refusals import AppUnknown, SessionEnded, UserSuspended
from gatepost.vocabulary.session import SignedIn
from gatepost.web.look import Look, look_of
from gatepost.web.pages import to
from gatepost.web.return_to import ACCOUNT, login_path
from gatepost.web.step import Step, drop_step, keep_step, read_step
from gatepost.web.visitor import Visitor, visitor_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Home:
    """A browser with somebody signed in, the app they did it for, and where they are in it."""

    visitor: Visitor
    session: SignedIn
    app: Application
    look: Look
    step: Step

    @property
    def context(self) -> Context:
        """The server's parts."""
        return self.visitor.context

    @property
    def call(self) -> Call:
        """A call to the app, for steps that need no session."""
        return self.visitor.call(self.app, self.look.language)

    async def person(self) -> SignedInCall:
        """A call by the person, for steps that run units of their own."""
        reader = self.context.database.reader()
        return await self.visitor.signed_in_call(reader, self.look.language)

    async def unit(self, work: Callable[[Transaction, OwnerCall], Awaitable[T]]) -> T:
        """Run one unit of work whose caller's session is alive in it, and the account held."""

        async def run(tx: Transaction) -> T:
            return await work(tx, await self.visitor.owner_call(tx, self.look.language))

        return await self.context.database.unit(run)

    async def checked(self, check: Callable[[OwnerCall, int], T]) -> T:
        """What a check says of the account as it is now. Raises what the check refuses."""

        async def work(tx: Transaction, call: OwnerCall) -> T:
            return check(call, tx.now)

        return await self.unit(work)

    def leads(self, part: str, step: Step) -> Reply:
        """Back to a part of the account page, with what it goes on with."""
        if step == Step():
            return to(f"{ACCOUNT}#{part}", drop_step(self.context))
        kept = msgspec.structs.replace(step, holder=self.session.session_id)
        return to(f"{ACCOUNT}#{part}", keep_step(self.context, kept))

    def to_sign_in(self, notice: str, *headers: tuple[str, str], again: bool = False) -> Reply:
        """To the sign-in page, which tells why and comes back here."""
        return _to_sign_in(self.context, self.app.id, notice, *headers, again=again)


def own_page(function: Function) -> Function:
    """A page of somebody signed in: whose session is over, signs in and comes back."""

    @wraps(function)
    async def answered(context: Context, request: Request, **given: Any) -> Reply:
        try:
            reply: Reply = await function(context=context, request=request, **given)
        except (SessionEnded, UserSuspended) as refusal:
            request.known.refusal = refusal
            return await _signed_out(context, request)
        return reply

    return answered


async def home_of(context: Context, request: Request) -> Home:
    """Who is signed in. Refuses: SessionEnded, AppUnknown."""
    visitor = await visitor_of(context, request)
    session = visitor.session
    if session is None:
        raise SessionEnded
    app = await applications.find(context.database.reader(), session.app_id)
    if app is None:
        raise AppUnknown
    request.pool = app.pool
    language = visitor.wished_language() or app.pool.settings.language
    step = read_step(context, request, session.session_id)
    return Home(visitor, session, app, look_of(app, language), step)


async def _signed_out(context: Context, request: Request) -> Reply:
    ended = (await visitor_of(context, request)).ended
    if ended is None:
        return to(login_path(request.parameters().get("app_id", ""), ACCOUNT))
    return _to_sign_in(context, ended.app_id, "session_ended")


def _to_sign_in(
    context: Context, app_id: str, notice: str, *headers: tuple[str, str], again: bool = False
) -> Reply:
    path = login_path(app_id, ACCOUNT, again="1" if again else "")
    return to(path, keep_step(context, Step(holder=app_id, notice=notice)), *headers)
