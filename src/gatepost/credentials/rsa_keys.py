"""RSA keys that this server made itself and has kept sealed since."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def own_private_key(pem: str) -> RSAPrivateKey:
    """A private key of ours. TypeError for one of another kind.

    Its numbers are not checked to be primes, which takes 40 ms: what comes out of its seal is
    what went in, and nobody else can have sealed it.
    """
    key = load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("not an RSA key")
    return key
