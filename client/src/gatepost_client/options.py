"""What a client is set to."""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from gatepost_client.payloads import AuthMethod, Encryption
from gatepost_client.version import __version__


@dataclass(frozen=True, kw_only=True)
class Options:
    """Everything that does not change while a client lives."""

    app_id: str
    app_host: str
    app_secret: str | None = field(repr=False)
    timeout: float
    retries: int
    raise_for_status: bool
    password_encryption: Encryption
    token_endpoint_auth_method: AuthMethod
    introspection_endpoint_auth_method: AuthMethod
    revocation_endpoint_auth_method: AuthMethod
    redirect_uri: str | None
    post_logout_redirect_uri: str | None
    lang: str | None
    real_ip: str | None

    def __post_init__(self) -> None:
        if not self.app_id:
            raise ValueError("app_id is empty")
        if not 0 < self.timeout <= 3600:
            raise ValueError("timeout is in seconds, from more than 0 to 3600")
        if self.retries < 0:
            raise ValueError("retries is negative")
        for name in ("app_id", "lang", "real_ip"):
            fit_for_a_header(getattr(self, name), name)

    def headers(self) -> dict[str, str]:
        """What every call says of itself. Both families of names, for both brands of the API."""
        said = {
            "sdk-version": f"gatepost-client:{__version__}",
            "request-from": "sdk",
            "app-id": self.app_id,
            "lang": self.lang,
        }
        headers = {"accept": "application/json", "user-agent": f"gatepost-client/{__version__}"}
        for family in ("x-genauth", "x-authing"):
            headers |= {f"{family}-{name}": value for name, value in said.items() if value}
        return headers | ({"x-real-ip": self.real_ip} if self.real_ip else {})

    def in_body(self, method: AuthMethod) -> dict[str, str | None]:
        """How the app proves itself in a body (RFC 6749 section 2.3.1), if it does there."""
        if method == "client_secret_basic":
            return {}
        secret = self.app_secret if method == "client_secret_post" else None
        return {"client_id": self.app_id, "client_secret": secret}

    def in_header(self, method: AuthMethod) -> str | None:
        """How the app proves itself in the Authorization header (RFC 7617), if it does there."""
        if method != "client_secret_basic":
            return None
        pair = f"{self.app_id}:{self.app_secret or ''}"
        return "Basic " + b64encode(pair.encode()).decode()


def host_of(app_host: str) -> str:
    """Where the server is, without a slash at its end; `https://` where nothing else is said."""
    host = app_host.strip().rstrip("/")
    if "://" not in host:
        host = f"https://{host}"
    parts = urlsplit(host)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("app_host is no http or https address")
    if parts.username or parts.query or parts.fragment:
        raise ValueError("app_host is a plain address, without user, query or fragment")
    return host


def fit_for_a_header(value: str | None, name: str) -> None:
    """Refuse what no header can carry, without showing it: HTTP libraries would."""
    if value is not None and not (value.isascii() and value.isprintable() and " " not in value):
        raise ValueError(f"{name} has characters that it cannot have")


def tls(
    verify: bool | str | ssl.SSLContext, cert: str | tuple[str, str] | None
) -> bool | ssl.SSLContext:
    """Whom to trust, and what to show: what the HTTP library takes."""
    if cert is None and not isinstance(verify, str):
        return verify
    context = verify if isinstance(verify, ssl.SSLContext) else _context(verify)
    if cert is not None:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context


def _context(verify: bool | str) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def without_none(value: Any) -> Any:
    """A JSON value without its nulls: None is what was not said."""
    if isinstance(value, Mapping):
        return {name: without_none(member) for name, member in value.items() if member is not None}
    return [without_none(member) for member in value] if isinstance(value, list) else value
