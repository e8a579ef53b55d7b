"""`/oidc/auth`: where an app sends a browser, and from where it is sent back with a code."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

import msgspec

from gatepost.api.http import Reply, Request
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.oidc import authorization, authorization_request
from gatepost.oidc.authorization import Step
from gatepost.oidc.authorization_answer import with_code, with_error
from gatepost.oidc.authorization_request import (
    Addressee,
    AuthorizationRequest,
    Declined,
    Parameters,
    Unanswerable,
)
from gatepost.storage import applications
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.identifiers import is_id
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.session import SignedIn
from gatepost.web.asked_at import ASKED_AT, instant_in, note_of, without
from gatepost.web.consent_page import Question, consent_page
from gatepost.web.look import Look, look_of
from gatepost.web.pages import page, to
from gatepost.web.return_to import login_path
from gatepost.web.visitor import Visitor, visitor_of

PATH = "/oidc/auth"


@dataclass(frozen=True, slots=True)
class Asking:
    """An app that asks, in somebody's browser. `parameters` are as they came.

    `note` tells when the request first sent the person to sign in, if it did.
    """

    visitor: Visitor
    app: Application
    to: Addressee
    parameters: Parameters
    note: str

    @property
    def whole(self) -> str:
        """The request once more, as it has to be read again."""
        return self._noted(self.note)

    @property
    def issuer(self) -> str:
        """Who answers."""
        return self.visitor.context.settings.issuer

    def read(self) -> AuthorizationRequest:
        """What is asked for. Raises Declined."""
        return authorization_request.read(self.parameters, self.app, self.to)

    def speaks(self, wished: Language | None) -> Language:
        """The language to ask the person in."""
        return self.visitor.wished_language(wished or "") or self.app.pool.settings.language

    def look(self, wished: Language | None) -> Look:
        """How the pages between look: as the app's."""
        return look_of(self.app, self.speaks(wished))

    async def next_step(self, request: AuthorizationRequest) -> tuple[Step, SignedIn | None]:
        """What has to happen now, and who is signed in. Raises Declined."""
        context, session = self.visitor.context, self.visitor.session
        asked_at = instant_in(context, self.parameters, self.note)
        return await authorization.next_step(context, request, session, asked_at), session

    def to_sign_in(self, request: AuthorizationRequest) -> Reply:
        """Send the browser to sign in and then here again."""
        return to(self.sign_in_path(request, again=self.visitor.session is not None))

    def sign_in_path(self, request: AuthorizationRequest, *, again: bool) -> str:
        """Where to sign in, as somebody else too if `again`, on the way here."""
        here = self._noted(note_of(self.visitor.context, self.parameters))
        return login_path(
            self.app.id,
            f"{PATH}?{here}",
            again="1" if again else "",
            login_hint=request.login_hint,
            lang=request.language or "",
        )

    def _noted(self, note: str) -> str:
        return urlencode([*self.parameters, *([(ASKED_AT, note)] if note else [])])

    async def question(
        self, request: AuthorizationRequest, session: SignedIn, problem: str = ""
    ) -> Reply:
        """The page that asks the person."""
        shown = Question(
            look=self.look(request.language),
            account=await self.visitor.account(session),
            other_account=self.sign_in_path(request, again=True),
            token=self.visitor.form_token,
            request=self.whole,
            problem=problem,
        )
        return consent_page(request, shown)


async def show_authorization(context: Context, request: Request) -> Reply:
    """Answer the app, or have the person sign in or agree first."""
    try:
        asking = await asking_of(context, request, parameters_of(request.query))
    except Unanswerable as nobody:
        return await unanswerable(context, request, nobody)
    try:
        return await _answered(asking, asking.read())
    except Declined as declined:
        return to(with_error(asking.to, asking.issuer, declined))


async def _answered(asking: Asking, request: AuthorizationRequest) -> Reply:
    step, session = await asking.next_step(request)
    if session is None or step is Step.SIGN_IN:
        return asking.to_sign_in(request)
    if step is Step.CONSENT:
        return await asking.question(request, session)
    context = asking.visitor.context
    code = await context.database.unit(
        lambda tx: authorization.grant(tx, context, request, session.session_id)
    )
    if code is None:
        return asking.to_sign_in(request)
    return to(with_code(asking.to, asking.issuer, code))


async def post_authorization(request: Request) -> Reply:
    """The same request as a form (OpenID Connect Core 1.0 section 3.1.2.1).

    It is sent on as a GET: no cookie comes with a form of another site.
    """
    return to(f"{PATH}?{urlencode(parameters_of(request.body))}")


async def asking_of(context: Context, request: Request, parameters: Parameters) -> Asking:
    """Who asks, and where the answer goes. Raises Unanswerable."""
    parameters, note = without(parameters)
    app_id = authorization_request.client_id_of(parameters)
    reader = context.database.reader()
    app = await applications.find(reader, app_id) if is_id(app_id) else None
    if app is None:
        raise Unanswerable("client_id")
    request.pool = app.pool
    stored = await applications.redirect_uris(reader, app.id)
    registered = msgspec.json.decode(stored, type=list[str])
    addressee = authorization_request.addressee_of(parameters, app, registered)
    visitor = await visitor_of(context, request)
    return Asking(visitor, app, addressee, parameters, note)


def parameters_of(octets: bytes) -> Parameters:
    """What stands in a query or a form; nothing of one that nobody would have written."""
    try:
        return parse_qsl(octets.decode("latin-1"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return []


async def unanswerable(context: Context, request: Request, nobody: Unanswerable) -> Reply:
    """The page where there is no address that could be trusted with an answer."""
    visitor = await visitor_of(context, request)
    language = visitor.wished_language() or Language.EN_US
    look = Look(language)
    said = look.says("authorize.unanswerable", parameter=nobody.parameter)
    return page("refused.html", look, 400, said=said)


AUTHORIZE_ROUTES = [
    Route("GET", PATH, show_authorization),
    Route("POST", PATH, post_authorization),
]
