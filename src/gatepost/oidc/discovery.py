"""What this issuer can do (OpenID Connect Discovery 1.0 section 3). Only what exists is listed."""

from __future__ import annotations

from typing import Any

from gatepost.context import Context
from gatepost.credentials.claims import KNOWN_SCOPES


async def openid_configuration(context: Context) -> dict[str, Any]:
    """The issuer's metadata."""
    issuer = context.settings.issuer
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/me",
        "introspection_endpoint": f"{issuer}/token/introspection",
        "revocation_endpoint": f"{issuer}/token/revocation",
        "grant_types_supported": ["refresh_token"],
        "scopes_supported": sorted(KNOWN_SCOPES),
        "response_types_supported": [],
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
    "iss", "sub", "aud", "exp", "iat", "auth_time", "sid",
    "name", "given_name", "middle_name", "family_name", "nickname", "preferred_username",
    "profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at",
    "email", "email_verified", "phone_number", "phone_number_verified", "address",
    "username", "external_id",
]  # fmt: skip
