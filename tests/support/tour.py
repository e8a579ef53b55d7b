"""A walk through every screen of the pages, in a real browser."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page

from tests.support.site import BACK, Site
from tests.support.world import PASSWORD

WRONG = "000000"
SCOPE = "openid profile email phone username address offline_access roles"
_FIRST = "button:not([formaction]):not([type=button])"


class Walk:
    """Somebody's browser on the pages of an app, whatever the language."""

    def __init__(self, site: Site, page: Page, app: str = "plain") -> None:
        self.site = site
        self.page = page
        self.app_id = site.apps[app]

    def go(self, path: str, **query: str) -> None:
        """Open a page."""
        asked = {"app_id": self.app_id} | query
        self.page.goto(f"{self.site.url}{path}?{urlencode(asked)}")

    def send(self, action: str, then: str, button: str = _FIRST, **typed: str) -> None:
        """Fill in the form of an action, press a button, and wait for what comes of it.

        A form that sends itself with the last digit of a code is left to it.
        """
        form = self.page.locator(f'form[action="{action}"], form[action^="{action}?"]').first
        by_itself = form.locator("[data-sends]").count() > 0
        for name, value in typed.items():
            form.locator(f"[name={name}]").fill(value)
        if not ("code" in typed and by_itself):
            form.locator(button).first.click()
        self.page.locator(then).first.wait_for()

    def sign_up(self) -> str:
        """As somebody new; answers with their name."""
        name = f"person-{secrets.token_hex(4)}"
        self.go("/signup")
        self.send("/signup", "#email", account=name, newPassword=PASSWORD)
        return name

    def sign_in(self, name: str, then: str) -> None:
        """By password."""
        self.go("/login")
        self.send("/login", then, account=name, password=PASSWORD)

    def bind(self, address: str) -> None:
        """Give the account an address."""
        self.send("/account/email/bind", "#email [name=code]", email=address)
        self.send("/account/email/bind/code", "#email .notice", code=self.site.code(address))

    def sign_in_elsewhere(self, name: str) -> None:
        """By password, on a device that has never been here."""
        browser = self.page.context.browser
        assert browser is not None
        with browser.new_context() as device:
            other = Walk(self.site, device.new_page())
            other.app_id = self.app_id
            other.sign_in(name, "#email")


def new_address() -> str:
    """A mailbox nobody has had yet."""
    return f"a{secrets.token_hex(4)}@example.com"


def doors(walk: Walk) -> Iterator[str]:
    """Before a sign-in."""
    walk.go("/login")
    yield "login"
    walk.send("/login", "[aria-invalid]", account="nobody", password="wrong horse")
    yield "login-refused"
    walk.send("/login", ".code", "[formaction]", account=new_address())
    yield "login-code"
    walk.send("/login/code", "[aria-invalid]", code=WRONG)
    yield "login-code-refused"
    walk.go("/signup")
    yield "signup"
    walk.send("/signup", "[aria-invalid]", account="somebody", newPassword="short")
    yield "signup-refused"
    address = new_address()
    walk.send("/signup", ".code", "[formaction]", account=address)
    yield "signup-code"
    walk.send("/login/code", "#email", code=walk.site.code(address))
    yield "account-without-name"
    walk.send("/account/email/unbind", "#email .problem")
    yield "account-unbind-refused"
    walk.send("/logout", ".notice")
    yield "login-signed-out"
    yield from _forgotten(walk, address)


def _forgotten(walk: Walk, address: str) -> Iterator[str]:
    walk.go("/forgot")
    yield "forgot"
    walk.send("/forgot", ".code", email=address)
    yield "forgot-code"
    walk.send("/forgot/code", "[aria-invalid]", code=WRONG)
    yield "forgot-code-refused"
    walk.send("/forgot/code", "[name=newPassword]", code=walk.site.code(address, 2))
    yield "forgot-password"
    walk.send("/forgot/password", "[aria-invalid]", newPassword="short")
    yield "forgot-password-refused"


