"""Who looks at a page: a browser, and the person signed in there, if somebody is.

A browser holds one cookie, a random secret. Forms are tied to it, before a sign-in and after.
A sign-in gives the browser a new one, and the session is kept under its digest, in the same
list as those of tokens: ended together, and asked for on every request.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from gatepost.api.caller import caller_of, know
from gatepost.api.http import Request
from gatepost.authentication.tokens import PAGES_LIFE
from gatepost.context import Call, Context, OwnerCall, SignedInCall
from gatepost.credentials import sessions
from gatepost.credentials.secrets import digest_of, in_base64url, new_secret_token
from gatepost.storage import sessions as stored_sessions
from gatepost.storage import users
from gatepost.storage.database import Reader, Transaction
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.fields import Body
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import SessionEnded, UserSuspended
from gatepost.vocabulary.session import SignedIn
from gatepost.web import cookies
from gatepost.web.cookies import Cookie
from gatepost.web.same_origin import from_here, surely_from_here
from gatepost.web.speaking import wished

_SECRET = re.compile(r"[\w-]{43}", re.ASCII)


class OwnForm(Body):
    """What every form of ours carries: the token that ties it to the browser."""

    token: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser. `cookie` is its secret, `is_new` where it gets it with this answer.

    `session` is alive; `ended` is one that was, so that a page knows which app it was of.
    """

    context: Context
    request: Request
    cookie: str
    is_new: bool
    session: SignedIn | None
    ended: SignedIn | None

    @property
    def form_token(self) -> str:
        """What every form of this browser carries: it cannot be told without the cookie."""
        return form_token(self.cookie)

    def sent(self, token: str) -> bool:
        """Whether a form came from a page of ours in this browser."""
        ours = from_here(self.context.settings, self.request)
        known = hmac.compare_digest(self.form_token.encode(), token.encode())
        return ours and known and not self.is_new

    def signed_in(self, user_pool_id: str) -> SignedIn | None:
        """The session, if it is one of a pool."""
        if self.session is None or self.session.user_pool_id != user_pool_id:
            return None
        return self.session

    def kept(self) -> list[tuple[str, str]]:
        """The header that gives a new browser its cookie.

        A form of another site comes without cookies (`SameSite=Lax`), from whomever it comes:
        a new one would take the place of the session's, and sign somebody out.
        """
        may_be_foreign = self.request.method == "POST" and not surely_from_here(
            self.context.settings, self.request
        )
        if not self.is_new or may_be_foreign:
            return []
        return [browser_cookie(self.context, self.cookie)]

    def wished_language(self, lang: str = "") -> Language | None:
        """The language that is asked for: in the address, by the account, a switch, the browser."""
        own = self.session.language if self.session else None
        return wished(self.context.settings, self.request, lang, own)

    def call(self, app: Application, language: Language) -> Call:
        """A call to an app from its own pages: nobody has proved anything yet."""
        return Call(
            context=self.context,
            request_id=self.request.request_id,
            caller=caller_of(self.request, self.context.settings),
            language=language,
            app=app,
            claims=None,
            credentials=None,
            known=self.request.known,
        )

    async def account(self, session: SignedIn) -> str:
        """What a person knows their account by."""
        person = await users.profile(self.context.database.reader(), session.user_id)
        return (person.username or person.email or "") if person else ""

    async def signed_in_call(self, reader: Reader, language: Language | None) -> SignedInCall:
        """A call by the person, whose session is alive now.

        Refuses: SessionEnded, UserSuspended.
        """
        session = await sessions.alive_behind(reader, self.cookie)
        return SignedInCall(**self._signed_in(session, language))

    async def owner_call(self, tx: Transaction, language: Language | None) -> OwnerCall:
        """The same with the person's account, held until the unit ends."""
        session, user = await sessions.hold_behind(tx, self.cookie)
        return OwnerCall(**self._signed_in(session, language), user=user)

    def _signed_in(self, session: SignedIn, language: Language | None) -> dict[str, Any]:
        know(self.request, session)
        return {
            "context": self.context,
            "request_id": self.request.request_id,
            "caller": caller_of(self.request, self.context.settings),
            "language": language,
            "session": session,
        }


async def visitor_of(context: Context, request: Request) -> Visitor:
    """The browser that a request comes from, with the session that is alive there."""
    cookie = cookies.read(context.settings, request, Cookie.BROWSER)
    if cookie is None or not _SECRET.fullmatch(cookie):
        fresh = new_secret_token(context.chance)
        return Visitor(context, request, fresh, True, None, None)
    reader = context.database.reader()
    try:
        session = await sessions.alive_behind(reader, cookie)
    except (SessionEnded, UserSuspended):
        ended = await stored_sessions.find_by_cookie(reader, digest_of(cookie))
        return Visitor(context, request, cookie, False, None, ended)
    know(request, session)
    return Visitor(context, request, cookie, False, session, None)


def form_token(cookie: str) -> str:
    """The token that ties a form to a browser's cookie and does not tell the cookie."""
    return in_base64url(hashlib.sha256(b"form\0" + cookie.encode()).digest())


def browser_cookie(context: Context, cookie: str) -> tuple[str, str]:
    """The header that gives a browser its cookie."""
    return cookies.keep(context.settings, Cookie.BROWSER, cookie, PAGES_LIFE)
