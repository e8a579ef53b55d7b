"""The table of pages."""

from __future__ import annotations

from gatepost.api.routes import ENDPOINTS
from gatepost.api.routing import Route
from gatepost.web.dev_mailbox import list_mails, list_mails_json, mail_html
from gatepost.web.docs import docs_style, documented
from gatepost.web.links import LINK_ROUTES
from gatepost.web.pages import stylesheet

WEB_ROUTES = [
    Route("GET", "/assets/style.css", stylesheet),
    Route("GET", "/docs", documented(ENDPOINTS)),
    Route("GET", "/docs/style.css", docs_style),
    Route("GET", "/dev/mailbox", list_mails),
    Route("GET", "/dev/mailbox.json", list_mails_json),
    Route("GET", "/dev/mailbox/html", mail_html),
    *LINK_ROUTES,
]
