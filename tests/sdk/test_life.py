"""The whole life of an account with each official SDK, unchanged."""

from __future__ import annotations

import secrets

import pytest

from tests.sdk.conftest import PASSWORD, App, Connect, Site
from tests.sdk.test_journey import good
from tests.sdk.test_refusals import refused
from tests.support.sdk_life import LifeClient, NodeLifeClient
from tests.support.sdks import Answer

OFFLINE = {"scope": "openid profile email username offline_access"}
SECOND, THIRD = "Second-Password-7", "Third-Password-8"
GONE = (401, 2206)
PLACES = [
    ("GET", "query"),
    ("GET", "header"),
    ("POST", "query"),
    ("POST", "header"),
    ("POST", "body"),
]


def asks(client: LifeClient, site: Site, address: str, channel: str, count: int = 1) -> str:
    """Ask for a code; the code, which is the address's `count`th."""
    good(client.send_email(address, channel))
    return site.mail.code(address, count)


def signed_in(client: LifeClient, username: str, password: str = PASSWORD) -> Answer:
    """Sign in with a refresh token and hold the access token; the tokens."""
    tokens = good(client.sign_in("username", username, password, OFFLINE))
    client.set_token(tokens["access_token"])
    return tokens


def new_account(client: LifeClient) -> str:
    """Somebody who signed up; their user name."""
    username = f"ann-{secrets.token_hex(4)}"
    made = good(client.step("sign_up_by_username_password", username=username, password=PASSWORD))
    assert made["username"] == username and made["userId"]
    return username


def test_an_account_from_its_first_day_to_its_last(
    connect: Connect, site: Site, address: str
) -> None:
    client, newer = connect(), f"new-{address}"
    username = new_account(client)
    signed_in(client, username)
    good(client.bind(address, asks(client, site, address, "CHANNEL_BIND_EMAIL")))

    payload = {
        "newEmail": newer,
        "newEmailPassCode": asks(client, site, newer, "CHANNEL_UPDATE_EMAIL"),
        "oldEmail": address,
        "oldEmailPassCode": asks(client, site, address, "CHANNEL_UPDATE_EMAIL", 2),
    }
    granted = good(
        client.step(
            "verify_update_email_request",
            verify_method="EMAIL_PASSCODE",
            email_pass_code_payload=payload,
        )
    )
    assert granted["tokenExpiresIn"] == 60
    good(client.step("update_email", update_email_token=granted["updateEmailToken"]))
    assert good(client.profile())["email"] == newer

    code = asks(client, site, newer, "CHANNEL_RESET_PASSWORD", 2)
    granted = good(
        client.step(
            "verify_reset_password_request",
            verify_method="EMAIL_PASSCODE",
            email_pass_code_payload={"email": newer, "passCode": code},
        )
    )
    token = granted["passwordResetToken"]
    good(client.step("reset_password", password=SECOND, password_reset_token=token))
    refused(client.profile(), *GONE)
    refused(client.sign_in("email", newer, PASSWORD), 403, 2333)
    signed_in(client, username, SECOND)

    code = asks(client, site, newer, "CHANNEL_DELETE_ACCOUNT", 3)
    granted = good(
        client.step(
            "verify_delete_account_request",
            verify_method="EMAIL_PASSCODE",
            email_pass_code_payload={"email": newer, "passCode": code},
        )
    )
    assert good(
        client.step("delete_account", delete_account_token=granted["deleteAccountToken"])
    ) == {"success": True}
    refused(client.profile(), *GONE)
    refused(client.sign_in("username", username, SECOND), 403, 2333)


def test_signing_up_by_a_code_and_unbinding_later(
    connect: Connect, site: Site, address: str
) -> None:
    client = connect()
    code = asks(client, site, address, "CHANNEL_REGISTER")
    made = good(
        client.step(
            "sign_up_by_email_passcode", email=address, pass_code=code, profile={"nickname": "A"}
        )
    )
    assert (made["email"], made["emailVerified"], made["nickname"]) == (address, True, "A")
    code = asks(client, site, address, "CHANNEL_LOGIN", 2)
    client.set_token(good(client.sign_in_by_code(address, code))["access_token"])
    username = f"ann-{secrets.token_hex(4)}"
    assert good(client.step("update_profile", username=username))["username"] == username
    good(client.step("update_password", new_password=PASSWORD))
    signed_in(client, username)
    code = asks(client, site, address, "CHANNEL_UNBIND_EMAIL", 3)
    good(client.step("unbind_email", pass_code=code))
    assert good(client.profile())["email"] is None


