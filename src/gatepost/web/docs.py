"""`/docs`: the description of the API as a page to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from gatepost.api.endpoint import Function
from gatepost.api.http import Reply
from gatepost.api.openapi import description
from gatepost.api.routing import Route
from gatepost.context import Context
from gatepost.vocabulary.language import Language
from gatepost.web.look import Look
from gatepost.web.pages import page
from gatepost.web.reference import Reference

_CODE = re.compile(r"`([^`]+)`")


def documented(routes: Sequence[Route]) -> Function:
    """The endpoint that answers with the page on routes."""

    @cache
    def rendered(origin: str) -> Reply:
        return reference_page(Reference(description(routes, origin)))

    async def docs(context: Context) -> Reply:
        """The description of the API, to read."""
        return rendered(context.settings.origin)

    return docs


def reference_page(reference: Reference) -> Reply:
    """The page on what a description says."""
    groups, refusals = reference.groups(), reference.refusals()
    values: dict[str, Any] = {"reference": reference, "groups": groups, "refusals": refusals}
    return page("docs.html", Look(Language.EN_US), **values, prose=prose)


def prose(text: str) -> Markup:
    """A sentence as HTML: what stands between backticks is code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704
