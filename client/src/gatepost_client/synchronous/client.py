"""The client itself: what it is set to, whose tokens it holds, how it ends."""
# Made by client/generate.py from the file of this name: edit that one.

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Literal

from gatepost_client.cookies import NoCookies
from gatepost_client.data import LoginTokens
from gatepost_client.holding import HeldTokens
from gatepost_client.options import Options, host_of, tls
from gatepost_client.payloads import AuthMethod, Encryption
from gatepost_client.synchronous.addresses import Addresses
from gatepost_client.synchronous.passwords import Passwords
from gatepost_client.synchronous.primitives import HttpClient, HttpTransport
from gatepost_client.synchronous.profiles import Profiles
from gatepost_client.synchronous.protocols import Protocols
from gatepost_client.synchronous.session import Session
from gatepost_client.synchronous.signing_in import SigningIn
from gatepost_client.synchronous.signing_up import SigningUp

PROVED: AuthMethod = "client_secret_post"
"""How an app proves itself where nothing is said, as with the official SDK."""


class AuthenticationClient(SigningIn, SigningUp, Addresses, Passwords, Profiles, Protocols):
    """The V3 API of Gatepost, GenAuth and Authing for what a person does with an account.

    `app_host` is where the server is; `https://` is put before a bare name. `timeout` is in
    seconds: for connecting, and for each wait for the server. `retries` is how often a call is
    sent again at most, where that does no harm; none of it begins after the timeout.
    `raise_for_status` says whether refusals are raised or returned.

    With a `refresh_token` the client has new tokens made by itself when they are needed, once for
    all who wait, and tells `on_tokens`, a plain function, what to keep. `password_encryption`
    encrypts passwords on their way: `rsa` and `sm2` need the package's extras of these names. An
    app proves itself by `client_secret_post` where its `…_auth_method` is None.

    `verify` is whom TLS trusts: the system (True), a file of CA certificates, or an SSL context;
    `cert` is the client's own certificate file, or that and its key's. `lang` is the language of
    messages (`en-US`, `zh-CN`). `real_ip` is the person's address, where a back-end calls for
    them: servers believe it of those they trust. `transport` replaces the network, in tests.

    A client may be used by many threads at once and keeps its connections: make one and keep it.
    """

    def __init__(
        self,
        app_id: str,
        app_host: str,
        app_secret: str | None = None,
        access_token: str | None = None,
        timeout: float = 10.0,
        protocol: Literal["oidc"] | None = None,
        token_endpoint_auth_method: AuthMethod | None = None,
        introspection_endpoint_auth_method: AuthMethod | None = None,
        revocation_endpoint_auth_method: AuthMethod | None = None,
        redirect_uri: str | None = None,
        post_logout_redirect_uri: str | None = None,
        use_unverified_ssl: bool = False,
        lang: str | None = None,
        *,
        real_ip: str | None = None,
        raise_for_status: bool = True,
        retries: int = 2,
        refresh_token: str | None = None,
        on_tokens: Callable[[LoginTokens], None] | None = None,
        password_encryption: Encryption = "none",
        verify: bool | str | ssl.SSLContext = True,
        cert: str | tuple[str, str] | None = None,
        transport: HttpTransport | None = None,
    ) -> None:
        if protocol not in (None, "oidc"):
            raise ValueError("oidc is the only protocol here")
        options = Options(
            app_id=app_id,
            app_host=host_of(app_host),
            app_secret=app_secret,
            timeout=timeout,
            retries=retries,
            raise_for_status=raise_for_status,
            password_encryption=password_encryption,
            token_endpoint_auth_method=token_endpoint_auth_method or PROVED,
            introspection_endpoint_auth_method=introspection_endpoint_auth_method or PROVED,
            revocation_endpoint_auth_method=revocation_endpoint_auth_method or PROVED,
            redirect_uri=redirect_uri,
            post_logout_redirect_uri=post_logout_redirect_uri,
            lang=lang,
            real_ip=real_ip,
        )
        held = HeldTokens(access_token, refresh_token, on_tokens)
        http = HttpClient(
            verify=tls(False if use_unverified_ssl else verify, cert),
            timeout=timeout,
            cookies=NoCookies(),
            transport=transport,
        )
        super().__init__(options, http, held)
        self._owns_connections = True

    def set_access_token(self, access_token: str | None) -> None:
        """Call as whoever this token is of from now on; None for nobody."""
        self._held.hold(access_token, None)

    def set_tokens(self, tokens: LoginTokens) -> None:
        """The same, with everything that a sign-in answered: new tokens are then had by itself."""
        self._held.hold(tokens.access_token, tokens.refresh_token, tokens.expires_in)

    def for_user(
        self,
        access_token: str | None = None,
        refresh_token: str | None = None,
        *,
        real_ip: str | None = None,
        lang: str | None = None,
        on_tokens: Callable[[LoginTokens], None] | None = None,
    ) -> AuthenticationClient:
        """A client for one of many users, over the same connections and to the same settings.

        Costs next to nothing: make one for each request. It ends with the client it comes from.
        """
        options = self._options
        another = AuthenticationClient.__new__(AuthenticationClient)
        Session.__init__(
            another,
            replace(options, real_ip=real_ip or options.real_ip, lang=lang or options.lang),
            self._http,
            HeldTokens(access_token, refresh_token, on_tokens),
        )
        another._keys, another._signing_keys = self._keys, self._signing_keys
        another._owns_connections = False
        return another

    def close(self) -> None:
        """Close the connections. A client made by `for_user` has none of its own."""
        if self._owns_connections:
            self._http.close()

    def __enter__(self) -> AuthenticationClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        options = self._options
        return f"AuthenticationClient(app_id={options.app_id!r}, app_host={options.app_host!r})"
