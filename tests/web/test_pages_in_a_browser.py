"""The pages in a real browser: without a reload, without scripts, without a network."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import chromium
from tests.support.commands import Quickstart
from tests.support.process import environment
from tests.support.waiting import eventually
from tests.support.world import PASSWORD

pytestmark = pytest.mark.browser

SIZES = [(320, 640), (1280, 800)]


class Site(Struct):
    """A server as `gatepost quickstart` starts it, and a browser to look at it."""

    quickstart: Any
    browser: Browser

    @property
    def account(self) -> str:
        """The address that is printed for a newcomer."""
        found: str = self.quickstart.value("account")
        return found

    def code(self, address: str, count: int = 1) -> str:
        """The newest code to an address, once there are so many mails with one."""

        def mailed() -> list[str]:
            mails = httpx.get(f"{self.quickstart.url}/dev/mailbox.json", params={"to": address})
            return [mail["code"] for mail in mails.json() if mail["code"]]

        eventually(lambda: len(mailed()) >= count)
        return mailed()[0]

    @contextmanager
    def page(self, **person: Any) -> Iterator[Page]:
        """A browser that has never been here."""
        context = self.browser.new_context(**({"locale": "en-US"} | person))
        try:
            yield context.new_page()
        finally:
            context.close()

    def at(self, path: str) -> str:
        """The address of another page of the same app."""
        return self.account.replace("/account", path)

    def sign_up(self, page: Page) -> str:
        """As somebody new; answers with their name."""
        name = f"person-{secrets.token_hex(4)}"
        page.goto(self.at("/signup"))
        page.get_by_label("User name or e-mail").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        page.wait_for_url("**/account")
        return name


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    env = environment(folder, PORT="0")
    with Quickstart(folder, env) as quickstart, chromium() as browser:
        yield Site(quickstart, browser)


NOTES_SHIFTS = """
  const seen = [];
  const note = (entries) => seen.push(...entries.map(({ value }) => value));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  window.shifts = async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    note(observer.takeRecords());
    return seen.splice(0);
  };
