"""What an app may ask for at `/oidc/auth`, read without a server."""

from __future__ import annotations

import pytest

from gatepost.oidc.authorization_answer import extended, with_code, with_error
from gatepost.oidc.authorization_request import (
    LONGEST_VALUE,
    Addressee,
    AuthorizationRequest,
    Declined,
    Parameters,
    Prompt,
    Unanswerable,
    addressee_of,
    client_id_of,
    read,
)
from gatepost.vocabulary.application import Application, ClientAuth
from gatepost.vocabulary.language import Language

BACK = "https://shop.example/back"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
RIGHT = {
    "client_id": "64f0c0ffee5eed0123456789",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "openid profile",
    "state": "abc",
    "nonce": "n-1",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def app(auth: ClientAuth = ClientAuth.SECRET_POST) -> Application:
    return Application(RIGHT["client_id"], "pool", "Shop", auth, "", "", "{}", "{}")


def pairs(**changes: str | None) -> Parameters:
    """The right request with other parameters; None leaves one out."""
    return [(name, value) for name, value in (RIGHT | changes).items() if value is not None]


def request(
    auth: ClientAuth = ClientAuth.SECRET_POST, **changes: str | None
) -> AuthorizationRequest:
    return read(pairs(**changes), app(auth), Addressee(BACK, "abc"))


def error(auth: ClientAuth = ClientAuth.SECRET_POST, **changes: str | None) -> str:
    """The error that a request is answered with; its words are printable ASCII (RFC 6749)."""
    with pytest.raises(Declined) as caught:
        request(auth, **changes)
    said = caught.value.description
    assert said.isascii() and said.isprintable() and not set('"\\') & set(said)
    return caught.value.error


class TestWhomToAnswer:
    def test_is_the_address_that_was_registered(self) -> None:
        assert client_id_of(pairs()) == RIGHT["client_id"]
        assert addressee_of(pairs(), app(), [BACK]) == Addressee(BACK, "abc")
        assert addressee_of(pairs(state=None), app(), [BACK]) == Addressee(BACK, None)

    @pytest.mark.parametrize("client_id", [None, ""])
    def test_is_nobody_without_an_app(self, client_id: str | None) -> None:
        with pytest.raises(Unanswerable):
            client_id_of(pairs(client_id=client_id))

    @pytest.mark.parametrize("uri", [None, "", "https://mallory.example/", f"{BACK}/"])
    def test_is_nobody_without_a_known_address(self, uri: str | None) -> None:
        with pytest.raises(Unanswerable):
            addressee_of(pairs(redirect_uri=uri), app(), [BACK])

    def test_is_nobody_where_two_are_named(self) -> None:
        with pytest.raises(Unanswerable, match="client_id"):
            client_id_of([*pairs(), ("client_id", RIGHT["client_id"])])
        with pytest.raises(Unanswerable, match="redirect_uri"):
            addressee_of([*pairs(), ("redirect_uri", BACK)], app(), [BACK])

    def test_may_be_at_another_port_of_the_device_for_an_app_without_a_secret(self) -> None:
        shown = pairs(redirect_uri="http://127.0.0.1:5000/back")
        registered = ["http://127.0.0.1/back"]
        to = addressee_of(shown, app(ClientAuth.NONE), registered)
        assert to.redirect_uri == "http://127.0.0.1:5000/back"
        with pytest.raises(Unanswerable):
            addressee_of(shown, app(), registered)

    def test_a_state_that_cannot_be_told_is_left_out(self) -> None:
        for twice in ([*pairs(), ("state", "def")], pairs(state="s" * (LONGEST_VALUE + 1))):
            assert addressee_of(twice, app(), [BACK]).state is None


class TestRead:
    def test_everything_that_was_asked_for(self) -> None:
        found = request(
            prompt="login consent", max_age="0", login_hint="ann", ui_locales="fr zh-Hant en"
        )
        assert found.scope == "openid profile"
        assert (found.nonce, found.code_challenge) == ("n-1", CHALLENGE)
        assert found.prompts == {Prompt.LOGIN, Prompt.CONSENT} and not found.silent
        assert (found.max_age, found.login_hint) == (0, "ann")
        assert found.language is Language.ZH_TW

    def test_what_may_be_left_out(self) -> None:
        wanted = {"nonce", "state", "code_challenge", "code_challenge_method"}
        found = request(**dict.fromkeys(wanted))
        assert (found.nonce, found.code_challenge, found.max_age) == (None, None, None)
        assert found.prompts == frozenset() and found.language is None

    def test_an_empty_value_is_as_good_as_none(self) -> None:
        assert request(nonce="", prompt="", max_age="", code_challenge="", code_challenge_method="")

    def test_unknown_scopes_and_parameters_are_passed_over(self) -> None:
        assert request(scope="openid admin profile", tenantId="x").scope == "openid profile"

    def test_silent_is_said_alone(self) -> None:
        assert request(prompt="none").silent


class TestDeclined:
    @pytest.mark.parametrize("name", ["scope", "state", "nonce", "prompt", "x"])
    def test_what_is_there_twice(self, name: str) -> None:
        with pytest.raises(Declined) as caught:
            read([*pairs(), (name, "a"), (name, "a")], app(), Addressee(BACK, None))
        assert caught.value.error == "invalid_request"

    @pytest.mark.parametrize("value", ["x" * (LONGEST_VALUE + 1), "a\nb", "a\0b", "a\u202eb"])
    def test_what_is_too_long_or_malformed(self, value: str) -> None:
        assert error(nonce=value) == "invalid_request"

    def test_a_response_type_that_is_missing(self) -> None:
        assert error(response_type=None) == "invalid_request"

    @pytest.mark.parametrize(
        "kind",
        ["token", "id_token", "id_token token", "code token", "code id_token", "none", "CODE", "x"],
    )
    def test_every_flow_but_codes(self, kind: str) -> None:
        assert error(response_type=kind) == "unsupported_response_type"

    @pytest.mark.parametrize("mode", ["fragment", "form_post", "web_message", "x"])
    def test_every_mode_but_the_query(self, mode: str) -> None:
        assert error(response_mode=mode) == "invalid_request"

    @pytest.mark.parametrize("scope", [None, "profile", "OpenID", "openid,profile"])
    def test_a_scope_without_openid(self, scope: str | None) -> None:
        assert error(scope=scope) == "invalid_scope"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("request", "request_not_supported"),
            ("request_uri", "request_uri_not_supported"),
            ("registration", "registration_not_supported"),
        ],
    )
    def test_a_request_within_the_request(self, name: str, said: str) -> None:
        assert error(**{name: "https://shop.example/request"}) == said

    @pytest.mark.parametrize("prompt", ["none login", "login none consent", "create", "Login"])
    def test_a_prompt_that_is_none(self, prompt: str) -> None:
        assert error(prompt=prompt) == "invalid_request"

    @pytest.mark.parametrize("age", ["-1", "1.5", "soon", "٣", "1" * 11])
    def test_an_age_that_is_none(self, age: str) -> None:
        assert error(max_age=age) == "invalid_request"


