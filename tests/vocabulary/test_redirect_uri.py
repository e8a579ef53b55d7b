"""Addresses that a browser is sent back to: which an app may have, and when two are the same."""

from __future__ import annotations

import pytest

from gatepost.vocabulary.redirect_uri import LONGEST, is_registered, on_device, registrable

REGISTERED = "https://shop.example/back"


@pytest.mark.parametrize(
    "uri",
    [
        REGISTERED,
        "https://shop.example",
        "https://shop.example:8443/back?from=here&x=%2F",
        "https://[2001:db8::1]/back",
        "http://127.0.0.1/back",
        "http://127.0.0.1:8123/back",
        "http://[::1]:1/",
        "http://localhost:3000/back",
        "com.example.shop:/back",
        "com.example.shop://back",
    ],
)
def test_an_app_may_have(uri: str) -> None:
    assert registrable(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "shop.example/back",
        "/back",
        "//shop.example/back",
        "https:",
        "https:///back",
        "https://",
        "https://shop.example/back#part",
        "https://shop.example/back#",
        "https://ann@shop.example/back",
        "https://shop.example\\@mallory.example/",
        "https://shop.example/ back",
        "https://shop.example/back\n",
        "https://shop.example:port/",
        "https://shop.example:99999/",
        "https://[::1/",
        "https://shöp.example/back",
        "http://shop.example/back",
        "http://127.0.0.1.mallory.example/",
        "http://localhost.mallory.example/",
        "http://10.0.0.1/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "vbscript:x",
        "blob:https://shop.example/1",
        "file:///etc/passwd",
        "about:blank",
        "shop:/back",
        "https://shop.example/<script>",
        'https://shop.example/"',
        "https://shop.example/" + "a" * LONGEST,
    ],
)
def test_nobody_may_have(uri: str) -> None:
    assert not registrable(uri)


@pytest.mark.parametrize(
    "shown",
    [
        "https://shop.example/back/",
        "https://shop.example//back",
        "https://shop.example/./back",
        "https://shop.example/x/../back",
        "https://shop.example/Back",
        "https://SHOP.example/back",
        "HTTPS://shop.example/back",
        "https://shop.example:443/back",
        "https://shop.example./back",
        "https://shop.example/b%61ck",
        "https://shop.example/back%00",
        "https://shop.example/back%2f",
        "https://shop.example/back?",
        "https://shop.example/back?x=1",
        "https://shop.example/back#part",
        "https://shop.example/back#",
        "https://ann@shop.example/back",
        "https://shop.example@mallory.example/back",
        "https://shop.example.mallory.example/back",
        "https://mallory.example/back",
        "https://mallory.example/?https://shop.example/back",
        "http://shop.example/back",
        " https://shop.example/back",
        "https://shop.example/back ",
        "https://shop.example/back\n",
        "https://shop.example\\back",
        "//shop.example/back",
        "",
    ],
)
@pytest.mark.parametrize("native", [True, False])
def test_what_is_not_the_same_text_is_not_the_same_address(shown: str, native: bool) -> None:
    assert is_registered(REGISTERED, [REGISTERED], native=native)
    assert not is_registered(shown, [REGISTERED], native=native)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
@pytest.mark.parametrize("port", ["", ":1", ":51004", ":65535"])
def test_a_native_app_may_be_answered_at_any_port_of_its_own_device(host: str, port: str) -> None:
    registered = [f"http://{host}:7000/back?x=1"]
    shown = f"http://{host}{port}/back?x=1"
    assert is_registered(shown, registered, native=True)
    assert not is_registered(shown, registered, native=False)


@pytest.mark.parametrize(
    "shown",
    [
        "http://127.0.0.1:5000/other",
        "http://127.0.0.1:5000/back/",
        "http://127.0.0.1:5000",
        "http://127.0.0.1:0/back",
        "http://127.0.0.1:65536/back",
        "http://127.0.0.1:/back",
        "http://127.0.0.1:5000@mallory.example/back",
        "http://127.0.0.1:x/back",
        "http://127.0.0.1:५०/back",
        "http://[::1]:5000/back",
        "http://127.1:5000/back",
        "http://127.0.0.2:5000/back",
        "http://2130706433:5000/back",
        "http://localhost:5000/back",
        "https://127.0.0.1:5000/back",
        "HTTP://127.0.0.1:5000/back",
    ],
)
def test_but_nowhere_else(shown: str) -> None:
    assert not is_registered(shown, ["http://127.0.0.1/back"], native=True)


def test_a_name_that_may_be_resolved_elsewhere_keeps_its_port() -> None:
    registered = ["http://localhost:7000/back"]
    assert is_registered(registered[0], registered, native=True)
    assert not is_registered("http://localhost:7001/back", registered, native=True)
    assert not is_registered("http://127.0.0.1:7000/back", registered, native=True)


def test_where_a_program_on_the_device_answers() -> None:
    own = ("http://127.0.0.1:1/", "http://[::1]/", "http://localhost/", "com.example.shop:/back")
    assert all(map(on_device, own))
    assert not on_device(REGISTERED)
