"""What the audit log keeps of a call that was refused."""

from __future__ import annotations

from gatepost.api.caller import caller_of
from gatepost.api.http import Request
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.storage.audit_log import AuditEvent
from gatepost.vocabulary.identifiers import new_id
from gatepost.vocabulary.refusals import Overloaded, Refusal


def note_refusal(context: Context, route: Route, request: Request, refusal: Refusal) -> None:
    """Have a refused step in the audit log soon: whose it was, as far as that was proved.

    Costs the answer no statement, and the same for everybody.
    """
    if not route.event or isinstance(refusal, Overloaded):
        return
    known, caller = request.known, caller_of(request, context.settings)
    context.refusals.note(
        AuditEvent(
            id=new_id(context.chance),
            event=known.event or route.event,
            succeeded=False,
            user_pool_id=known.pool_id,
            app_id=known.app_id,
            user_id=known.user_id if known.session_id else known.aimed_at,
            session_id=known.session_id,
            request_id=request.request_id,
            client_address=known.client or caller.client() or caller.address,
            user_agent=caller.user_agent,
            salt=new_id(context.chance),
            detail=known.detail,
            refusal=type(refusal).__name__,
            api_code=refusal.api_code,
        )
    )
