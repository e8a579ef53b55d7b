"""Whole journeys in a real browser, mails read at a mail server, with and without scripts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, Route, expect

from tests.support.browser import ANSWER_MILLISECONDS, chromium
from tests.support.caller import PASSWORD, Shop
from tests.support.commands import told
from tests.support.process import ServerProcess, environment
from tests.support.sink_thread import SinkThread

pytestmark = pytest.mark.browser

NEW_PASSWORD = "quite another horse"
PEOPLE = 17
"""As many as the tests below need."""
WRONG = "The verification code is incorrect"


class Town(Struct):
    """A server that sends its mails, the server they go to, and a browser."""

    server: ServerProcess
    shop: Shop
    sink: SinkThread
    browser: Browser
    newcomers: list[tuple[str, str]]

    def go(self, page: Page, path: str) -> None:
        """Open a page of the app."""
        page.goto(f"{self.server.url}{path}?app_id={self.shop.app_id}")

    def link(self, address: str, purpose: str) -> str:
        """The link of a purpose in the newest mail to an address, once that has one."""
        assert self.sink.wait(lambda: f"/link/{purpose}?" in self.sink.mail_to(address).text)
        words = self.sink.mail_to(address).text.split()
        return next(word for word in words if f"/link/{purpose}?" in word)

    def newcomer(self) -> tuple[str, str]:
        """The name and the proved address of an account that nobody has used yet."""
        return self.newcomers.pop()


def new_account(shop: Shop) -> tuple[str, str]:
    """Its name and its proved address."""
    name = f"person-{secrets.token_hex(4)}"
    address = f"{name}@example.com"
    words = ("--username", name, "--email", address, "--email-verified", "--password-stdin")
    told(shop.env, "user", "create", "--pool", shop.pool_id, "--json", *words, stdin=PASSWORD)
    return name, address


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with SinkThread() as sink:
        env = environment(folder, SMTP_URL=sink.url, MAIL_FROM="shop@example.com")
        with ServerProcess(folder, env) as server:
            # Commands run in this thread, which is the browser's own once that has started.
            shop = Shop.opened(env)
            newcomers = [new_account(shop) for _ in range(PEOPLE)]
            with chromium() as browser:
                yield Town(server, shop, sink, browser, newcomers)


class Person(Struct):
    """Somebody's page, and whether scripts run in it."""

    page: Page
    scripts: bool

    def enter(self, code: str, button: str) -> None:
        """Type a code. Scripts send it by themselves, else a button does."""
        self.page.get_by_label("Code from the mail").fill(code)
        if not self.scripts:
            self.press(button)

    def press(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def sign_up(self, name: str) -> None:
        """Fill in the page that makes an account, and press its button."""
        self.page.get_by_label("User name or e-mail").fill(name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Make the account")
        self.page.wait_for_url("**/account")

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """Fill in the sign-in page, and press its button."""
        self.page.get_by_label("User name or e-mail").fill(name)
        self.page.get_by_label("Password").fill(password)
        self.press("Sign in")


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def person(town: Town, request: pytest.FixtureRequest) -> Iterator[Person]:
    with town.browser.new_context(locale="en-US", java_script_enabled=request.param) as context:
        context.set_default_timeout(ANSWER_MILLISECONDS)
        yield Person(context.new_page(), request.param)


def test_signing_in_by_a_code(town: Town, person: Person) -> None:
    _, address = town.newcomer()
    page = person.page
    town.go(page, "/login")
    page.get_by_label("User name or e-mail").fill(address)
    person.press("Mail me a code")
    expect(page.get_by_text("We mailed a code to p•••@example.com")).to_be_visible()
    mail = town.sink.mail_to(address)
    assert f"letters {page.locator('.tag').inner_text()}." in mail.text
    person.enter("000000", "Sign in")
    expect(page.get_by_role("alert")).to_contain_text(WRONG)
    person.enter(town.sink.code(address), "Sign in")
    page.wait_for_url("**/account")
    expect(page.locator("#email .value")).to_have_text(address)


def test_a_forgotten_password(town: Town, person: Person) -> None:
    name, address = town.newcomer()
    page = person.page
    town.go(page, "/login")
    page.get_by_role("link", name="Forgot your password?").click()
    page.get_by_label("E-mail address").fill(address)
    person.press("Mail me a code")
    expect(page.get_by_label("Code from the mail")).to_be_visible()
    person.enter("000000", "Next")
    expect(page.get_by_role("alert")).to_contain_text(WRONG)
    page.reload()  # what was refused may be sent once more, and is no second guess
    person.enter(town.sink.code(address), "Next")
    page.get_by_label("New password").fill("short")
    person.press("Set the password")
    expect(page.get_by_role("alert")).to_contain_text("at least 8 characters")
    page.get_by_label("New password").fill(NEW_PASSWORD)
    person.press("Set the password")
    expect(page.get_by_text("Your new password is set. Sign in with it.")).to_be_visible()
    person.sign_in(name)
    expect(page.get_by_role("alert")).to_be_visible()
    person.sign_in(name, NEW_PASSWORD)
    page.wait_for_url("**/account")


def test_an_account_from_its_making_to_its_end(town: Town, person: Person) -> None:
    name = f"person-{secrets.token_hex(4)}"
    address = f"{name}@example.com"
    page = person.page
    town.go(page, "/signup")
    person.sign_up(name)
    page.get_by_label("E-mail address").fill(address)
    person.press("Mail me a code")
    person.enter(town.sink.code(address), "Bind this address")
    expect(page.locator("#email .notice")).to_have_text("The address now belongs to your account.")
    page.goto(town.link(address, "not-me"))
    person.press("Take my address off")
    expect(page.locator("h1.done")).to_have_text("Your address was taken off")
    page.goto(f"{town.server.url}/account")
    expect(page.get_by_label("E-mail address")).to_be_visible()
    person.press("Delete the account …")
    page.locator("#delete").get_by_label("Password").fill(PASSWORD)
    person.press("Delete for good")
    expect(page.get_by_text("Your account was deleted.").first).to_be_visible()
    person.sign_in(name)
    expect(page.get_by_role("alert")).to_contain_text("is wrong")


def test_an_account_with_an_address_that_a_link_confirms(town: Town, person: Person) -> None:
    address = f"a{secrets.token_hex(4)}@example.com"
    page = person.page
    town.go(page, "/signup")
    person.sign_up(address)
    person.press("Mail me a link to confirm it")
    expect(page.locator("#email .notice")).to_contain_text("We mailed you the link.")
    page.goto(town.link(address, "verify"))
    person.press("Confirm this address")
    expect(page.locator("h1.done")).to_have_text("Your address is confirmed")
    page.goto(f"{town.server.url}/account")
    expect(page.locator("#email .value")).to_have_text(address)
    expect(page.get_by_text("This address is not confirmed yet.")).to_have_count(0)


def test_other_devices_the_password_the_language_and_the_end(town: Town, person: Person) -> None:
    name, address = town.newcomer()
    page = person.page
    with town.browser.new_context(locale="en-US") as elsewhere:
        device = Person(elsewhere.new_page(), scripts=True)
        for each in (device, person):
            town.go(each.page, "/account")
            each.sign_in(name)
            each.page.wait_for_url("**/account")
        person.press("End all others")
        expect(page.locator("#sessions .notice")).to_contain_text("signed out")
        expect(page.locator("#sessions li")).to_have_count(1)
        device.page.reload()
        expect(device.page.get_by_text("Your session has ended.")).to_be_visible()
    page.get_by_text("Change your password").click()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    person.press("Set the password")
    expect(page.locator("#password .notice")).to_contain_text("Your password was changed.")
    page.get_by_label("Language of pages and mails").select_option("ja-JP")
    person.press("Save")
    expect(page.locator("html")).to_have_attribute("lang", "ja-JP")
    page.locator("#delete button").click()
    page.locator("#delete .code").fill(town.sink.code(address))
    assert "アカウント" in town.sink.mail_to(address).subject
    page.locator("#delete button.danger").click()
    expect(page.get_by_text("アカウントを削除しました").first).to_be_visible()


def test_another_address_and_an_undo_of_it(town: Town, person: Person) -> None:
    name, old = town.newcomer()
    new = f"new-{old}"
    page = person.page
    town.go(page, "/account")
    person.sign_in(name)
    person.press("Change")
    person.enter(town.sink.code(old), "Next")
    page.get_by_label("New e-mail address").fill(old)
    person.press("Mail me a code")
    expect(page.locator("#email").get_by_role("alert")).to_be_visible()
    page.get_by_label("New e-mail address").fill(new)
    person.press("Mail me a code")
    person.enter(town.sink.code(new), "Change the address")
    expect(page.get_by_text("Your address was changed.").first).to_be_visible()
    expect(page.locator("#email .value")).to_have_text(new)
    page.goto(town.link(old, "undo"))
    assert ("token=" in page.url) is not person.scripts
    person.press("Undo the change")
    expect(page.locator("h1.done")).to_have_text("The change was undone")
    page.goto(f"{town.server.url}/account")
    expect(page.get_by_label("User name or e-mail")).to_be_visible()


def test_a_session_that_ends_amid_a_change(town: Town, person: Person) -> None:
    name, old = town.newcomer()
    page = person.page
    town.go(page, "/account")
    person.sign_in(name)
    person.press("Change")
    expect(page.get_by_label("Code from the mail")).to_be_visible()
    page.context.clear_cookies()
    person.enter(town.sink.code(old), "Next")
    expect(page.get_by_label("User name or e-mail")).to_be_visible()
    town.go(page, "/account")
    person.sign_in(name)
    expect(page.locator("#email .value")).to_have_text(old)


def test_two_tabs_ask_for_two_mails_and_say_which_is_whose(town: Town, person: Person) -> None:
    _, address = town.newcomer()
    _, other = town.newcomer()
    tabs = {address: person.page, other: person.page.context.new_page()}
    for mailbox, page in tabs.items():
        town.go(page, "/login")
        page.get_by_label("User name or e-mail").fill(mailbox)
        Person(page, person.scripts).press("Mail me a code")
        tag = page.locator(".tag").inner_text()
        assert f"letters {tag}." in town.sink.mail_to(mailbox).text
    person.enter(town.sink.code(address), "Sign in")
    expect(person.page.get_by_role("alert")).to_contain_text(WRONG)
    Person(tabs[other], person.scripts).enter(town.sink.code(other), "Sign in")
    tabs[other].wait_for_url("**/account")
    tabs[other].go_back()  # to a code that has been used; the sign-in stays
    tabs[other].goto(f"{town.server.url}/account")
    expect(tabs[other].locator("#email .value")).to_have_text(other)


def test_a_throttled_network(town: Town, person: Person) -> None:
    name, address = town.newcomer()
    page = person.page
    throttle(page)
    town.go(page, "/account")
    person.sign_in(name)
    person.press("Remove")
    page.get_by_label("Code from the mail").fill(town.sink.code(address))
    person.press("Remove this address")
    expect(page.get_by_text("The address was removed.").first).to_be_visible()


def throttle(page: Page) -> None:
    """A phone far from the next mast: 400 ms there and back, 50 KB a second."""
    rate = {"latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False} | rate)


def test_a_connection_that_breaks_before_the_answer_comes(town: Town) -> None:
    name, address = town.newcomer()
    with town.browser.new_context(locale="en-US") as context:
        person = Person(context.new_page(), scripts=True)
        page = person.page
        town.go(page, "/account")
        person.sign_in(name)
        person.press("Remove")
        page.get_by_label("Code from the mail").fill(town.sink.code(address))
        page.route("**/account/email/unbind/code", answer_is_lost)
        person.press("Remove this address")
        expect(page.locator("#status")).to_contain_text("There is no connection")
        page.unroute("**/account/email/unbind/code")
        person.press("Remove this address")
        expect(page.locator("#email .notice")).to_contain_text("The address was removed.")


def answer_is_lost(route: Route) -> None:
    """The server does what is asked, and nobody hears of it."""
    asked = route.request
    httpx.request(asked.method, asked.url, headers=asked.all_headers(), content=asked.post_data)
    route.abort()