def account(walk: Walk) -> Iterator[str]:
    """One's own account, from no address to another one."""
    name = walk.sign_up()
    yield "account-new"
    walk.send("/account/email/bind", "#email .problem", email="a@b")
    yield "account-bind-refused"
    walk.send("/account/delete", "#delete [name=password]")
    yield "account-delete-password"
    walk.send("/account/delete/cancel", 'form[action="/account/delete"]')
    address, other = new_address(), new_address()
    walk.send("/account/email/bind", "#email .code", email=address)
    yield "account-bind-code"
    walk.send("/account/email/bind/code", "#email [aria-invalid]", code=WRONG)
    yield "account-bind-code-refused"
    walk.send("/account/email/bind/code", "#email .notice", code=walk.site.code(address))
    walk.sign_in_elsewhere(name)
    walk.go("/account")
    yield "account-bound"
    yield from _change(walk, address, other)
    walk.sign_up()
    yield from _not_me(walk)
    walk.page.click("#password summary")
    wrong = {"oldPassword": "wrong horse", "newPassword": PASSWORD}
    walk.send("/account/password", "#password .problem", **wrong)
    yield "account-password-refused"
    walk.send("/account/delete", "#delete .code")
    yield "account-delete-code"
    yield from _apps(walk)


def _change(walk: Walk, address: str, other: str) -> Iterator[str]:
    walk.send("/account/email/unbind", "#email .danger")
    yield "account-unbind"
    walk.send("/account/email/cancel", 'form[action="/account/email/change"]')
    walk.send("/account/email/change", 'form[action="/account/email/change/old"]')
    yield "account-change-old"
    code = walk.site.code(address, 3)
    walk.send("/account/email/change/old", "#email [name=email]", code=code)
    yield "account-change-new"
    walk.send("/account/email/change/new", "#email .code", email=other)
    yield "account-change-code"
    walk.send("/account/email/change/code", "#email .notice", code=walk.site.code(other))
    yield "account-changed"
    yield from _pressed(walk, walk.site.link(address, "undo"), "undo")
    walk.page.goto(walk.site.link(address, "undo"))
    yield "link-dead"


def _not_me(walk: Walk) -> Iterator[str]:
    address = new_address()
    walk.bind(address)
    yield from _pressed(walk, walk.site.link(address, "not-me"), "not-me")
    walk.go("/account")
    walk.bind(new_address())


def _apps(walk: Walk) -> Iterator[str]:
    """What an app may lead to."""
    asked = {"client_id": walk.app_id, "redirect_uri": BACK, "response_type": "code"}
    asked |= {"scope": SCOPE, "code_challenge": "c" * 43, "code_challenge_method": "S256"}
    walk.go("/oidc/auth", **asked)
    yield "consent"
    walk.go("/oidc/auth", **asked | {"redirect_uri": f"{BACK}/elsewhere"})
    yield "authorize-refused"
    walk.go("/oidc/session/end")
    yield "logout"
    walk.send("/oidc/session/confirm", "h1.done")
    yield "signed-out"


def mailed(walk: Walk) -> Iterator[str]:
    """What mails lead to, and the mailbox they lie in."""
    address, usual = new_address(), walk.app_id
    walk.app_id = walk.site.apps["strict"]
    walk.go("/signup")
    walk.send("/signup", "p.next", account=address, newPassword=PASSWORD)
    yield "signup-confirm"
    verify = walk.site.link(address, "verify")
    walk.page.goto(verify)
    walk.send("/link/verify", "[aria-invalid]", password="wrong horse")
    yield "link-verify-refused"
    yield from _pressed(walk, verify, "verify", password=PASSWORD)
    walk.app_id = usual
    walk.go("/forgot")
    walk.send("/forgot", ".code", email=address)
    yield from _pressed(walk, walk.site.link(address, "not-asked"), "not-asked")
    yield from _pressed(walk, walk.site.link(address, "allow-again"), "allow-again")
    yield from _recent_bind(walk)
    walk.go("/dev/mailbox", to=address)
    yield "mailbox"
    walk.go("/dev/mailbox", to="nobody@example.com")
    yield "mailbox-empty"
    walk.go("/login", app_id="0" * 24)
    yield "refused"


def _recent_bind(walk: Walk) -> Iterator[str]:
    name = walk.sign_up()
    walk.site.age_sessions(name)
    walk.go("/account")
    walk.bind(new_address())
    walk.send("/logout", ".notice")
    walk.sign_in(name, 'a[href*="undo-bind"]')
    yield "login-recent-bind"
    undo = walk.page.get_attribute('a[href*="undo-bind"]', "href")
    yield from _pressed(walk, str(undo), "undo-bind")


def _pressed(walk: Walk, link: str, purpose: str, **typed: str) -> Iterator[str]:
    walk.page.goto(link)
    yield f"link-{purpose}"
    walk.send(f"/link/{purpose}", "h1.done, h1[class]", **typed)
    yield f"link-{purpose}-done"


def everything(walk: Walk) -> Iterator[str]:
    """Every screen that speaks the person's language, by name."""
    for part in (doors, account, mailed):
        walk.page.context.clear_cookies()
        yield from part(walk)
