"""The official SDKs, unchanged, behind one face: each call answers with what the SDK returns."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, Protocol

from tests.support.machine import require

DRIVERS = Path(__file__).parents[1] / "node"

Answer = dict[str, Any]


class Client(Protocol):
    """One client of one app, as an app's programmer would use it."""

    def sign_in(self, kind: str, name: str, password: str, options: Any = None) -> Answer:
        """By password, through the wrapper for `username`, `email` or `account`."""

    def sign_in_by_code(self, email: str, code: str) -> Answer:
        """By a code from a mail."""

    def sign_in_bare(self, username: str, password: str) -> Answer:
        """By password, through the function that all wrappers use."""

    def set_token(self, token: str) -> None:
        """Have later calls carry a token."""

    def send_email(self, email: str, channel: str) -> Answer:
        """Ask for a code."""

    def pre_check(self, email: str, code: str, channel: str) -> Answer:
        """Have a look at a code."""

    def bind(self, email: str, code: str) -> Answer:
        """Bind an address."""

    def profile(self, custom_data: bool | None = None) -> Answer:
        """The profile."""

    def system(self) -> Answer:
        """The server's public keys."""


class PythonClient:
    """PyPI `genauth` or `authing`."""

    def __init__(self, package: Any, url: str, app_id: str, secret: str | None, auth: str | None):
        self._sdk = package.AuthenticationClient(
            app_id=app_id,
            app_host=url,
            app_secret=secret,
            token_endpoint_auth_method=auth,
            lang="en-US",
        )

    def sign_in(self, kind: str, name: str, password: str, options: Any = None) -> Answer:
        function = getattr(self._sdk, f"sign_in_by_{kind}_password")
        return function(name, password, options)

    def sign_in_by_code(self, email: str, code: str) -> Answer:
        return self._sdk.sign_in_by_email_passcode(email, code)

    def sign_in_bare(self, username: str, password: str) -> Answer:
        return self._sdk.sign_in_by_credentials(
            "PASSWORD", password_payload={"username": username, "password": password}
        )

    def set_token(self, token: str) -> None:
        self._sdk.set_access_token(token)

    def send_email(self, email: str, channel: str) -> Answer:
        return self._sdk.send_email(channel=channel, email=email)

    def pre_check(self, email: str, code: str, channel: str) -> Answer:
        payload = {"email": email, "passCode": code, "channel": channel}
        return self._sdk.pre_check_code("EMAIL", email_code_payload=payload)

    def bind(self, email: str, code: str) -> Answer:
        return self._sdk.bind_email(pass_code=code, email=email)

    def profile(self, custom_data: bool | None = None) -> Answer:
        return self._sdk.get_profile(with_custom_data=custom_data, with_identities=custom_data)

    def system(self) -> Answer:
        return self._sdk.get_system_info()


class Node:
    """A Node process that makes the calls, by npm's `authing-node-sdk` unless another driver is
    named. For use in `with`."""

    def __init__(self, driver: str = "driver.cjs") -> None:
        self._process = subprocess.Popen(
            [require("node"), str(DRIVERS / driver)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def order(self, **order: Any) -> Any:
        """Have something done; AssertionError where the SDK throws."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        answer = json.loads(self._process.stdout.readline())
        assert "thrown" not in answer, answer
        return answer["returned"]

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=10)


class NodeClient:
    """npm `authing-node-sdk`. The process holds one client, made again when another is asked."""

    def __init__(self, node: Node, url: str, app_id: str, secret: str | None, auth: str | None):
        self._node = node
        options = {"appId": app_id, "appSecret": secret, "appHost": url}
        if auth is not None:
            options["tokenEndPointAuthMethod"] = auth
        self._options = options
        self._token: str | None = None

    def _call(self, method: str, *given: Any) -> Any:
        self._node.order(new=self._options)
        if self._token:
            self._node.order(call=["setAccessToken", self._token])
        return self._node.order(call=[method, *given])

    def sign_in(self, kind: str, name: str, password: str, options: Any = None) -> Answer:
        body = {kind: name, "password": password, "options": options}
        return self._call(f"signInBy{kind.title()}Password", body)

    def sign_in_by_code(self, email: str, code: str) -> Answer:
        return self._call("signInByEmailPassCode", {"email": email, "passCode": code})

    def sign_in_bare(self, username: str, password: str) -> Answer:
        payload = {"username": username, "password": password}
        body = {"connection": "PASSWORD", "passwordPayload": payload}
        return self._call("signInByCredentials", body)

    def set_token(self, token: str) -> None:
        self._token = token

    def send_email(self, email: str, channel: str) -> Answer:
        return self._call("sendEmail", {"email": email, "channel": channel})

    def pre_check(self, email: str, code: str, channel: str) -> Answer:
        payload = {"email": email, "passCode": code, "channel": channel}
        return self._call("preCheckCode", {"codeType": "EMAIL", "emailCodePayload": payload})

    def bind(self, email: str, code: str) -> Answer:
        return self._call("bindEmail", {"email": email, "passCode": code})

    def profile(self, custom_data: bool | None = None) -> Answer:
        wish = {"withCustomData": custom_data, "withIdentities": custom_data}
        return self._call("getProfile", wish if custom_data is not None else {})

    def system(self) -> Answer:
        return self._call("getSystemInfo")
