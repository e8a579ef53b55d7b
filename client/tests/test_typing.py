"""What a type checker says to an app that uses the clients."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import gatepost_client

SOURCES = Path(gatepost_client.__file__).parents[1]

RIGHT = """
import asyncio
from typing import assert_type

from gatepost_client import (
    Answer,
    AsyncAuthenticationClient,
    AuthenticationClient,
    LoginTokens,
    Refusal,
    User,
)
from gatepost_client.refusals import EmailTaken, SentTooRecently


def keep(tokens: LoginTokens) -> None:
    print(tokens.expires_in)


def bind(app_id: str, secret: str, host: str) -> str | None:
    with AuthenticationClient(app_id=app_id, app_secret=secret, app_host=host) as client:
        tokens = client.sign_in_by_username_password("ann", "secret", {"scope": "openid"})
        assert_type(tokens, Answer[LoginTokens])
        client.set_tokens(tokens.data)
        try:
            client.send_email(channel="CHANNEL_BIND_EMAIL", email="ann@example.com")
            answer = client.bind_email(pass_code="123456", email="ann@example.com")
            assert_type(answer, Answer[None])
        except SentTooRecently as refusal:
            assert_type(refusal.retry_after, int | None)
        except EmailTaken as refusal:
            return refusal.message
        except Refusal as refusal:
            assert_type(refusal.api_code, int | None)
        assert_type(client.for_user("token", on_tokens=keep), AuthenticationClient)
        assert_type(client.get_profile().data, User)
        return client.get_profile().data.email


async def bind_too(app_id: str, secret: str, host: str) -> str:
    async with AsyncAuthenticationClient(app_id, host, secret, lang="en-US") as client:
        tokens = await client.sign_in_by_username_password("ann", "secret", scope="openid")
        client.set_access_token(tokens.data.access_token)
        grant = await client.verify_update_email_request(
            {"newEmail": "b@example.com", "newEmailPassCode": "1"}, "EMAIL_PASSCODE"
        )
        history = (await client.get_login_history(page=1)).data.sign_ins
        print([each.login_at for each in history])
        return grant.data.update_email_token


asyncio.run(bind_too("", "", ""))
"""

WRONG = """
from gatepost_client import AsyncAuthenticationClient, AuthenticationClient, LoginTokens

client = AuthenticationClient("id", "host", timout=3)  # call-arg
AuthenticationClient(app_id="id")  # call-arg
AuthenticationClient("id", "host", token_endpoint_auth_method="basic")  # arg-type
client.send_email("CHANNEL_BIND", "ann@example.com")  # arg-type
client.bind_email(email="ann@example.com")  # call-arg
client.bind_email(123456, "ann@example.com")  # arg-type
client.bind_email("1", "ann@example.com").data.email  # attr-defined
client.get_profile().data.emial  # attr-defined
client.sign_in_by_email_password("a", "b", {"scop": "openid"})  # arg-type
client.get_profile().data.email.lower()  # union-attr


async def keep(tokens: LoginTokens) -> None: ...


AuthenticationClient("id", "host", on_tokens=keep)  # arg-type


async def forgets(client: AsyncAuthenticationClient) -> None:
    client.get_profile().data  # attr-defined
    (await client.get_profile()).emails  # attr-defined
"""


def checked(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    path = folder / "app.py"
    path.write_text(source)
    words = ["--strict", "--no-error-summary", "--hide-error-context", "--cache-dir"]
    return subprocess.run(
        [sys.executable, "-m", "mypy", *words, str(folder / "cache"), str(path)],
        cwd=folder,
        env={"MYPYPATH": str(SOURCES), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_right_uses_and_wrong_ones(tmp_path: Path) -> None:
    right = checked(tmp_path, RIGHT)
    assert right.returncode == 0, right.stdout
    expected = {
        number: line.rsplit("# ", 1)[1]
        for number, line in enumerate(WRONG.splitlines(), 1)
        if "  # " in line
    }
    found: dict[int, str] = {}
    for line in checked(tmp_path, WRONG).stdout.splitlines():
        if match := re.match(r"app\.py:(\d+): error: .*\[([\w-]+)\]$", line):
            found[int(match[1])] = match[2]
    assert found == expected
