"""Which language a page speaks."""

from __future__ import annotations

from gatepost.api.caller import language_of
from gatepost.api.http import Request
from gatepost.settings import Settings
from gatepost.vocabulary.language import Language, language_of_tag
from gatepost.web import cookies
from gatepost.web.cookies import YEAR, Cookie


def wished(settings: Settings, request: Request, *tags: str | None) -> Language | None:
    """The language that is asked for: by the first tag that is one, the switch, the browser."""
    for tag in (*tags, cookies.read(settings, request, Cookie.LANGUAGE)):
        if tag and (language := language_of_tag(tag)):
            return language
    return language_of(request)


def keep(settings: Settings, language: Language) -> tuple[str, str]:
    """The header that has a browser keep a language that was chosen in it."""
    return cookies.keep(settings, Cookie.LANGUAGE, language, YEAR)
