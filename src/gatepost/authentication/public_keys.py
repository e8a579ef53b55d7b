"""What a client may know of the server before anybody signs in."""

from __future__ import annotations

from gatepost import __version__
from gatepost.context import Context
from gatepost.vocabulary.fields import Answer


class PublicKey(Answer):
    """A key to encrypt passwords with: RSA as PEM, SM2 as hex of the point."""

    public_key: str


class Version(Answer):
    """The release of each part; they are one here."""

    server: str
    console: str
    login: str


class System(Answer):
    """The server's public keys and version. The API puts no envelope around this."""

    rsa: PublicKey
    sm2: PublicKey
    version: Version
    public_ips: list[str]


async def system(context: Context) -> System:
    """The keys that passwords may be encrypted with on their way, and the version."""
    transport = context.key_store.transport
    return System(
        rsa=PublicKey(public_key=transport.rsa_public_key),
        sm2=PublicKey(public_key=transport.sm2_public_key),
        version=Version(server=__version__, console=__version__, login=__version__),
        public_ips=[],
    )
