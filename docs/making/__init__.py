"""The pages of the documentation that are made from the code, and how MkDocs gets them."""

from __future__ import annotations

from collections.abc import Callable

from docs.making.commands_page import commands_page
from docs.making.endpoints_page import endpoints_page, refusals_page
from docs.making.python_pages import client_page, testing_page
from docs.making.settings_pages import pool_page, server_page

PAGES: dict[str, Callable[[], str]] = {
    "reference/settings.md": server_page,
    "reference/pools-and-apps.md": pool_page,
    "reference/commands.md": commands_page,
    "reference/endpoints.md": endpoints_page,
    "reference/refusals.md": refusals_page,
    "reference/python-client.md": client_page,
    "reference/testing.md": testing_page,
}
"""By its place among the pages, what makes each."""