def test_what_an_account_says_of_itself(connect: Connect) -> None:
    client = connect()
    username = new_account(client)
    signed_in(client, username)
    told = good(
        client.step(
            "update_profile",
            name="Ann O'Hara",
            street_address="Abbey Street",
            postal_code="D01",
            gender="F",
            custom_data={"team": "red"},
        )
    )
    assert (told["name"], told["streetAddress"], told["gender"]) == (
        "Ann O'Hara",
        "Abbey Street",
        "F",
    )
    assert good(client.profile(custom_data=True))["customData"] == {"team": "red"}
    refused(client.step("update_profile", username="a b"), 400, None)
    before = good(client.step("get_security_level"))
    assert (before["passwordSet"], before["emailBinded"]) == (True, False)
    good(client.step("update_password", new_password=THIRD, old_password=PASSWORD))
    wrong = client.step("update_password", new_password=SECOND, old_password=PASSWORD)
    assert wrong["statusCode"] != 200
    info = client.user_info(signed_in(client, username, THIRD)["access_token"])
    assert (info["name"], info["username"]) == ("Ann O'Hara", username)


def test_where_an_account_was_used(connect: Connect, site: Site) -> None:
    client = connect()
    username = new_account(client)
    for _ in range(3):
        signed_in(client, username)
    app_id = site.app("client_secret_post").app_id
    data = good(client.step("get_login_history", page=1, limit=2, app_id=app_id, success=True))
    assert (data["totalCount"], len(data["list"])) == (3, 2)
    assert data["list"][0]["loginMethod"] == "loginByPassword"
    assert data["list"][0]["parsedUserAgent"]["browser"]
    assert good(client.step("get_login_history", start=1, end=2))["totalCount"] == 0
    (app,) = client.step("get_logged_in_apps")["data"]
    assert (app["appId"], app["active"]) == (app_id, True)


@pytest.mark.parametrize("auth", ["client_secret_post", "client_secret_basic", "none"])
def test_tokens_are_refreshed_looked_at_and_revoked(
    connect: Connect, site: Site, auth: str, sdk: str
) -> None:
    # The Python SDKs cannot prove a `basic` app at sign-in, so theirs is lenient.
    app: App = site.app(auth, lenient=auth == "client_secret_basic" and sdk != "node")
    client = connect(app, auth)
    tokens = signed_in(client, new_account(client))
    fresh = client.refresh(tokens["refresh_token"])
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert (fresh["expires_in"], fresh["token_type"]) == (14 * 86_400, "Bearer")
    old, new = client.claims(tokens["access_token"]), client.claims(fresh["access_token"])
    assert (new["sid"], new["sub"], new["aud"]) == (old["sid"], old["sub"], app.app_id)

    client.set_token(tokens["access_token"])  # SDKs send an older token beside the one they mean
    told = client.introspect(fresh["access_token"])
    assert (told["active"], told["sub"], told["client_id"]) == (True, new["sub"], app.app_id)
    assert client.user_info(fresh["access_token"])["sub"] == new["sub"]
    assert client.introspect("nonsense") == {"active": False}
    assert client.revoke(fresh["refresh_token"])
    assert client.introspect(fresh["access_token"]) == {"active": False}
    refused(client.profile(), *GONE)


def test_the_token_may_be_handed_in_wherever_an_sdk_likes(connect: Connect) -> None:
    client, another = connect(), connect()
    token = signed_in(client, new_account(client))["access_token"]
    told = client.user_info(token)
    assert told["sub"] == client.claims(token)["sub"]
    stray = signed_in(another, new_account(another))["access_token"]
    if isinstance(client, NodeLifeClient):  # the others know one place only
        for method, place in PLACES:
            assert client.user_info(token, method=method, tokenPlace=place) == told
        client.set_token(stray)
        for method, place in PLACES:
            meant = client.user_info(token, method=method, tokenPlace=place)["sub"] == told["sub"]
            assert meant == (place != "header")  # there this SDK sends the older token instead
    assert client.user_info(token) == told
