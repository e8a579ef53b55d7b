"""The table of pages."""

from __future__ import annotations

from gatepost.api.endpoint import Function
from gatepost.api.routes import ENDPOINTS
from gatepost.api.routing import Route
from gatepost.web.account import back_to_account, show_account
from gatepost.web.account_deletion import begin_deletion, delete_own_account
from gatepost.web.account_email import (
    begin_change,
    begin_unbind,
    bind_by_code,
    cancel,
    change_by_code,
    mail_again,
    mail_bind_code,
    mail_new_code,
    mail_verify_link,
    prove_old_address,
    unbind_by_code,
)
from gatepost.web.account_security import (
    change_password,
    choose_language,
    end_others,
    end_session,
    log_out,
    set_username,
)
from gatepost.web.assets import ASSET_ROUTES
from gatepost.web.authorize import AUTHORIZE_ROUTES
from gatepost.web.consent import CONSENT_ROUTES
from gatepost.web.dev_mailbox import list_mails, list_mails_json, mail_html
from gatepost.web.docs import documented
from gatepost.web.forgotten import (
    mail_forgot_code,
    prove_mailbox_by_code,
    set_forgotten_password,
    show_forgot,
    show_forgot_code,
    show_forgot_password,
)
from gatepost.web.links import LINK_ROUTES
from gatepost.web.login import log_in, show_login
from gatepost.web.login_code import (
    log_in_by_code,
    mail_login_code,
    mail_signup_code,
    show_login_code,
)
from gatepost.web.refused import as_pages
from gatepost.web.session_end import SESSION_END_ROUTES
from gatepost.web.signup import make_account, show_signup

DOOR_ROUTES = [
    Route("GET", "/login", show_login),
    Route("POST", "/login", log_in, event="login"),
    Route("GET", "/login/mail", show_login),
    Route("POST", "/login/mail", mail_login_code, event="sendEmail"),
    Route("GET", "/login/code", show_login_code),
    Route("POST", "/login/code", log_in_by_code, event="login"),
    Route("GET", "/signup", show_signup),
    Route("POST", "/signup", make_account, event="register"),
    Route("GET", "/signup/mail", show_signup),
    Route("POST", "/signup/mail", mail_signup_code, event="sendEmail"),
    Route("GET", "/forgot", show_forgot),
    Route("POST", "/forgot", mail_forgot_code, event="sendEmail"),
    Route("GET", "/forgot/code", show_forgot_code),
    Route("POST", "/forgot/code", prove_mailbox_by_code, event="verifyResetPasswordRequest"),
    Route("GET", "/forgot/password", show_forgot_password),
    Route("POST", "/forgot/password", set_forgotten_password, event="updateUserPassword"),
]

ACCOUNT_FORMS: dict[str, tuple[Function, str]] = {
    "/account/email/bind": (mail_bind_code, "sendEmail"),
    "/account/email/bind/code": (bind_by_code, "bindEmail"),
    "/account/email/change": (begin_change, "sendEmail"),
    "/account/email/change/old": (prove_old_address, "preCheckCode"),
    "/account/email/change/new": (mail_new_code, "sendEmail"),
    "/account/email/change/code": (change_by_code, "updateUserEmail"),
    "/account/email/unbind": (begin_unbind, "sendEmail"),
    "/account/email/unbind/code": (unbind_by_code, "unbindEmail"),
    "/account/email/verify": (mail_verify_link, "sendEmail"),
    "/account/email/again": (mail_again, "sendEmail"),
    "/account/email/cancel": (cancel, ""),
    "/account/password": (change_password, "updateUserPassword"),
    "/account/username": (set_username, "updateUserPrefile"),
    "/account/sessions/end": (end_session, "logout"),
    "/account/sessions/end-others": (end_others, "logout"),
    "/account/language": (choose_language, "updateUserPrefile"),
    "/account/delete": (begin_deletion, "sendEmail"),
    "/account/delete/again": (mail_again, "sendEmail"),
    "/account/delete/cancel": (cancel, ""),
    "/account/delete/confirm": (delete_own_account, "deleteAccount"),
    "/logout": (log_out, "logout"),
}
"""What the forms of the account page do, and its name in the audit log."""

ACCOUNT_ROUTES = [
    Route("GET", "/", back_to_account),
    Route("GET", "/account", show_account),
    Route("GET", "/u", show_account),
    *(Route("POST", path, act, event=event) for path, (act, event) in ACCOUNT_FORMS.items()),
    *(Route("GET", path, back_to_account) for path in ACCOUNT_FORMS),
]

WEB_ROUTES = [
    *ASSET_ROUTES,
    Route("GET", "/dev/mailbox.json", list_mails_json),
    Route("GET", "/dev/mailbox/html", mail_html),
    *as_pages(
        [
            Route("GET", "/docs", documented(ENDPOINTS)),
            Route("GET", "/dev/mailbox", list_mails),
            *LINK_ROUTES,
            *DOOR_ROUTES,
            *ACCOUNT_ROUTES,
            *AUTHORIZE_ROUTES,
            *CONSENT_ROUTES,
            *SESSION_END_ROUTES,
        ]
    ),
]
