"""The Flask app, tested with Gatepost itself.

In a clone of Gatepost: pip install '.[testing]' ./client flask
"""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from flask_app import create_app

from gatepost.testing import Gatepost

ANN = "ann@example.com"


@pytest.fixture
def browser(gatepost: Gatepost, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The app, set up for this test's pool."""
    for name, value in gatepost.environment.items():
        monkeypatch.setenv(name, value)
    return create_app().test_client()


def test_ann_signs_in_and_binds_her_address(browser: FlaskClient, gatepost: Gatepost) -> None:
    assert "Sign in" in browser.get("/").text
    ann = gatepost.create_user("ann")
    typed = {"username": "ann", "password": ann.password}
    assert "Send a code" in browser.post("/sign-in", data=typed, follow_redirects=True).text
    browser.post("/email/code", data={"email": ANN})
    code = gatepost.mailbox.wait_for_code(ANN)
    bound = browser.post("/email", data={"email": ANN, "code": code}, follow_redirects=True)
    assert f"ann is reached at {ANN}." in bound.text


def test_a_wrong_password_is_said_on_the_page(browser: FlaskClient, gatepost: Gatepost) -> None:
    gatepost.create_user("ann")
    page = browser.post("/sign-in", data={"username": "ann", "password": "guess"})
    assert page.status_code == 403
    assert "Sign in" in page.text and 'role="alert"></p>' not in page.text


def test_a_session_that_ended_leads_back_to_signing_in(
    browser: FlaskClient, gatepost: Gatepost
) -> None:
    ann = gatepost.create_user("ann")
    browser.post("/sign-in", data={"username": "ann", "password": ann.password})
    gatepost.clock.advance(365 * 86_400)
    assert browser.get("/").status_code == 401
    assert "Password" in browser.get("/").text
