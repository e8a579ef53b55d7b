"""`/oidc/consent`: what the person said to an app's wish."""

from __future__ import annotations

from gatepost.api.http import Reply, Request
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.oidc import authorization
from gatepost.oidc.authorization import Step
from gatepost.oidc.authorization_answer import with_code, with_error
from gatepost.oidc.authorization_request import AuthorizationRequest, Declined, Unanswerable
from gatepost.vocabulary.fields import Body
from gatepost.web.authorize import Asking, asking_of, parameters_of, unanswerable
from gatepost.web.pages import onward


class ConsentForm(Body):
    """The answer, and the request that it is to."""

    token: str = ""
    request: str = ""
    agree: str = ""


async def decide(context: Context, request: Request, form: ConsentForm) -> Reply:
    """Give the app a code, or tell it that the person did not agree."""
    try:
        asking = await asking_of(context, request, parameters_of(form.request.encode()))
    except Unanswerable as nobody:
        return await unanswerable(context, request, nobody)
    try:
        return await _decided(asking, asking.read(), form)
    except Declined as declined:
        look = asking.look(None)
        return onward(look, with_error(asking.to, asking.issuer, declined))


async def _decided(asking: Asking, request: AuthorizationRequest, form: ConsentForm) -> Reply:
    step, session = await asking.next_step(request)
    look, visitor = asking.look(request.language), asking.visitor
    if session is None or step is Step.SIGN_IN:
        return asking.to_sign_in(request)
    if not visitor.sent(form.token):
        return await asking.question(request, session, look.says("common.stale"))
    if form.agree != "1":
        raise Declined("access_denied", "The person did not agree.")
    context = visitor.context
    code = await context.database.unit(
        lambda tx: authorization.grant(tx, context, request, session.session_id, agreed=True)
    )
    if code is None:
        return asking.to_sign_in(request)
    return onward(look, with_code(asking.to, asking.issuer, code))


CONSENT_ROUTES = [Route("POST", "/oidc/consent", decide)]
