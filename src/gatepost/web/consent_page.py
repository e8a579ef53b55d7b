"""The page that asks whether an app may have what it asks for."""

from __future__ import annotations

from msgspec import Struct

from gatepost.api.http import Reply
from gatepost.oidc.authorization import may_be_any_program
from gatepost.oidc.authorization_request import AuthorizationRequest
from gatepost.web.look import Look
from gatepost.web.pages import page

_TOLD_BY = {
    "profile": "profile",
    "email": "email",
    "phone": "phone",
    "username": "username",
    "address": "address",
    "offline_access": "offline",
}
"""The line of the page that tells of a scope; the rest is one line, `openid` none."""


class Question(Struct, frozen=True):
    """What the page shows and carries; `request` is read again when it is sent."""

    look: Look
    account: str
    other_account: str
    token: str
    request: str
    problem: str


def consent_page(request: AuthorizationRequest, question: Question) -> Reply:
    """The page."""
    look = question.look
    return page(
        "consent.html",
        look,
        403 if question.problem else 200,
        question=question,
        wishes=[look.says(f"consent.{name}") for name in wishes(request.scope)],
        on_device=may_be_any_program(request),
    )


def wishes(scope: str) -> list[str]:
    """What the person is told of scopes, by the names of the words."""
    asked = [name for name in scope.split() if name != "openid"]
    told = [line for name, line in _TOLD_BY.items() if name in asked]
    return told + ["other"] * any(name not in _TOLD_BY for name in asked)
