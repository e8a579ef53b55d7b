"""How an app tests itself with Gatepost: take the fixture.

In a clone of Gatepost: pip install '.[testing]' ./client fastapi httpx

`gatepost` is a real server with a pool that no other test has. Nothing is mocked.
"""

from __future__ import annotations

from collections.abc import Iterator

import fastapi_app
import pytest
from fastapi.testclient import TestClient

from gatepost.testing import Gatepost

ANN = "ann@example.com"


@pytest.fixture
def browser(gatepost: Gatepost, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The app, set up for this test's pool, with Ann signed in."""
    for name, value in gatepost.environment.items():
        monkeypatch.setenv(name, value)
    ann = gatepost.create_user("ann")
    with TestClient(fastapi_app.app) as browser:
        typed = {"username": "ann", "password": ann.password}
        assert browser.post("/sign-in", json=typed).status_code == 204
        yield browser


def test_ann_binds_her_address(browser: TestClient, gatepost: Gatepost) -> None:
    browser.post("/email/code", json={"email": ANN})
    code = gatepost.mailbox.wait_for_code(ANN)
    assert browser.post("/email", json={"email": ANN, "code": code}).status_code == 204
    assert browser.get("/me").json()["email"] == ANN


def test_a_code_that_comes_late_is_refused(browser: TestClient, gatepost: Gatepost) -> None:
    browser.post("/email/code", json={"email": ANN})
    code = gatepost.mailbox.wait_for_code(ANN)
    gatepost.clock.advance(301)
    late = browser.post("/email", json={"email": ANN, "code": code})
    assert late.json()["error"] == "CodeExpired"
    assert browser.get("/me").json()["email"] is None


def test_a_second_mail_has_to_wait(browser: TestClient) -> None:
    browser.post("/email/code", json={"email": ANN})
    again = browser.post("/email/code", json={"email": ANN})
    assert 0 < int(again.headers["retry-after"]) <= 60


def test_strangers_are_turned_away(browser: TestClient) -> None:
    wrong = browser.post("/sign-in", json={"username": "ann", "password": "guess"})
    assert wrong.json()["error"] == "WrongCredentials"
    browser.cookies.clear()
    assert browser.get("/me").status_code == 401
