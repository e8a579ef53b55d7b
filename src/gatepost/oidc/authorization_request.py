"""What an app asks for at `/oidc/auth` (OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636).

Pure: a request is read in two steps. First whom an answer may go to; then everything else,
whose mistakes are told there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from gatepost.credentials.claims import granted
from gatepost.credentials.tokens import MAX_TOKEN_LENGTH
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.language import Language, language_of_tag
from gatepost.vocabulary.redirect_uri import is_registered

LONGEST_VALUE = 2048
LONGEST_HINT = MAX_TOKEN_LENGTH
MAX_AGE_DIGITS = 10

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

Parameters = list[tuple[str, str]]


class Prompt(StrEnum):
    """What an app may ask to be shown to the person."""

    NONE = "none"
    LOGIN = "login"
    CONSENT = "consent"
    SELECT_ACCOUNT = "select_account"


class Unanswerable(Exception):
    """Nobody can be told: the app or the address to go back to is not known."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


class Declined(Exception):
    """A request that is answered with an error (RFC 6749 section 4.1.2.1), in English ASCII."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description


class Addressee(Struct, frozen=True):
    """Where an answer goes: an address that the app registered, with what it wants to see."""

    redirect_uri: str
    state: str | None


class AuthorizationRequest(Struct, frozen=True):
    """A request in which everything is right. `max_age` is in seconds."""

    app: Application
    addressee: Addressee
    scope: str
    nonce: str | None
    code_challenge: str | None
    prompts: frozenset[Prompt]
    max_age: int | None
    login_hint: str
    id_token_hint: str | None
    language: Language | None

    @property
    def silent(self) -> bool:
        """Whether the person may be shown nothing."""
        return Prompt.NONE in self.prompts


def client_id_of(parameters: Parameters) -> str:
    """The app that asks. Raises Unanswerable where none, or more than one, is named."""
    return _only(parameters, "client_id")


def addressee_of(parameters: Parameters, app: Application, registered: Iterable[str]) -> Addressee:
    """Where the answer goes. Raises Unanswerable: never to an address that is not the app's."""
    shown = _only(parameters, "redirect_uri")
    if not is_registered(shown, registered, native=app.is_public):
        raise Unanswerable("redirect_uri")
    state = [value for name, value in parameters if name == "state"]
    return Addressee(
        shown, state[0] if len(state) == 1 and len(state[0]) <= LONGEST_VALUE else None
    )


def _only(parameters: Parameters, name: str) -> str:
    found = [value for key, value in parameters if key == name]
    if len(found) != 1 or not found[0]:
        raise Unanswerable(name)
    return found[0]


def read(parameters: Parameters, app: Application, to: Addressee) -> AuthorizationRequest:
    """The rest of a request; an empty value is as good as none. Raises Declined."""
    given = _distinct(parameters)
    _refuse_request_objects(given)
    _check_response(given)
    return AuthorizationRequest(
        app=app,
        addressee=to,
        scope=_scope(given),
        nonce=given.get("nonce"),
        code_challenge=_code_challenge(given, app),
        prompts=_prompts(given),
        max_age=_max_age(given),
        login_hint=given.get("login_hint", ""),
        id_token_hint=given.get("id_token_hint"),
        language=_language(given),
    )


def _distinct(parameters: Parameters) -> dict[str, str]:
    """Each parameter once (RFC 6749 section 3.1)."""
    given: dict[str, str] = {}
    for name, value in parameters:
        if name in given:
            raise Declined("invalid_request", "A parameter is there more than once.")
        longest = LONGEST_HINT if name == "id_token_hint" else LONGEST_VALUE
        if len(value) > longest or not value.isprintable():
            raise Declined("invalid_request", "A parameter is too long or malformed.")
        given[name] = value
    return {name: value for name, value in given.items() if value}


def _refuse_request_objects(given: dict[str, str]) -> None:
    for name in ("request", "request_uri", "registration"):
        if name in given:
            raise Declined(f"{name}_not_supported", f"The parameter {name} is not supported.")


def _check_response(given: dict[str, str]) -> None:
    kind, mode = given.get("response_type"), given.get("response_mode", "query")
    if kind is None:
        raise Declined("invalid_request", "The parameter response_type is missing.")
    if kind != "code":
        raise Declined("unsupported_response_type", "The only response_type is code.")
    if mode != "query":
        raise Declined("invalid_request", "The only response_mode is query.")


def _scope(given: dict[str, str]) -> str:
    wished = given.get("scope", "")
    if "openid" not in wished.split():
        raise Declined("invalid_scope", "The scope must contain openid.")
    return granted(wished)


def _code_challenge(given: dict[str, str], app: Application) -> str | None:
    """By S256 only; an app that has no secret cannot go without (RFC 9700 section 2.1.1)."""
    challenge, method = given.get("code_challenge"), given.get("code_challenge_method")
    if challenge is None and method is None:
        if app.is_public:
            raise Declined("invalid_request", "The parameter code_challenge is missing.")
        return None
    if method != "S256":
        raise Declined("invalid_request", "The only code_challenge_method is S256.")
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise Declined("invalid_request", "The code_challenge is not a SHA-256 in base64url.")
    return challenge


def _prompts(given: dict[str, str]) -> frozenset[Prompt]:
    try:
        prompts = frozenset(map(Prompt, given.get("prompt", "").split()))
    except ValueError:
        raise Declined("invalid_request", "The prompt is not known.") from None
    if Prompt.NONE in prompts and len(prompts) > 1:
        raise Declined("invalid_request", "The prompt none goes with no other.")
    return prompts


def _max_age(given: dict[str, str]) -> int | None:
    text = given.get("max_age")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > MAX_AGE_DIGITS:
        raise Declined("invalid_request", "The max_age is not a number of seconds.")
    return int(text)


def _language(given: dict[str, str]) -> Language | None:
    """The first language of the app's wish that is spoken here; the others are passed over."""
    spoken = map(language_of_tag, given.get("ui_locales", "").split())
    return next((language for language in spoken if language), None)
