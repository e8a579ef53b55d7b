"""`POST /api/v3/check-app-id-secret`."""

from __future__ import annotations

from tests.support.backstage import OK, said
from tests.support.world import World

CHECK = "/api/v3/check-app-id-secret"


async def test_an_app_id_and_a_secret_belong_together_or_not(world: World) -> None:
    app, other = await world.app(), await world.app()
    right = await world.post(CHECK, {"appId": app.app_id, "appSecret": app.secret})
    assert said(right) == OK
    assert right["data"] == {"valid": True, "message": ""}
    answers = []
    for app_id, secret in (
        (app.app_id, other.secret),
        (app.app_id, app.secret.upper() + "x"),
        (other.app_id, app.secret),
        ("0" * 24, app.secret),
        ("' OR 1=1", app.secret),
        ("é\u202e", "密码"),
    ):
        answers.append(await world.post(CHECK, {"appId": app_id, "appSecret": secret}))
    assert all(said(answer) == OK for answer in answers)
    assert len({str(answer["data"]) for answer in answers}) == 1
    assert answers[0]["data"]["valid"] is False and answers[0]["data"]["message"]
