"""What goes back to the app through the browser (RFC 6749 section 4.1.2, RFC 9207)."""

from __future__ import annotations

from urllib.parse import urlencode

from gatepost.oidc.authorization_request import Addressee, Declined


def with_code(to: Addressee, issuer: str, code: str) -> str:
    """The address to send the browser to, with the code."""
    return _address(to, {"code": code}, issuer)


def with_error(to: Addressee, issuer: str, declined: Declined) -> str:
    """The address to send the browser to, with an error."""
    said = {"error": declined.error, "error_description": declined.description}
    return _address(to, said, issuer)


def _address(to: Addressee, said: dict[str, str], issuer: str) -> str:
    """Every answer says who gives it, so that an app with many issuers mixes none up."""
    if to.state is not None:
        said = said | {"state": to.state}
    return extended(to.redirect_uri, said | {"iss": issuer})


def extended(uri: str, parameters: dict[str, str]) -> str:
    """An address with more in its query; what it had stays (RFC 6749 section 3.1.2)."""
    if not parameters:
        return uri
    separator = "" if uri.endswith(("?", "&")) else "&" if "?" in uri else "?"
    return f"{uri}{separator}{urlencode(parameters)}"