"""
SHIFTS = "shifts()"
"""How far what is on the page moved by itself (Layout Instability), since it was last asked."""


def test_from_bind_to_bound_and_back_without_a_reload(site: Site) -> None:
    address = new_address()
    with site.page() as page:
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if "Policy" in said.text else None,
        )
        page.add_init_script(NOTES_SHIFTS)
        site.sign_up(page)
        assert page.evaluate(SHIFTS) == []
        page.evaluate("window.stays = true")
        card = page.locator("#email")
        card.get_by_label("E-mail address").fill(address)
        card.get_by_role("button", name="Mail me a code").click()
        code = card.get_by_label("Code from the mail")
        expect(code).to_be_focused()
        expect(page.locator("#status")).to_contain_text("We mailed a code to a•••@example.com")
        expect(card.get_by_role("button", name="Mail it again")).to_be_disabled()
        page.evaluate(SHIFTS)  # what the press moved, it may
        digits = site.code(address)
        expect(page.locator("[data-seconds]")).not_to_have_text("60")
        assert page.evaluate(SHIFTS) == []
        paste(page, f"{digits[:3]} {digits[3:]}")
        expect(card.locator(".notice")).to_have_text("The address now belongs to your account.")
        expect(page.locator("#status")).to_have_text("The address now belongs to your account.")
        card.get_by_role("button", name="Remove").click()
        code.fill(site.code(address, 2))
        card.get_by_role("button", name="Remove this address").click()
        expect(card.get_by_label("E-mail address")).to_be_visible()
        assert page.evaluate("window.stays") and page.url.endswith("/account")
        assert complaints == []


def new_address() -> str:
    return f"a{secrets.token_hex(4)}@example.com"


def paste(page: Page, text: str) -> None:
    """Put a text into the field that has the focus, as pasting does."""
    page.keyboard.insert_text(text)


def test_without_scripts_it_goes_just_as_well(site: Site) -> None:
    address = new_address()
    with site.page(java_script_enabled=False) as page:
        site.sign_up(page)
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        page.get_by_label("Code from the mail").fill("000 000")
        page.get_by_role("button", name="Bind this address").click()
        expect(page.get_by_role("alert")).to_contain_text("The verification code is incorrect")
        digits = site.code(address)
        page.get_by_label("Code from the mail").fill(f"{digits[:3]} {digits[3:]}")
        page.get_by_role("button", name="Bind this address").click()
        expect(page.locator("#email .notice")).to_contain_text("now belongs to your account")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("status").first).to_contain_text("You are signed out")


def test_what_an_address_may_be_the_server_says(site: Site) -> None:
    with site.page() as page:
        page.goto(site.at("/forgot"))
        page.get_by_label("E-mail address").fill("用户@例え.jp")
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.get_by_role("alert")).to_contain_text("cannot be used")
        site.sign_up(page)
        for typed, said in (("用户@例え.jp", "cannot be used"), ("", "Fill this in.")):
            page.get_by_label("E-mail address").fill(typed)
            page.get_by_role("button", name="Mail me a code").click()
            expect(page.locator("#email .problem")).to_contain_text(said)


def test_a_card_whose_step_another_one_took_asks_for_no_code_any_more(site: Site) -> None:
    with site.page() as page:
        site.sign_up(page)
        page.get_by_label("E-mail address").fill(new_address())
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.get_by_label("Code from the mail")).to_be_focused()
        page.get_by_role("button", name="Delete the account").click()
        expect(page.locator("#delete").get_by_label("Password")).to_be_focused()
        expect(page.get_by_label("Code from the mail")).to_have_count(0)
        typed = page.locator("#email").get_by_label("E-mail address")
        typed.fill("half@")
        page.locator("#delete").get_by_label("Password").fill("wrong horse")
        page.get_by_role("button", name="Delete for good").click()
        expect(page.locator("#delete [role=alert]")).to_be_visible()
        expect(typed).to_have_value("half@")  # that card's step is the same as before


def test_a_broken_network_is_said_and_what_was_typed_stays(site: Site) -> None:
    address = new_address()
    with site.page() as page:
        site.sign_up(page)
        page.route("**/account/email/bind", lambda route: route.abort())
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.locator("#status")).to_contain_text("There is no connection")
        expect(page.get_by_label("E-mail address")).to_have_value(address)
        page.unroute("**/account/email/bind")
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.get_by_label("Code from the mail")).to_be_focused()


ANSWERS = {
    "a proxy's": (502, "<html><body><h1>502 Bad Gateway</h1></body></html>", "text/html"),
    "an API's": (503, '{"statusCode":503}', "application/json"),
    "of no page": (200, "Pay for the network first", "text/html"),
}


@pytest.mark.parametrize("whose", ANSWERS)
def test_an_answer_that_is_no_page_of_ours_is_said_and_all_stays(site: Site, whose: str) -> None:
    status, body, kind = ANSWERS[whose]
    address = new_address()
    with site.page() as page:
        site.sign_up(page)
        page.route(
            "**/account/email/bind",
            lambda route: route.fulfill(status=status, body=body, content_type=kind),
        )
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.locator("#status")).to_contain_text("The server has trouble")
        expect(page.get_by_label("E-mail address")).to_have_value(address)
        page.unroute("**/account/email/bind")
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.get_by_label("Code from the mail")).to_be_focused()


def test_a_slow_network_is_said_and_a_second_press_sends_nothing(site: Site) -> None:
    address = new_address()
    with site.page() as page:
        site.sign_up(page)
        held: list[Route] = []
        page.route("**/account/email/bind", lambda route: held.extend([route]))
        page.get_by_label("E-mail address").fill(address)
        button = page.get_by_role("button", name="Mail me a code")
        button.click()
        button.click()
        expect(page.locator("#status")).to_contain_text("Sending")
        assert len(held) == 1
        held[0].continue_()
        expect(page.get_by_label("Code from the mail")).to_be_focused()


def test_a_session_that_ends_in_the_middle_leads_to_sign_in_and_back(site: Site) -> None:
    address = new_address()
    with site.page() as page:
        name = site.sign_up(page)
        page.context.clear_cookies()
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.get_by_label("User name or e-mail")).to_be_visible()
        page.reload()
        page.get_by_label("User name or e-mail").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/account")


def test_two_tabs_and_the_back_button_do_no_harm(site: Site) -> None:
    address = new_address()
    with site.page() as page:
        site.sign_up(page)
        other = page.context.new_page()
        other.goto(site.account)
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        expect(page.get_by_label("Code from the mail")).to_be_focused()
        page.get_by_label("Code from the mail").press_sequentially(site.code(address))
        expect(page.locator("#email .value")).to_have_text(address)
        other.get_by_label("E-mail address").fill("other@example.com")
        other.get_by_role("button", name="Mail me a code").click()
        expect(other.locator("#email .problem")).to_contain_text("already has an e-mail address")
        expect(other.locator("#email .value")).to_have_text(address)
        page.goto(f"{site.quickstart.url}/dev/mailbox")
        page.go_back()
        expect(page.locator("#email .value")).to_have_text(address)


HIDING = "<meta name=referrer content=no-referrer>"
"""Has a page's forms tell no origin, as those of our own pages do."""


