"""The whole job with the official Python SDK, against a running `gatepost quickstart`.

Signs somebody in, asks for a code, reads it from the development mailbox, binds the address
and looks at the profile. Each run makes an account of its own, so it may be run again.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

os.environ["NO_PROXY"] = f"{os.environ.get('NO_PROXY', '')},127.0.0.1,localhost"

import requests
from genauth import AuthenticationClient  # type: ignore[import-untyped]

from gatepost.settings import load_settings

MAIL_SECONDS = 10
LONGEST_SHOWN = 70


def main() -> None:
    """Walk through it; each answer is printed as JSON, with what is very long cut short."""
    quickstart = _quickstart()
    url = quickstart["url"]
    client = AuthenticationClient(
        app_id=quickstart["appId"], app_secret=quickstart["appSecret"], app_host=url, lang="en-US"
    )
    username, password = f"demo-{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    email = f"{username}@example.com"

    account = _make_account(quickstart["userPoolId"], username, password)
    show(f"gatepost user create --username {username}", account)

    tokens = client.sign_in_by_username_password(username, password)
    show(f'sign_in_by_username_password("{username}", …)', tokens)
    client.set_access_token(tokens["data"]["access_token"])
    show("set_access_token(…)")

    sent = client.send_email(channel="CHANNEL_BIND_EMAIL", email=email)
    show(f'send_email("CHANNEL_BIND_EMAIL", "{email}")', sent)
    code = _code_mailed_to(url, email)
    show(f"the mailbox, {url}/dev/mailbox, has a code: {code}")

    bound = client.bind_email(pass_code=code, email=email)
    show(f'bind_email("{code}", "{email}")', bound)
    profile = client.get_profile()
    show("get_profile()", profile)
    if profile["data"]["email"] != email or not profile["data"]["emailVerified"]:
        fail("The address is not on the account. This should not happen.")
    print(f"Done: {email} is bound to {username}.")


def show(step: str, answer: Any = None) -> None:
    """Print a step and what came of it."""
    print(f"> {step}")
    if answer is not None:
        print(json.dumps(_shortened(answer), indent=2, ensure_ascii=False))
    print(flush=True)


def fail(line: str) -> NoReturn:
    """Say what is wrong, in one line."""
    print(line, file=sys.stderr)
    sys.exit(1)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shortened(member) for name, member in value.items()}
    if isinstance(value, str) and len(value) > LONGEST_SHOWN:
        return f"{value[:LONGEST_SHOWN]}…"
    return value


def _quickstart() -> dict[str, str]:
    """What `gatepost quickstart` noted in its data folder, if it is running."""
    path = load_settings(os.environ, Path.cwd()).data_dir / "quickstart.json"
    try:
        notes: dict[str, str] = json.loads(path.read_text())
        requests.get(f"{notes['url']}/healthz", timeout=5)
    except (OSError, ValueError, KeyError):  # what requests raises is an OSError
        fail("No quickstart is running here: start one with `make run` in another terminal.")
    return notes


def _make_account(pool_id: str, username: str, password: str) -> Any:
    command = [sys.executable, "-m", "gatepost", "user", "create", "--json"]
    command += ["--pool", pool_id, "--username", username, "--password-stdin"]
    made = subprocess.run(command, input=password, text=True, stdout=subprocess.PIPE, check=False)  # noqa: S603
    if made.returncode != 0:
        fail("The account could not be made.")
    return json.loads(made.stdout)


def _code_mailed_to(url: str, email: str) -> str:
    """The code in the newest mail to an address, as soon as it is there."""
    until = time.monotonic() + MAIL_SECONDS
    while time.monotonic() < until:
        answer = requests.get(f"{url}/dev/mailbox.json", params={"to": email}, timeout=5)
        mails = answer.json() if answer.ok else []
        if mails:
            return str(mails[0]["code"])
        time.sleep(0.1)
    fail(f"No mail came to {url}/dev/mailbox: is GATEPOST_SMTP_URL set?")


if __name__ == "__main__":
    main()
