"""The whole life of an account, through both clients, with a real server and real mail."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from client.tests.conftest import Blocking
from gatepost_client import AsyncAuthenticationClient, AuthenticationClient, refusals
from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.sink_thread import SinkThread

FIRST, SECOND, THIRD = "correct horse battery", "staple correct horse", "battery staple horse"
LIMITS = ("sendsPerClientHour", "signInsPerClientHour", "sendsPerUserHour", "passwordFailures")


@dataclass
class Site:
    """A running server with one app, and where its mails go."""

    url: str
    app_id: str
    app_secret: str
    mail: SinkThread

    def code(self, client: Any, channel: str, address: str) -> str:
        """Ask for a code, and read it in the mail."""
        before = len(self.mail.codes(address))
        assert client.send_email(channel=channel, email=address).ok
        return self.mail.code(address, before + 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server process on SQLite that sends its mails into a sink."""
    folder = tmp_path_factory.mktemp("client-site")
    with ExitStack() as stack:
        sink = stack.enter_context(SinkThread())
        env = environment(folder, SMTP_URL=sink.url, MAIL_FROM="no-reply@gatepost.example")
        server = stack.enter_context(ServerProcess(folder, env))
        pool = told(env, "pool", "create", "Shop", "--json")["userPoolId"]
        raised = [f"limits.{name}=1000000" for name in LIMITS]
        told(env, "pool", "set", pool, "allowSpecialUseDomains=true", *raised)
        app = told(env, "app", "create", "Web", "--pool", pool, "--json")
        yield Site(server.url, app["appId"], app["appSecret"], sink)


