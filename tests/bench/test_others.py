"""No endpoint is left out without a reason."""

from __future__ import annotations

from pathlib import Path

import bench.measure
from bench.measure.others import OTHERS
from bench.stage import HELD
from gatepost.api.routes import ENDPOINTS

SOURCES = "".join(
    file.read_text("utf-8") for file in Path(bench.measure.__file__).parent.glob("*.py")
)
PASSWORD_STEPS = {"/api/v3/update-password", "/api/v3/reset-password"}
OF_NO_PERSON = {
    "/api/v3/system", "/api/v3/check-app-id-secret", "/oidc/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server/oidc", "/oidc/.well-known/jwks.json", "/readyz",
    "/assets/person.svg",
}  # fmt: skip


def test_every_endpoint_is_measured_or_left_out_for_a_reason() -> None:
    measured = {route.path for route in ENDPOINTS if f'"{route.path}"' in SOURCES}
    assert measured | PASSWORD_STEPS | OF_NO_PERSON == {route.path for route in ENDPOINTS}
    assert not measured & (PASSWORD_STEPS | OF_NO_PERSON)


def test_no_two_operations_share_a_name() -> None:
    names = [kind.name for kind in (*HELD, *OTHERS)]
    assert len(set(names)) == len(names)
