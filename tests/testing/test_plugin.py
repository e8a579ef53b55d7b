"""The fixture as an app's tests use it, with a real server behind it."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest

from gatepost.testing import Account, Emulator, EmulatorRefused, Gatepost, Mail
from gatepost.testing.environment import past_proxies
from gatepost_client import AuthenticationClient, refusals

ROOT = Path(__file__).parents[2]
Connect = Callable[[Gatepost], AuthenticationClient]
ANN = "ann@example.com"


def signed_in(client: AuthenticationClient, user: Account) -> None:
    client.set_tokens(client.sign_in_by_username_password(user.username, user.password).data)


def ask_to_bind(client: AuthenticationClient, address: str = ANN) -> None:
    assert client.send_email(channel="CHANNEL_BIND_EMAIL", email=address).ok


def test_a_user_signs_in_and_binds_with_the_code_that_was_mailed(
    gatepost: Gatepost, connect: Connect
) -> None:
    client = connect(gatepost)
    signed_in(client, gatepost.create_user())
    ask_to_bind(client)
    assert client.bind_email(pass_code=gatepost.mailbox.wait_for_code(ANN), email=ANN).ok
    profile = client.get_profile().data
    assert (profile.email, profile.email_verified) == (ANN, True)


def test_a_password_is_really_checked(gatepost: Gatepost, connect: Connect) -> None:
    client = connect(gatepost)
    user = gatepost.create_user("ann", password="open sesame", email=ANN, email_verified=True)
    assert client.sign_in_by_email_password(ANN, "open sesame").ok
    for wrong in ("Open sesame", gatepost.create_user().password):
        with pytest.raises(refusals.WrongCredentials):
            client.sign_in_by_username_password(user.username, wrong)


def test_two_pools_share_neither_users_nor_mails_nor_limits(
    gatepost: Gatepost, gatepost_emulator: Emulator, connect: Connect
) -> None:
    other = Gatepost(gatepost_emulator)
    for pool in (gatepost, other):
        client = connect(pool)
        signed_in(client, pool.create_user("ann"))
        ask_to_bind(client)  # the second would be too soon if limits were shared
        pool.mailbox.wait_for_code(ANN)
        assert [mail.to for mail in pool.mailbox.messages()] == [ANN]


def test_each_wait_wants_a_code_of_its_own(gatepost: Gatepost, connect: Connect) -> None:
    gatepost.set_pool({"verifyCodeResendInterval": 1})
    client = connect(gatepost)
    signed_in(client, gatepost.create_user())
    ask_to_bind(client)
    gatepost.mailbox.wait_for_code(ANN)
    with pytest.raises(TimeoutError, match=rf"to {ANN} in 0 s. Mails so far: .+ to {ANN}$"):
        gatepost.mailbox.wait_for_code(ANN, seconds=0)
    gatepost.clock.advance(2)
    ask_to_bind(client)
    second = gatepost.mailbox.wait_for_code(ANN)
    assert gatepost.mailbox.messages(ANN)[0].code == second
    assert client.bind_email(pass_code=second, email=ANN).ok


def test_a_mail_is_found_however_its_address_is_written(
    gatepost: Gatepost, connect: Connect
) -> None:
    client = connect(gatepost)
    signed_in(client, gatepost.create_user())
    ask_to_bind(client, "ann@bücher.example")
    assert gatepost.mailbox.wait_for_code("Ann@Bücher.example")
    (mail,) = gatepost.mailbox.messages("ann@bücher.example")
    assert mail.to == "ann@xn--bcher-kva.example"


def test_nobody_is_waited_for_in_vain(gatepost: Gatepost) -> None:
    with pytest.raises(TimeoutError, match="Mails so far: none"):
        gatepost.mailbox.wait_for_code("bob@example.com", seconds=0.05)
    with pytest.raises(EmulatorRefused, match="seconds"):
        gatepost.mailbox.wait_for_code("bob@example.com", seconds=3600)


def test_the_clock_moves_the_servers_time(gatepost: Gatepost, connect: Connect) -> None:
    client = connect(gatepost)
    signed_in(client, gatepost.create_user())
    ask_to_bind(client)
    code = gatepost.mailbox.wait_for_code(ANN)
    gatepost.clock.advance(301)
    with pytest.raises(refusals.CodeExpired):
        client.bind_email(pass_code=code, email=ANN)
    ask_to_bind(client)
    assert client.bind_email(pass_code=gatepost.mailbox.wait_for_code(ANN), email=ANN).ok
    newest, oldest = (datetime.fromisoformat(m.sent_at) for m in _codes(gatepost))
    assert (newest - oldest).total_seconds() > 300


def _codes(gatepost: Gatepost) -> list[Mail]:
    return [mail for mail in gatepost.mailbox.messages(ANN) if mail.code]


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_begins_at_the_real_time(
    gatepost: Gatepost, connect: Connect, turn: str
) -> None:
    client = connect(gatepost)
    signed_in(client, gatepost.create_user(turn))
    ask_to_bind(client)
    gatepost.mailbox.wait_for_code(ANN)
    sent_at = datetime.fromisoformat(gatepost.mailbox.messages(ANN)[0].sent_at)
    assert abs(datetime.now(UTC) - sent_at) < timedelta(hours=1)
    gatepost.clock.advance(400 * 86_400)


def test_settings_of_pool_and_app_count(gatepost: Gatepost, connect: Connect) -> None:
    gatepost.set_pool({"verifyCodeLength": 8, "limits.sendsPerUserHour": 1})
    gatepost.set_app({"access_token_expires_in": 60})
    client = connect(gatepost)
    user = gatepost.create_user()
    signed_in(client, user)
    ask_to_bind(client)
    assert len(gatepost.mailbox.wait_for_code(ANN)) == 8
    with pytest.raises(refusals.TooManyRequests):
        ask_to_bind(client, "ann@another.example.com")
    gatepost.clock.advance(61)
    with pytest.raises(refusals.SessionEnded):
        client.get_profile()


def test_what_cannot_be_done_is_said(gatepost: Gatepost) -> None:
    gatepost.create_user("ann")
    with pytest.raises(EmulatorRefused) as taken:
        gatepost.create_user("Ann")
    assert taken.value.status_code == 409
    with pytest.raises(EmulatorRefused, match="nonsense"):
        gatepost.set_pool({"nonsense": 1})


def test_an_app_in_another_process_finds_its_way_by_the_environment(gatepost: Gatepost) -> None:
    names = {name for name in gatepost.environment if name.startswith("GENAUTH_")}
    assert {"GENAUTH_APP_HOST", "GENAUTH_APP_ID", "GENAUTH_APP_SECRET"} < names
    assert gatepost.environment["GENAUTH_USER_POOL_ID"] == gatepost.user_pool_id
    assert "127.0.0.1" in gatepost.environment["NO_PROXY"].split(",")


@pytest.mark.parametrize(
    ("names", "said", "then"),
    [
        ([], "", "127.0.0.1,localhost"),
        (["NO_PROXY"], "corp.example, localhost", "corp.example,localhost,127.0.0.1"),
        (["no_proxy"], "corp.example", "corp.example,127.0.0.1,localhost"),
        (["NO_PROXY", "no_proxy"], "*", "*"),
    ],
)
def test_what_is_bypassed_stays_so(
    monkeypatch: pytest.MonkeyPatch, names: list[str], said: str, then: str
) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in names:
        monkeypatch.setenv(name, said)
    assert past_proxies() == {"NO_PROXY": then, "no_proxy": then}


def test_secrets_are_in_no_repr(gatepost: Gatepost) -> None:
    user = gatepost.create_user(password="open sesame")
    shown = f"{gatepost!r} {user!r} {gatepost.mailbox!r} {gatepost.clock!r}"
    assert gatepost.app_secret not in shown and "open sesame" not in shown


SUITE = """
import pytest

@pytest.mark.parametrize("number", range(6))
def test_user(gatepost, number):
    assert gatepost.create_user("ann").username == "ann"
    print("server", gatepost.host, gatepost.user_pool_id)
"""


def test_each_process_of_xdist_has_its_own_server(tmp_path: Path) -> None:
    (tmp_path / "test_app.py").write_text(SUITE)
    plugins = ["-p", "gatepost.testing.plugin", "-p", "xdist"]
    words = [*plugins, "-n", "2", "-rP", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith("server ")]
    assert len({host for _, host, _ in lines}) == 2
    assert len({pool for _, _, pool in lines}) == 6


def test_the_package_announces_the_plugin_to_pytest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    plugin = import_module(project["entry-points"]["pytest11"]["gatepost"])
    assert hasattr(plugin, "gatepost")
    assert not any(line.startswith("pytest") for line in project["dependencies"])