class TestProofKey:
    @pytest.mark.parametrize("method", ["plain", None, "s256", "S512"])
    @pytest.mark.parametrize("auth", ClientAuth)
    def test_is_by_sha_256_only(self, auth: ClientAuth, method: str | None) -> None:
        assert error(auth, code_challenge_method=method) == "invalid_request"

    @pytest.mark.parametrize(
        "challenge", [None, CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE[:-1] + "=", "é" * 43]
    )
    def test_is_a_whole_hash(self, challenge: str | None) -> None:
        assert error(code_challenge=challenge) == "invalid_request"

    def test_is_needed_by_an_app_without_a_secret(self) -> None:
        without = {"code_challenge": None, "code_challenge_method": None}
        assert error(ClientAuth.NONE, **without) == "invalid_request"
        assert request(ClientAuth.NONE).code_challenge == CHALLENGE
        assert request(ClientAuth.SECRET_BASIC, **without).code_challenge is None


class TestAnswers:
    def test_say_who_gives_them_and_what_the_app_wants_to_see_again(self) -> None:
        to = Addressee(f"{BACK}?x=1", "a b&c=é#")
        assert with_code(to, "https://id.example/oidc", "c0de") == (
            f"{BACK}?x=1&code=c0de&state=a+b%26c%3D%C3%A9%23&iss=https%3A%2F%2Fid.example%2Foidc"
        )
        declined = Declined("login_required", "Sign in.")
        assert with_error(Addressee(BACK, None), "https://id.example/oidc", declined) == (
            f"{BACK}?error=login_required&error_description=Sign+in."
            "&iss=https%3A%2F%2Fid.example%2Foidc"
        )

    def test_keep_the_address_as_it_is(self) -> None:
        assert extended("com.example:/back?", {"a": "1"}) == "com.example:/back?a=1"
        assert extended("https://x.example/?a=1&", {"b": "2"}) == "https://x.example/?a=1&b=2"
        assert extended(BACK, {}) == BACK
