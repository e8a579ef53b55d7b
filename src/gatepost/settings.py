"""Settings: the environment, or the same names in `gatepost.toml`. The environment wins."""

from __future__ import annotations

import ipaddress
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

PREFIX = "GATEPOST_"
CONFIG_FILE = "gatepost.toml"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class SettingError(Exception):
    """A setting that is wrong or unknown, in one line that names it and shows no secret."""


class Settings(Struct, frozen=True, kw_only=True):
    """How one process is set up. Fields are the names of the environment in lower case.

    `public_url` is where clients reach the server, without a slash at its end: tokens are
    issued by it and links in mails start with it, never with anything a request says.

    `audit_retention_days` (0: for ever) is no setting of a pool: those lie in the database,
    where whoever wants a row gone could change them.
    """

    data_dir: Path = Path("gatepost-data")
    database_url: str = ""
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    smtp_url: str = ""
    mail_from: str = ""
    server_keys: str = ""
    server_keys_file: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    trusted_backends: tuple[Network, ...] = ()
    dev_mailbox: bool = False
    audit_retention_days: int = 180
    log_level: str = "info"
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    metrics_token: str = ""
    drain_seconds: int = 0

    def __repr__(self) -> str:
        return f"Settings(data_dir={str(self.data_dir)!r}, host={self.host!r}, port={self.port})"

    @property
    def listening(self) -> str:
        """The URL of the address that the server listens on."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def metrics_url(self) -> str:
        """The URL of the metrics on their own port."""
        host = f"[{self.metrics_host}]" if ":" in self.metrics_host else self.metrics_host
        return f"http://{host}:{self.metrics_port}/metrics"

    @property
    def origin(self) -> str:
        """The URL that clients use: `public_url`, or the address the server listens on."""
        return self.public_url or self.listening

    @property
    def issuer(self) -> str:
        """Who signs the tokens (OpenID Connect Discovery 1.0 section 3, `issuer`)."""
        return f"{self.origin}/oidc"

    @property
    def database(self) -> str:
        """The database's URL: what was set, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir / 'gatepost.db'}"

    @property
    def on_sqlite(self) -> bool:
        """Whether the data are in SQLite."""
        return self.database.startswith("sqlite:")

    @property
    def sender(self) -> str:
        """The address that mails come from: what was set, or one at the public URL's host."""
        host = urlsplit(self.origin).hostname or "localhost"
        # An IPv6 address is no domain of a mail address, and not every server has a name.
        return self.mail_from or f"no-reply@{'localhost' if ':' in host else host}"


def _text(value: str) -> str:
    if any(ord(character) < 32 for character in value):
        raise ValueError("has a control character")
    return value


def _port(value: str) -> int:
    port = int(value) if value.isascii() and value.isdigit() else -1
    if not 0 <= port <= 65_535:
        raise ValueError("is not a port from 0 to 65535")
    return port


def _days(value: str) -> int:
    days = int(value) if value.isascii() and value.isdigit() else -1
    if not 0 <= days <= 36_500:
        raise ValueError("is not a number of days from 0 to 36500")
    return days


def _flag(value: str) -> bool:
    flags = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
    }
    if value.lower() not in flags:
        raise ValueError("is neither 1 nor 0")
    return flags[value.lower()]


def _networks(value: str) -> tuple[Network, ...]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return tuple(ipaddress.ip_network(part) for part in parts)
    except ValueError as error:
        raise ValueError("is not a comma-separated list of addresses or networks") from error


def _parts(value: str) -> SplitResult:
    """A URL taken apart. What urllib says of a bad one may quote a password in it."""
    try:
        parts = urlsplit(_text(value))
        _ = parts.port
    except ValueError:
        raise ValueError("is not a URL") from None
    return parts


def _database_url(value: str) -> str:
    _text(value)
    if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
        return value
    if value.startswith(("postgresql://", "postgres://")):
        return value
    raise ValueError("is neither sqlite:///path nor postgresql://…")


def _http_url(value: str) -> str:
    parts = _parts(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("is not an http or https URL")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("has more than scheme, host, port and path")
    return value.rstrip("/")


def _smtp_url(value: str) -> str:
    parts = _parts(value)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("is not an smtp:// or smtps:// URL")
    return value


def _token(value: str) -> str:
    if len(value) < 16 or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("is not a token of at least 16 letters, digits and signs, without spaces")
    return value


def _drain(value: str) -> int:
    seconds = int(value) if value.isascii() and value.isdigit() else -1
    if not 0 <= seconds <= 300:
        raise ValueError("is not a number of seconds from 0 to 300")
    return seconds


def _level(value: str) -> str:
    if value.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("is none of debug, info, warning, error")
    return value.lower()


_READERS: dict[str, Callable[[str], Any]] = {
    "data_dir": lambda value: Path(_text(value)).expanduser(),
    "database_url": _database_url,
    "public_url": _http_url,
    "host": _text,
    "port": _port,
    "smtp_url": _smtp_url,
    "mail_from": _text,
    "server_keys": _text,
    "server_keys_file": lambda value: Path(_text(value)).expanduser(),
    "trusted_proxies": _networks,
    "trusted_backends": _networks,
    "dev_mailbox": _flag,
    "audit_retention_days": _days,
    "log_level": _level,
    "metrics_host": _text,
    "metrics_port": _port,
    "metrics_token": _token,
    "drain_seconds": _drain,
}


def load_settings(environment: Mapping[str, str], folder: Path) -> Settings:
    """Read the settings of a process started in `folder`.

    An empty value in the environment is as good as none. Raises SettingError.
    """
    named = _from_file(folder / CONFIG_FILE)
    named |= {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    return Settings(**dict(_read(name, value) for name, value in named.items() if value != ""))


def _read(name: str, value: str) -> tuple[str, Any]:
    field = name.removeprefix(PREFIX).lower()
    reader = _READERS.get(field)
    if reader is None or name != PREFIX + field.upper():
        raise SettingError(f"{name} is not a setting of Gatepost")
    try:
        return field, reader(value)
    except ValueError as error:
        raise SettingError(f"{name} {error}") from None


def _from_file(path: Path) -> dict[str, str]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"{path.name} cannot be read: {error}") from error
    return {name: _as_text(name, value) for name, value in values.items()}


def _as_text(name: str, value: Any) -> str:
    match value:
        case bool():
            return "1" if value else "0"
        case int() | str():
            return str(value)
        case list() if all(isinstance(item, str) for item in value):
            return ",".join(value)
    raise SettingError(f"{name} in {CONFIG_FILE} is neither text, number, flag nor list")
