"""A Flask app with pages on which users sign in and bind an e-mail address.

pip install flask ./client, set GENAUTH_APP_HOST, GENAUTH_APP_ID and GENAUTH_APP_SECRET, then:
flask --app examples/flask_app.py run
"""

from __future__ import annotations

import os
import secrets

from flask import (
    Blueprint,
    Flask,
    current_app,
    make_response,
    redirect,
    render_template_string,
    request,
)
from werkzeug import Response

from gatepost_client import AuthenticationClient, Refusal
from gatepost_client.refusals import SessionEnded

SIGN_IN = """
<title>Sign in</title><p role="alert">{{ problem }}</p>
<form method="post" action="/sign-in">
  <label>User name <input name="username" autocomplete="username" required></label>
  <label>Password
    <input name="password" type="password" autocomplete="current-password" required></label>
  <button>Sign in</button>
</form>
"""
HOME = """
<title>Your address</title><p role="alert">{{ problem }}</p>
{% if profile.email %}<p>{{ profile.username }} is reached at {{ profile.email }}.</p>{% else %}
<form method="post" action="/email/code">
  <label>E-mail <input name="email" type="email" value="{{ email }}" required></label>
  <button>Send a code</button>
</form>
<form method="post" action="/email">
  <input name="email" type="hidden" value="{{ email }}">
  <label>Code <input name="code" autocomplete="one-time-code" inputmode="numeric" required></label>
  <button>Bind</button>
</form>
{% endif %}
"""

tokens: dict[str, str] = {}
"""Access tokens by session. They stay here; the browser gets a cookie that means nothing
elsewhere. An app of several processes keeps them in a store that all of them reach."""


pages = Blueprint("pages", __name__)


def create_app() -> Flask:
    """The app, with one client for all requests: it keeps its connections."""
    app = Flask(__name__)
    app.register_blueprint(pages)
    app.extensions["gatepost"] = AuthenticationClient(
        app_host=os.environ["GENAUTH_APP_HOST"],
        app_id=os.environ["GENAUTH_APP_ID"],
        app_secret=os.environ["GENAUTH_APP_SECRET"],
    )
    return app


def client() -> AuthenticationClient:
    """The client that everybody shares: it calls as nobody."""
    shared: AuthenticationClient = current_app.extensions["gatepost"]
    return shared


def user() -> AuthenticationClient | None:
    """A client that calls as whoever is signed in here."""
    token = tokens.get(request.cookies.get("session", ""))
    return client().for_user(token, real_ip=request.remote_addr) if token else None


def page(status: int = 200, problem: str = "") -> Response:
    """What whoever asks may see now."""
    signed_in, email = user(), request.form.get("email", "")
    if signed_in is None:
        return make_response(render_template_string(SIGN_IN, problem=problem), status)
    profile = signed_in.get_profile().data
    shown = render_template_string(HOME, problem=problem, profile=profile, email=email)
    return make_response(shown, status)


@pages.errorhandler(Refusal)
def refused(refusal: Refusal) -> Response:
    """What Gatepost refuses stands on the page, in its own words."""
    if isinstance(refusal, SessionEnded):
        tokens.pop(request.cookies.get("session", ""), None)
    return page(refusal.status_code, refusal.message)


@pages.get("/")
def home() -> Response:
    """The form to sign in, or the address."""
    return page()


@pages.post("/sign-in")
def sign_in() -> Response:
    """Begin a session. A new one each time: nobody can plant theirs on somebody else."""
    answer = client().sign_in_by_username_password(
        request.form["username"], request.form["password"], client_ip=request.remote_addr
    )
    session = secrets.token_urlsafe(32)
    tokens[session] = answer.data.access_token
    response = redirect("/")
    # Lax: forms on other sites are sent without it.
    response.set_cookie("session", session, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@pages.post("/email/code")
def mail_code() -> Response:
    """Have a code mailed to an address."""
    if signed_in := user():
        signed_in.send_email(channel="CHANNEL_BIND_EMAIL", email=request.form["email"])
    return page()


@pages.post("/email")
def bind() -> Response:
    """Bind the address with its code."""
    if signed_in := user():
        signed_in.bind_email(pass_code=request.form["code"], email=request.form["email"])
    return redirect("/")
