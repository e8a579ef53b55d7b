"""A real server with real SMTP, and the official SDKs to call it with."""

from __future__ import annotations

import asyncio
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import authing  # type: ignore[import-untyped]
import genauth  # type: ignore[import-untyped]
import pytest

from tests.support import engines
from tests.support.commands import run, told
from tests.support.process import ServerProcess, environment
from tests.support.sdk_life import LifeClient, NodeLifeClient, PythonLifeClient
from tests.support.sdks import Node
from tests.support.sink_thread import SinkThread

PASSWORD = "correct horse battery staple"
SERVER_KEYS = f"sdk:{b64encode(bytes(range(32))).decode()}"
LIMITS = ("sendsPerClientHour", "signInsPerClientHour", "sendsPerUserHour", "passwordFailures")

Connect = Callable[..., LifeClient]


@dataclass(frozen=True)
class App:
    """An app with its secret."""

    app_id: str
    secret: str


@dataclass
class Site:
    """A running server, where its mails go, and the commands to set it up."""

    url: str
    env: dict[str, str]
    mail: SinkThread
    server: ServerProcess
    pool_id: str = ""
    apps: dict[str, App] = field(default_factory=dict)

    def run(self, *words: str, stdin: str = "") -> Any:
        """`gatepost …`, beside the running server; what it prints as JSON."""
        return told(self.env, *words, stdin=stdin)

    def app(self, auth: str, *, lenient: bool = False) -> App:
        """An app that proves itself like this, made when first asked for."""
        name = f"{auth} lenient" if lenient else auth
        if name not in self.apps:
            made = self.run(
                "app", "create", name, "--pool", self.pool_id, "--client-auth", auth, "--json"
            )
            if lenient:
                self.run("app", "set", made["appId"], "lenientClientAuth=true")
            self.apps[name] = App(made["appId"], made["appSecret"])
        return self.apps[name]

    def person(self, name: str, email: str | None = None) -> str:
        """Somebody with the usual password; their user name."""
        username = f"{name}-{secrets.token_hex(4)}"
        words = ["user", "create", "--pool", self.pool_id, "--username", username]
        words += ["--password-stdin", "--json"]
        if email:
            words += ["--email", email, "--email-verified"]
        self.run(*words, stdin=PASSWORD)
        return username


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A server process on either engine, its mails sent by SMTP into a sink."""
    folder = tmp_path_factory.mktemp("site")
    with ExitStack() as stack:
        sink = stack.enter_context(SinkThread())
        env = environment(folder, SMTP_URL=sink.url, MAIL_FROM="no-reply@gatepost.example")
        if request.param == "postgresql":
            maintenance = request.getfixturevalue("postgresql")
            url = asyncio.run(engines.create_database(maintenance))
            env |= {"GATEPOST_DATABASE_URL": url, "GATEPOST_SERVER_KEYS": SERVER_KEYS}
            assert run(folder, env, "migrate").status == 0
        server = stack.enter_context(ServerProcess(folder, env))
        site = Site(server.url, env, sink, server)
        site.pool_id = site.run("pool", "create", "Shop", "--json")["userPoolId"]
        raised = [f"limits.{name}=1000000" for name in LIMITS]
        site.run("pool", "set", site.pool_id, "allowSpecialUseDomains=true", *raised)
        yield site


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """A Node process, if this machine has Node."""
    with Node() as node:
        yield node


@pytest.fixture(params=["genauth", "authing", pytest.param("node", marks=pytest.mark.node)])
def sdk(request: pytest.FixtureRequest) -> str:
    """The name of an official SDK: a test runs once with each."""
    return str(request.param)


@pytest.fixture
def connect(sdk: str, site: Site, request: pytest.FixtureRequest) -> Connect:
    """Make a client with the SDK: of an app, proving itself as `auth` says."""

    def connect(
        app: App | None = None, auth: str | None = None, *, secret: str = "", url: str = ""
    ) -> LifeClient:
        app = app or site.app("client_secret_post")
        given = (url or site.url, app.app_id, secret or app.secret, auth)
        if sdk == "node":
            return NodeLifeClient(request.getfixturevalue("node"), *given)
        return PythonLifeClient({"genauth": genauth, "authing": authing}[sdk], *given)

    return connect


@pytest.fixture
def address() -> str:
    """An address that nobody had before."""
    return f"ann-{secrets.token_hex(4)}@example.com"
