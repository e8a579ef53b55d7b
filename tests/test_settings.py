"""Settings from the environment and from `gatepost.toml`."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from gatepost.app import sender_of
from gatepost.settings import SettingError, Settings, load_settings


def loaded(folder: Path, **settings: str) -> Settings:
    """Settings from an environment, names without GATEPOST_."""
    return load_settings({f"GATEPOST_{name}": value for name, value in settings.items()}, folder)


def refusal(folder: Path, **settings: str) -> str:
    """The one line that settings are refused with."""
    with pytest.raises(SettingError) as caught:
        loaded(folder, **settings)
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_without_any_there_is_a_server_on_loopback_with_sqlite(tmp_path: Path) -> None:
    settings = load_settings({"HOME": "/", "PATH": "/bin"}, tmp_path)
    assert settings == Settings()
    assert (settings.listening, settings.origin) == ("http://127.0.0.1:8080",) * 2
    assert settings.issuer == "http://127.0.0.1:8080/oidc"
    assert settings.database == "sqlite:///gatepost-data/gatepost.db" and settings.on_sqlite
    assert settings.sender == "no-reply@127.0.0.1"
    assert not settings.dev_mailbox


@pytest.mark.parametrize(
    ("settings", "sender"),
    [
        (Settings(host="::1"), "no-reply@localhost"),
        (Settings(public_url="http://[2001:db8::1]:8080"), "no-reply@localhost"),
        (Settings(host="::1", public_url="https://id.example/id"), "no-reply@id.example"),
        (Settings(host="::1", mail_from="a@b.example"), "a@b.example"),
    ],
    ids=repr,
)
def test_mails_come_from_an_address_that_is_one(settings: Settings, sender: str) -> None:
    assert settings.sender == sender == sender_of(settings).address


KEYS = "one:" + "A" * 43 + "="


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("data_dir", "/srv/gatepost", Path("/srv/gatepost")),
        ("data_dir", "~/gatepost", Path("~/gatepost").expanduser()),
        ("database_url", "sqlite:////srv/g.db", "sqlite:////srv/g.db"),
        ("database_url", "postgresql://u:p@h/d", "postgresql://u:p@h/d"),
        ("database_url", "postgres://h/d", "postgres://h/d"),
        ("public_url", "https://id.example/", "https://id.example"),
        ("public_url", "https://example.com/id/", "https://example.com/id"),
        ("host", "::1", "::1"),
        ("port", "0", 0),
        ("port", "65535", 65_535),
        ("smtp_url", "smtps://u:p@h:465", "smtps://u:p@h:465"),
        ("smtp_url", "smtp://h?starttls=require", "smtp://h?starttls=require"),
        ("mail_from", "Shop <no-reply@shop.example>", "Shop <no-reply@shop.example>"),
        ("server_keys", KEYS, KEYS),
        ("server_keys_file", "/etc/gatepost.keys", Path("/etc/gatepost.keys")),
        (
            "trusted_proxies",
            "10.0.0.0/8, 2001:db8::1",
            (ip_network("10.0.0.0/8"), ip_network("2001:db8::1")),
        ),
        ("trusted_backends", "192.0.2.7,", (ip_network("192.0.2.7"),)),
        ("dev_mailbox", "1", True),
        ("dev_mailbox", "True", True),
        ("dev_mailbox", "no", False),
        ("log_level", "DEBUG", "debug"),
        ("metrics_host", "0.0.0.0", "0.0.0.0"),  # noqa: S104
        ("metrics_port", "9464", 9464),
        ("metrics_port", "0", 0),
        ("metrics_token", "a-token+of/signs", "a-token+of/signs"),
        ("drain_seconds", "15", 15),
    ],
)
def test_every_setting_is_read(tmp_path: Path, name: str, text: str, value: Any) -> None:
    settings = loaded(tmp_path, **{name.upper(): text})
    assert getattr(settings, name) == value
    file = tmp_path / "gatepost.toml"
    file.write_text(f'GATEPOST_{name.upper()} = "{text}"\n')
    assert load_settings({}, tmp_path) == settings


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATA_DIR", "a\nb"),
        ("DATABASE_URL", "mysql://h/d"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:g.db"),
        ("DATABASE_URL", "sqlite:///a\0b"),
        ("PUBLIC_URL", "id.example"),
        ("PUBLIC_URL", "ftp://id.example"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://id.example/?a=b"),
        ("PUBLIC_URL", "https://id.example/#a"),
        ("PUBLIC_URL", "https://ann@id.example"),
        ("PUBLIC_URL", "https://[::1"),
        ("PUBLIC_URL", "https://id.example:http"),
        ("HOST", "local\thost"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PORT", "80.0"),
        ("PORT", "8_0"),
        ("PORT", "٨٠"),
        ("SMTP_URL", "mail.example"),
        ("SMTP_URL", "http://mail.example"),
        ("SMTP_URL", "smtp://"),
        ("MAIL_FROM", "a@b.example\r\nBcc: c@d.example"),
        ("SERVER_KEYS", "one:\x1b"),
        ("SERVER_KEYS_FILE", "a\0"),
        ("TRUSTED_PROXIES", "everyone"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_BACKENDS", "192.0.2.0/33"),
        ("DEV_MAILBOX", "on"),
        ("DEV_MAILBOX", "2"),
        ("LOG_LEVEL", "trace"),
        ("METRICS_HOST", "local\thost"),
        ("METRICS_PORT", "metrics"),
        ("METRICS_TOKEN", "fifteen-letters"),
        ("METRICS_TOKEN", "sixteen letters!"),
        ("METRICS_TOKEN", "sixteen-letters\x7f"),
        ("DRAIN_SECONDS", "-1"),
        ("DRAIN_SECONDS", "301"),
        ("SMTP_HOST", "mail.example"),
        ("Port", "80"),
    ],
)
def test_every_mistake_is_one_line_that_names_the_setting(
    tmp_path: Path, name: str, text: str
) -> None:
    assert refusal(tmp_path, **{name: text}).startswith(f"GATEPOST_{name} ")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("SMTP_URL", "smtp://ann:hunter2@mail.example:hunter2"),
        ("SMTP_URL", "smtp://ann:hunter2@[mail.example"),
        ("SMTP_URL", "smtp://ann:hunter2\u2100@mail.example"),
        ("SMTP_URL", "lmtp://ann:hunter2@mail.example"),
        ("DATABASE_URL", "mysql://ann:hunter2@h/d"),
        ("PUBLIC_URL", "https://ann:hunter2@id.example"),
        ("SERVER_KEYS", "hunter2\x07"),
        ("METRICS_TOKEN", "hunter2"),
    ],
)
def test_no_refusal_quotes_a_secret(tmp_path: Path, name: str, text: str) -> None:
    assert "hunter2" not in refusal(tmp_path, **{name: text})


def test_settings_never_show_their_secrets() -> None:
    secret = "hunter2"
    settings = Settings(smtp_url=f"smtp://ann:{secret}@h", server_keys=secret, metrics_token=secret)
    assert "hunter2" not in f"{settings} {settings!r}"


def test_an_empty_value_is_as_good_as_none(tmp_path: Path) -> None:
    assert loaded(tmp_path, PORT="", SMTP_URL="", DEV_MAILBOX="") == Settings()
    (tmp_path / "gatepost.toml").write_text("GATEPOST_PORT = 99")
    assert loaded(tmp_path, PORT="").port == 8080


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "gatepost.toml").write_text(
        """
        GATEPOST_PORT = 9000
        GATEPOST_HOST = "::1"
        GATEPOST_DEV_MAILBOX = true
        GATEPOST_TRUSTED_PROXIES = ["10.0.0.1", "10.0.0.2"]
        """
    )
    settings = loaded(tmp_path, PORT="9001")
    assert settings.listening == "http://[::1]:9001"
    assert settings.dev_mailbox is True
    assert settings.trusted_proxies == (ip_network("10.0.0.1"), ip_network("10.0.0.2"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("PORT = 80", "PORT "),
        ("GATEPOST_PORTS = 80", "GATEPOST_PORTS "),
        ("GATEPOST_PORT = 80.5", "GATEPOST_PORT "),
        ("GATEPOST_PORT = [80]", "GATEPOST_PORT "),
        ("[GATEPOST_PORT]\nnumber = 80", "GATEPOST_PORT "),
        ("GATEPOST_PORT = ", "gatepost.toml "),
        ("GATEPOST_PORT = 1\nGATEPOST_PORT = 2", "gatepost.toml "),
    ],
)
def test_mistakes_in_the_file(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "gatepost.toml").write_text(text)
    assert refusal(tmp_path).startswith(named)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    file = tmp_path / "gatepost.toml"
    file.write_bytes(b"GATEPOST_HOST = '\xff'")
    assert refusal(tmp_path).startswith("gatepost.toml ")
    file.unlink()
    file.mkdir()
    assert refusal(tmp_path).startswith("gatepost.toml ")
