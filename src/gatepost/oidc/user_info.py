"""`/oidc/me` (OpenID Connect Core 1.0 section 5.3): the claims about whoever a token is of."""

from __future__ import annotations

from typing import Any

from msgspec import field

from gatepost.context import Bearer, Context
from gatepost.credentials import sessions
from gatepost.credentials.claims import claims_of
from gatepost.storage.database import Reader
from gatepost.vocabulary.fields import Body, Query
from gatepost.vocabulary.refusals import NotSignedIn, SessionEnded


class InQuery(Query):
    """An access token in the query."""

    access_token: str | None = field(name="access_token", default=None)


class InForm(Body):
    """An access token in a form."""

    access_token: str | None = field(name="access_token", default=None)


async def user_info(
    reader: Reader, context: Context, bearer: Bearer, asked: InQuery
) -> dict[str, Any]:
    """The claims that the token's scopes ask for.

    A token in the query or form goes before one in the header: SDKs send an older one there.

    Refuses: NotSignedIn, SessionEnded.
    """
    return await _claims(reader, context, asked.access_token or bearer.token)


async def user_info_by_post(
    reader: Reader, context: Context, bearer: Bearer, form: InForm, asked: InQuery
) -> dict[str, Any]:
    """The same for a token in a form, or in the query of a POST, as one SDK has it."""
    token = form.access_token or asked.access_token or bearer.token
    return await _claims(reader, context, token)


async def _claims(reader: Reader, context: Context, token: str | None) -> dict[str, Any]:
    if not token:
        raise NotSignedIn
    claims = context.key_store.keyring.verify_access_token(token, context.clock())
    if claims is None:
        raise SessionEnded
    session, person = await sessions.alive_with_profile(reader, claims, None)
    return claims_of(person, session.scope.split())
