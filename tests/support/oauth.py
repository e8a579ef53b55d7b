"""Calls to the OAuth endpoints: forms instead of JSON, statuses instead of envelopes."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import httpx

from tests.support.world import App, Person, World

TOKEN = "/oidc/token"
INTROSPECTION = "/oidc/token/introspection"
REVOCATION = "/oidc/token/revocation"
USER_INFO = "/oidc/me"
OFFLINE = "openid profile email offline_access"

Error = tuple[int, str]
INVALID_REQUEST: Error = (400, "invalid_request")
INVALID_GRANT: Error = (400, "invalid_grant")
UNSUPPORTED_GRANT: Error = (400, "unsupported_grant_type")
INVALID_CLIENT: Error = (401, "invalid_client")
INVALID_TOKEN: Error = (401, "invalid_token")


def in_body(app: App) -> dict[str, str]:
    """An app's id and secret, as fields of a form."""
    return {"client_id": app.app_id, "client_secret": app.secret}


def in_header(app: App) -> dict[str, str]:
    """An app's id and secret, as a header (RFC 7617)."""
    told = b64encode(f"{app.app_id}:{app.secret}".encode()).decode()
    return {"authorization": f"Basic {told}"}


async def refreshes(world: World, app: App, token: str) -> httpx.Response:
    """Show a refresh token, as the app."""
    fields = {"grant_type": "refresh_token", "refresh_token": token}
    return await world.http.post(TOKEN, data=fields | in_body(app))


async def looks_at(world: World, app: App, token: str) -> dict[str, Any]:
    """What introspection tells the app of a token."""
    response = await world.http.post(INTROSPECTION, data={"token": token} | in_body(app))
    assert response.status_code == 200, response.text
    told: dict[str, Any] = response.json()
    return told


async def signs_in_offline(person: Person) -> dict[str, Any]:
    """Sign in with a refresh token; the tokens."""
    tokens: dict[str, Any] = (await person.sign_in(scope=OFFLINE))["data"]
    return tokens


def error_of(response: httpx.Response) -> Error:
    """The status and error of a refusal, which has words too and no envelope."""
    body = response.json()
    assert set(body) == {"error", "error_description"} and body["error_description"], body
    challenge = response.headers.get("www-authenticate", "")
    assert (response.status_code == 401) == bool(challenge)
    return response.status_code, body["error"]