@pytest.fixture(params=["synchronous", "asynchronous"])
def client(
    request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """A client of the real server."""
    monkeypatch.setenv("NO_PROXY", "*")
    given = (site.app_id, site.url, site.app_secret)
    if request.param == "synchronous":
        with AuthenticationClient(*given, lang="en-US") as client:
            yield client
        return
    with asyncio.Runner() as runner:
        client = Blocking(AsyncAuthenticationClient(*given, lang="en-US"), runner)
        yield client
        client.close()


def address(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}@example.com"


def test_from_the_first_day_to_the_last(client: Any, site: Site) -> None:
    name, home, work = f"ann-{secrets.token_hex(4)}", address("home"), address("work")

    # Ann signs up, in, and binds her address.
    made = client.sign_up_by_username_password(name, FIRST, {"nickname": "Ann"})
    assert (made.data.username, made.data.nickname, made.data.email) == (name, "Ann", None)
    with pytest.raises(refusals.WrongCredentials) as caught:
        client.sign_in_by_username_password(name, SECOND)
    assert caught.value.request_id and caught.value.api_code == 2333
    tokens = client.sign_in_by_username_password(name, FIRST, scope="openid offline_access email")
    client.set_tokens(tokens.data)
    assert tokens.data.refresh_token and tokens.data.expires_in > 0
    code = site.code(client, "CHANNEL_BIND_EMAIL", home)
    with pytest.raises(refusals.SentTooRecently) as too_soon:
        client.send_email("CHANNEL_BIND_EMAIL", home)
    assert 1 <= too_soon.value.retry_after <= 60
    look = client.pre_check_code(email=home, pass_code=code, channel="CHANNEL_BIND_EMAIL")
    assert look.data.is_valid
    bound = client.bind_email(pass_code=code, email=home)
    assert str(bound) == (
        '{"statusCode": 200, "message": "Operation successful", '
        f'"requestId": "{bound.request_id}"}}'
    )
    with pytest.raises(refusals.EmailAlreadyBound):
        client.bind_email(pass_code=code, email=work)

    # She changes it, both mailboxes proved.
    grant = client.verify_update_email_request(
        new_email=work,
        new_email_pass_code=site.code(client, "CHANNEL_UPDATE_EMAIL", work),
        old_email=home,
        old_email_pass_code=site.code(client, "CHANNEL_UPDATE_EMAIL", home),
    )
    assert client.update_email(grant.data.update_email_token).ok
    profile = client.get_profile(with_custom_data=True).data
    assert (profile.email, profile.email_verified) == (work, True)
    assert client.update_profile(name="Ann O'Hara").data.name == "Ann O'Hara"

    # Tokens are refreshed, looked at and revoked.
    old = client._held.refresh_token
    fresh = client.get_new_access_token_by_refresh_token(old).data
    assert fresh.refresh_token and fresh.refresh_token != old
    assert client.introspect_token(fresh.access_token).data.sub == made.data.user_id
    assert client.get_user_info_by_access_token(fresh.access_token).data.email == work
    assert client.revoke_token(fresh.refresh_token).ok
    assert client.introspect_token(fresh.access_token).data.active is False
    with pytest.raises(refusals.SessionEnded):
        client.get_profile()

    # By a code, and a new password.
    tokens = client.sign_in_by_email_passcode(
        work, site.code(client, "CHANNEL_LOGIN", work), scope="openid offline_access"
    )
    client.set_tokens(tokens.data)
    assert client.update_password(SECOND, FIRST).ok
    with pytest.raises(refusals.OldPasswordWrong):
        client.update_password(THIRD, FIRST)
    reset = client.verify_reset_password_request(
        email=work, pass_code=site.code(client, "CHANNEL_RESET_PASSWORD", work)
    )
    assert client.reset_password(THIRD, reset.data.password_reset_token).ok
    with pytest.raises(refusals.SessionEnded):
        client.get_profile()
    client.set_tokens(client.sign_in_by_email_password(work, THIRD).data)

    # What she may see of it.
    security = client.get_security_level().data
    assert security.password_set and security.email_binded and not security.mfa_enrolled
    history = client.get_login_history(limit=2, success=True).data
    assert history.total_count == 3 and len(history.sign_ins) == 2
    (app,) = client.get_logged_in_apps().data
    assert app.app_id == site.app_id and app.active

    # And the end.
    assert client.unbind_email(site.code(client, "CHANNEL_UNBIND_EMAIL", work)).ok
    closing = client.verify_delete_account_request("PASSWORD", password=THIRD)
    assert client.delete_account(closing.data.delete_account_token).ok
    with pytest.raises(refusals.WrongCredentials):
        client.sign_in_by_account_password(name, THIRD)


def test_an_account_that_begins_with_a_code(client: Any, site: Site) -> None:
    home = address("bob")
    code = site.code(client, "CHANNEL_REGISTER", home)
    assert client.sign_up_by_email_passcode(home, code).data.email_verified
    tokens = client.sign_in_by_email_passcode(home, site.code(client, "CHANNEL_LOGIN", home))
    client.set_tokens(tokens.data)
    with pytest.raises(refusals.LastSignInMethod):
        client.unbind_email(site.code(client, "CHANNEL_UNBIND_EMAIL", home))
    closing = client.verify_delete_account_request(
        email=home, pass_code=site.code(client, "CHANNEL_DELETE_ACCOUNT", home)
    )
    assert client.delete_account(closing.data.delete_account_token).ok


@pytest.mark.parametrize("encryption", ["rsa", "sm2"])
def test_encrypted_passwords(site: Site, encryption: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    given = (site.app_id, site.url, site.app_secret)
    name = f"eve-{secrets.token_hex(4)}"
    with (
        AuthenticationClient(*given, password_encryption=encryption) as client,
        AuthenticationClient(*given) as plain,
    ):
        client.sign_up_by_username_password(name, FIRST)
        tokens = client.sign_in_by_username_password(name, FIRST).data
        client.set_tokens(tokens)
        client.update_password(SECOND, FIRST)
        assert plain.sign_in_by_username_password(name, SECOND).ok


def test_a_session_that_renews_itself(client: Any, site: Site) -> None:
    name, kept = f"kim-{secrets.token_hex(4)}", []
    client.sign_up_by_username_password(name, FIRST)
    scope = "openid username offline_access"
    tokens = client.sign_in_by_username_password(name, FIRST, scope=scope).data
    own = client.for_user("expired", tokens.refresh_token, on_tokens=kept.append)
    if isinstance(client, Blocking):
        own = Blocking(own, client._runner)
    assert own.get_profile().data.username == name
    assert len(kept) == 1 and kept[0].refresh_token != tokens.refresh_token


def test_what_the_server_says_of_itself(client: Any, site: Site) -> None:
    assert client.check_app_id_secret().data.valid
    system = client.get_system_info().data
    assert system.rsa.public_key.startswith("-----BEGIN") and system.version["server"]
    with AuthenticationClient("5b0a1a2b6c3d4e5f60718293", site.url, "wrong") as stranger:
        assert not stranger.check_app_id_secret().data.valid
        with pytest.raises(refusals.AppUnknown):
            stranger.send_email("CHANNEL_LOGIN", "ann@example.com")
