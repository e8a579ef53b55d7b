"""A FastAPI app whose users sign in and bind an e-mail address.

pip install fastapi uvicorn ./client, set GENAUTH_APP_HOST, GENAUTH_APP_ID and GENAUTH_APP_SECRET,
then: uvicorn --app-dir examples fastapi_app:app
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Cookie, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from gatepost_client import AsyncAuthenticationClient, Refusal, RetryLater


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client for all requests: it keeps its connections."""
    async with AsyncAuthenticationClient(
        app_host=os.environ["GENAUTH_APP_HOST"],
        app_id=os.environ["GENAUTH_APP_ID"],
        app_secret=os.environ["GENAUTH_APP_SECRET"],
    ) as client:
        app.state.client = client
        yield


app = FastAPI(lifespan=lifespan)

tokens: dict[str, str] = {}
"""Access tokens by session. They stay here; the browser gets a cookie that means nothing
elsewhere. An app of several processes keeps them in a store that all of them reach."""


@app.exception_handler(Refusal)
async def refused(_: Request, refusal: Refusal) -> JSONResponse:
    """What Gatepost refuses is an answer for the browser: `CodeIncorrect`, `EmailTaken`, …"""
    wait = {"retry-after": str(refusal.retry_after)} if isinstance(refusal, RetryLater) else None
    body = {"error": type(refusal).__name__, "message": refusal.message}
    return JSONResponse(body, refusal.status_code, headers=wait)


def address_of(request: Request) -> str | None:
    """Whose limits a call counts for, if Gatepost trusts this app's word (TRUSTED_BACKENDS)."""
    return request.client.host if request.client else None


def signed_in(
    request: Request, session: Annotated[str | None, Cookie()] = None
) -> AsyncAuthenticationClient:
    """A client that calls as whoever is signed in here."""
    token = tokens.get(session or "")
    if token is None:
        raise HTTPException(401, "Sign in first.")
    client: AsyncAuthenticationClient = request.app.state.client
    return client.for_user(token, real_ip=address_of(request))


SignedIn = Annotated[AsyncAuthenticationClient, Depends(signed_in)]


class SignIn(BaseModel):
    """What somebody types to sign in."""

    username: str
    password: str


class Code(BaseModel):
    """The address that a code should be mailed to."""

    email: str


class Bind(BaseModel):
    """An address and the code that was mailed there."""

    email: str
    code: str


@app.post("/sign-in", status_code=204)
async def sign_in(request: Request, response: Response, typed: SignIn) -> None:
    """Begin a session. A new one each time: nobody can plant theirs on somebody else."""
    answer = await request.app.state.client.sign_in_by_username_password(
        typed.username, typed.password, client_ip=address_of(request)
    )
    session = secrets.token_urlsafe(32)
    tokens[session] = answer.data.access_token
    secure = request.url.scheme == "https"
    response.set_cookie("session", session, httponly=True, samesite="strict", secure=secure)


@app.post("/email/code", status_code=202)
async def mail_code(client: SignedIn, wish: Code) -> None:
    """Have a code mailed to an address."""
    await client.send_email(channel="CHANNEL_BIND_EMAIL", email=wish.email)


@app.post("/email", status_code=204)
async def bind(client: SignedIn, shown: Bind) -> None:
    """Bind the address with its code."""
    await client.bind_email(pass_code=shown.code, email=shown.email)


@app.get("/me")
async def me(client: SignedIn) -> dict[str, str | None]:
    """Who is signed in."""
    profile = (await client.get_profile()).data
    return {"id": profile.user_id, "username": profile.username, "email": profile.email}
