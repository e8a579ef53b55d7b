"""Whether an app id and secret belong together."""

from __future__ import annotations

from gatepost.context import Context
from gatepost.credentials import client_authentication
from gatepost.credentials.client_authentication import ClientCredentials
from gatepost.messages import refusal_words
from gatepost.storage import applications
from gatepost.storage.database import Reader
from gatepost.vocabulary.fields import Answer, Body, Text
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.refusals import ClientUnauthenticated


class CheckAppIdSecret(Body):
    """An app id and a secret."""

    app_id: Text
    app_secret: Text


class AppChecked(Answer):
    """Whether they belong together, and if not, a word on it."""

    valid: bool
    message: str


async def check_app_id_secret(
    reader: Reader, context: Context, body: CheckAppIdSecret
) -> AppChecked:
    """Whether an app id and a secret belong together: the Go SDK asks before it does anything."""
    app = await applications.find(reader, body.app_id)
    presented = ClientCredentials(body.app_id, body.app_secret)
    if app is None or not client_authentication.proves(app, presented):
        return AppChecked(
            valid=False, message=refusal_words(Language.EN_US, ClientUnauthenticated())
        )
    return AppChecked(valid=True, message="")
