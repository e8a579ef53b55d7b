"""What a whole journey leaves in the log, and what the development mailbox shows of it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.caller import PASSWORD, Shop
from tests.support.commands import run, told
from tests.support.process import ServerProcess, environment
from tests.support.waiting import eventually

EMAIL = "ann.in.full@example.com"


def test_a_journey_leaves_no_secret_in_the_log_and_its_mails_in_the_mailbox(
    tmp_path: Path,
) -> None:
    env = environment(tmp_path, DEV_MAILBOX="1", LOG_LEVEL="debug")
    shop = Shop.opened(env)
    with ServerProcess(tmp_path, env) as server:
        assert shop.sign_in(server.url, "a wrong password")["statusCode"] == 403
        tokens = shop.sign_in(server.url)["data"]
        token = tokens["access_token"]
        code = shop.code(server.url, EMAIL, token)
        assert shop.bind(server.url, EMAIL, "00000000", token)["statusCode"] == 400
        assert shop.bind(server.url, EMAIL, code, token)["statusCode"] == 200
        assert shop.bind(server.url, EMAIL, code, f"{token}x")["statusCode"] == 401
        mails = _kept(env, 2)
        assert server.stop() == 0
        log = server.log()

    receipt, asked = mails
    assert list(asked) == ["to", "subject", "template", "code", "sentAt", "text", "html"]
    assert (asked["to"], asked["code"]) == (EMAIL, code)
    assert (receipt["template"], receipt["code"]) == ("email_bound", None)
    assert receipt["sentAt"] >= asked["sentAt"] and asked["sentAt"].endswith("Z")
    assert told(env, "mailbox", "--json", "--to", EMAIL.upper()) == mails
    assert told(env, "mailbox", "--json", "--to", "bob@example.com") == []
    assert run(tmp_path, env, "mailbox", "--to", "bob@example.com").output == "No mails.\n"
    shown = run(tmp_path, env, "mailbox").output.splitlines()
    assert [line.split("  ")[1] for line in shown] == [EMAIL, EMAIL]

    lines = [json.loads(line) for line in log.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    sign_ins = [line for line in requests if line["route"] == "/api/v3/signin"]
    assert any(line.get("statusCode") == 200 for line in sign_ins)
    assert all("userId" in line for line in sign_ins if line.get("statusCode") == 200)
    binds = [line for line in requests if line["route"] == "/api/v3/bind-email"]
    assert [(line.get("statusCode"), line.get("apiCode")) for line in binds] == [
        (400, 2001),
        (200, None),
        (401, 2206),
    ]
    assert all(line["requestId"] and line["milliseconds"] >= 0 for line in requests)
    key = (tmp_path / "data" / "server.keys").read_text().strip().partition(":")[2]
    kept = [PASSWORD, "a wrong password", shop.secret, code, "00000000", EMAIL, "ann.in.full", key]
    kept += [token, *token.split("."), tokens["id_token"]]
    assert [secret for secret in kept if secret in log] == []


def _kept(env: dict[str, str], count: int) -> list[dict[str, str]]:
    mails: list[dict[str, str]] = []

    def came() -> bool:
        mails[:] = told(env, "mailbox", "--json")
        return len(mails) >= count

    eventually(came, 30)
    return mails


def test_a_mail_that_cannot_be_sent_is_told_without_address_and_password(
    tmp_path: Path,
) -> None:
    env = environment(
        tmp_path, SMTP_URL="smtp://gate:hunter2@127.0.0.1:9", MAIL_FROM="no-reply@shop.example"
    )
    shop = Shop.opened(env)
    with ServerProcess(tmp_path, env) as server:
        body = {"email": EMAIL, "channel": "CHANNEL_LOGIN"}
        assert shop.post(server.url, "send-email", body)["statusCode"] == 200
        eventually(lambda: '"event":"mail"' in server.log())
        assert server.stop() == 0
        assert [word for word in ("hunter2", EMAIL, "ann.in.full") if word in server.log()] == []