@pytest.mark.parametrize(
    ("path", "head"),
    [("/login", ""), ("/login", HIDING), ("/oidc/session/confirm", HIDING)],
    ids=["sign-in", "sign-in, hiding", "sign-out, hiding"],
)
def test_a_form_of_another_site_signs_nobody_out(site: Site, path: str, head: str) -> None:
    with site.page() as page:
        site.sign_up(page)
        form = f"<form method=post action='{site.at(path)}'><input name=token value=x></form>"
        evil = f"{head}{form}<script>document.forms[0].submit()</script>"
        page.context.route(
            "http://localhost/", lambda route: route.fulfill(body=evil, content_type="text/html")
        )
        tab = page.context.new_page()
        tab.goto("http://localhost/")
        tab.wait_for_url(f"{site.quickstart.url}/**")
        page.reload()
        expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_the_keyboard_alone_signs_in(site: Site) -> None:
    with site.page() as page:
        page.goto(site.account)
        expect(page.get_by_label("User name or e-mail")).to_be_focused()
        page.keyboard.type(site.quickstart.value("user"))
        page.keyboard.press("Tab")
        page.keyboard.type(site.quickstart.value("password"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/account")


NO_DOT_HANGS = """[...document.querySelectorAll(".dot")].every(
  (dot) => !dot.offsetParent || dot.offsetTop === dot.nextElementSibling.offsetTop)"""
"""No dot is the last of its line, with nothing after it to keep apart."""


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_wider_than_the_window_nor_at_twice_the_size(
    site: Site, size: tuple[int, int]
) -> None:
    width, height = size
    with site.page(viewport={"width": width, "height": height}) as page:
        for path in ("/login", "/signup", "/forgot", "/account", "/dev/mailbox"):
            if path == "/account":
                site.sign_up(page)
            page.goto(site.at(path))
            for zoom in (1, 2):
                page.evaluate(f"document.documentElement.style.fontSize = '{zoom}00%'")
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, (path, zoom)
                assert page.evaluate(NO_DOT_HANGS), (path, zoom)


def test_the_mailbox_shows_the_code_and_the_mail_without_running_it(site: Site) -> None:
    address = new_address()
    with site.page() as page:
        site.sign_up(page)
        page.get_by_label("E-mail address").fill(address)
        page.get_by_role("button", name="Mail me a code").click()
        tag = page.locator(".tag").inner_text()
        digits = site.code(address)
        page.goto(f"{site.quickstart.url}/dev/mailbox")
        mail = page.get_by_role("article").first
        expect(mail.locator(".passcode")).to_have_text(digits)
        mail.get_by_text("HTML").click()
        frame = mail.locator("iframe")
        assert frame.get_attribute("sandbox") == ""
        inside = page.frame_locator("iframe").first.locator("body")
        expect(inside).to_contain_text(re.compile(rf"letters {tag}\b"))
