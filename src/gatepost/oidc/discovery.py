"""What this issuer can do: OpenID Connect Discovery 1.0 section 3 and RFC 8414 section 2.

Only what exists is listed.
"""

from __future__ import annotations

from typing import Any

from gatepost.context import Context
from gatepost.credentials.claims import KNOWN_SCOPES
from gatepost.oidc.authorization_request import Prompt
from gatepost.vocabulary.language import Language


async def openid_configuration(context: Context) -> dict[str, Any]:
    """The issuer's metadata."""
    return metadata(context)


async def oauth_authorization_server(context: Context) -> dict[str, Any]:
    """The same, where RFC 8414 section 3.1 has it: the issuer's path goes behind."""
    return metadata(context)


def metadata(context: Context) -> dict[str, Any]:
    """What the issuer is and can do."""
    issuer = context.settings.issuer
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/me",
        "introspection_endpoint": f"{issuer}/token/introspection",
        "revocation_endpoint": f"{issuer}/token/revocation",
        "end_session_endpoint": f"{issuer}/session/end",
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "scopes_supported": sorted(KNOWN_SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(Prompt),
        "ui_locales_supported": list(Language),
        "authorization_response_iss_parameter_supported": True,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "HS256"],
        "token_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
            "none",
        ],
        "introspection_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
        ],
        "revocation_endpoint_auth_methods_supported": [
            "client_secret_post",
            "client_secret_basic",
            "none",
        ],
        "claims_supported": CLAIMS,
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }


CLAIMS = [
    "iss", "sub", "aud", "exp", "iat", "auth_time", "sid", "nonce", "at_hash",
    "name", "given_name", "middle_name", "family_name", "nickname", "preferred_username",
    "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    "email", "email_verified", "phone_number", "phone_number_verified", "address",
    "username", "external_id",
]  # fmt: skip
