"""Whom a client believes to be the server."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from client.tests.conftest import Connect
from client.tests.scripted import ScriptedServer, done
from gatepost_client import ConnectionFailed
from tests.support.certificates import Certificate


@pytest.fixture(scope="module")
def certificate() -> Certificate:
    """The certificate of a server that no system knows."""
    return Certificate.for_hosts("127.0.0.1")


@pytest.fixture
def secure(certificate: Certificate) -> Iterator[ScriptedServer]:
    """A server that shows it."""
    with ScriptedServer(certificate.server_context) as server:
        yield server


@pytest.fixture
def ca_file(certificate: Certificate, tmp_path: Path) -> str:
    """The certificate in a file."""
    (authority,) = certificate.client_context.get_ca_certs(binary_form=True)
    path = tmp_path / "ca.pem"
    path.write_text(ssl.DER_cert_to_PEM_cert(authority))
    return str(path)


def test_a_stranger_is_told_nothing(connect: Connect, secure: ScriptedServer) -> None:
    with pytest.raises(ConnectionFailed, match=r"(?i)certificate") as caught:
        connect(app_host=secure.url, access_token="a").bind_email("1", "ann@example.com")
    assert not caught.value.sent and not secure.seen


def test_whom_one_was_told_to_trust(
    connect: Connect, secure: ScriptedServer, certificate: Certificate, ca_file: str
) -> None:
    secure.then(done(), done(), done(), done())
    assert connect(app_host=secure.url, verify=ca_file).unbind_email("1").ok
    assert connect(app_host=secure.url, verify=certificate.client_context).unbind_email("1").ok
    assert connect(app_host=secure.url, verify=False).unbind_email("1").ok
    assert connect(app_host=secure.url, use_unverified_ssl=True).unbind_email("1").ok


def test_another_name_is_another_server(
    connect: Connect, secure: ScriptedServer, ca_file: str
) -> None:
    url = secure.url.replace("127.0.0.1", "localhost")
    with pytest.raises(ConnectionFailed, match=r"(?i)localhost|hostname"):
        connect(app_host=url, verify=ca_file).unbind_email("1")
    assert not secure.seen


def test_a_certificate_of_ones_own(connect: Connect, tmp_path: Path, ca_file: str) -> None:
    server = Certificate.for_hosts("127.0.0.1")
    pair = _pair(tmp_path)
    server.server_context.verify_mode = ssl.CERT_REQUIRED
    server.server_context.load_verify_locations(pair)
    (authority,) = server.client_context.get_ca_certs(binary_form=True)
    trusted = tmp_path / "server.pem"
    trusted.write_text(ssl.DER_cert_to_PEM_cert(authority))
    with ScriptedServer(server.server_context) as strict:
        strict.then(done())
        with pytest.raises(ConnectionFailed):
            connect(app_host=strict.url, verify=str(trusted)).unbind_email("1")
        client = connect(app_host=strict.url, verify=str(trusted), cert=str(pair))
        assert client.unbind_email("1").ok
    assert len(strict.seen) == 1


def _pair(folder: Path) -> Path:
    """A file with a key and its certificate."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    from tests.support import certificates

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "client.pem"
    path.write_bytes(private + certificates._self_signed(key, ("shop.example",)))
    return path
