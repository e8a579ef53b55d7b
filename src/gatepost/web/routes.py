"""The table of pages."""

from __future__ import annotations

from gatepost.api.routes import ENDPOINTS
from gatepost.api.routing import Route
from gatepost.web.assets import ASSET_ROUTES
from gatepost.web.dev_mailbox import list_mails, list_mails_json, mail_html
from gatepost.web.docs import documented
from gatepost.web.links import LINK_ROUTES
from gatepost.web.login import log_in, show_login

WEB_ROUTES = [
    *ASSET_ROUTES,
    Route("GET", "/docs", documented(ENDPOINTS)),
    Route("GET", "/dev/mailbox", list_mails),
    Route("GET", "/dev/mailbox.json", list_mails_json),
    Route("GET", "/dev/mailbox/html", mail_html),
    *LINK_ROUTES,
    Route("GET", "/login", show_login),
    Route("POST", "/login", log_in),
]
