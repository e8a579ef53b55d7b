"""How the OAuth endpoints say no: `error` and `error_description`, with a real status.

RFC 6749 section 5.2, RFC 6750 section 3.1.
"""

from __future__ import annotations

from gatepost.vocabulary.refusals import (
    AppUnknown,
    ClientUnauthenticated,
    ContentTypeUnsupported,
    InvalidRequest,
    NotSignedIn,
    NotSupported,
    Overloaded,
    Refusal,
    SessionEnded,
    TokenInvalid,
    UserSuspended,
)

ERRORS: dict[type[Refusal], tuple[str, int]] = {
    InvalidRequest: ("invalid_request", 400),
    ContentTypeUnsupported: ("invalid_request", 400),
    AppUnknown: ("invalid_client", 401),
    ClientUnauthenticated: ("invalid_client", 401),
    TokenInvalid: ("invalid_grant", 400),
    NotSupported: ("unsupported_grant_type", 400),
    NotSignedIn: ("invalid_token", 401),
    SessionEnded: ("invalid_token", 401),
    UserSuspended: ("invalid_token", 401),
    Overloaded: ("temporarily_unavailable", 503),
}

CHALLENGES = {
    "invalid_client": 'Basic realm="gatepost"',
    "invalid_token": 'Bearer error="invalid_token"',
}
