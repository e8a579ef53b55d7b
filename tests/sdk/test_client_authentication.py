"""How apps prove themselves at sign-in, as far as each official SDK can."""

from __future__ import annotations

from tests.sdk.conftest import PASSWORD, App, Connect, Site
from tests.support.sdks import Answer

UNAUTHENTICATED = (401, None)


def outcome(answer: Answer) -> tuple[int, int | None]:
    return answer["statusCode"], answer.get("apiCode")


def test_an_app_without_a_proof(connect: Connect, site: Site) -> None:
    username, app = site.person("ann"), site.app("none")
    client = connect(app, "none")
    assert outcome(client.sign_in("username", username, PASSWORD)) == (200, None)
    assert outcome(client.sign_in_bare(username, PASSWORD)) == (200, None)
    # A secret that is sent is checked all the same.
    wrong = connect(app, "client_secret_post", secret="0" * 32)
    assert outcome(wrong.sign_in("username", username, PASSWORD)) == UNAUTHENTICATED


def test_a_secret_in_the_body(connect: Connect, site: Site) -> None:
    username, app = site.person("ann"), site.app("client_secret_post")
    client = connect(app, "client_secret_post")
    assert outcome(client.sign_in("username", username, PASSWORD)) == (200, None)
    # The bare call of every SDK leaves the secret out.
    assert outcome(client.sign_in_bare(username, PASSWORD)) == UNAUTHENTICATED
    wrong = connect(app, secret="0" * 32)
    assert outcome(wrong.sign_in("username", username, PASSWORD)) == UNAUTHENTICATED


def test_a_secret_in_the_header(connect: Connect, site: Site, sdk: str) -> None:
    username, app = site.person("ann"), site.app("client_secret_basic")
    client = connect(app, "client_secret_basic")
    # The Python SDKs mean to send it and never do, so such an app cannot be told apart.
    expected = (200, None) if sdk == "node" else UNAUTHENTICATED
    assert outcome(client.sign_in("username", username, PASSWORD)) == expected
    assert outcome(client.sign_in_bare(username, PASSWORD)) == expected
    wrong = connect(app, "client_secret_basic", secret="0" * 32)
    assert outcome(wrong.sign_in("username", username, PASSWORD)) == UNAUTHENTICATED
    # A right secret is as good in the body.
    in_body = connect(app, "client_secret_post")
    assert outcome(in_body.sign_in("username", username, PASSWORD)) == (200, None)


def test_a_lenient_app_takes_sdks_that_cannot_send_their_secret(
    connect: Connect, site: Site
) -> None:
    username = site.person("ann")
    for auth in ("client_secret_basic", "client_secret_post"):
        app = site.app(auth, lenient=True)
        client = connect(app, auth)
        assert outcome(client.sign_in("username", username, PASSWORD)) == (200, None)
        assert outcome(client.sign_in_bare(username, PASSWORD)) == (200, None)
        wrong = connect(app, "client_secret_post", secret="0" * 32)
        assert outcome(wrong.sign_in("username", username, PASSWORD)) == UNAUTHENTICATED


def test_an_app_that_nobody_made(connect: Connect, site: Site) -> None:
    client = connect(App("0" * 24, "0" * 32))
    assert outcome(client.sign_in("username", site.person("ann"), PASSWORD)) == (401, 2011)
    assert outcome(client.send_email("ann@example.com", "CHANNEL_LOGIN")) == (401, 2011)
