"""How a page looks and speaks: the language, and what the app's settings say of the app."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct

from gatepost.messages import catalogue, filled
from gatepost.vocabulary.application import Application
from gatepost.vocabulary.language import Language

LANGUAGES = {
    Language.EN_US: "English",
    Language.ZH_CN: "简体中文",
    Language.ZH_TW: "繁體中文",
    Language.JA_JP: "日本語",
}
"""The languages by their own names."""


class Look(Struct, frozen=True):
    """What surrounds what a page says."""

    language: Language
    app_name: str = ""
    logo: str = ""
    colour: str = ""
    """Six hexadecimal digits, or nothing."""

    def says(self, key: str, **values: object) -> str:
        """Words of the pages, by `section.key`."""
        section, _, name = key.partition(".")
        return filled(catalogue(self.language)[section][name], values)

    @property
    def logo_source(self) -> str:
        """Where the logo may be loaded from, as the page's policy has it (CSP 3, `img-src`)."""
        parts = urlsplit(self.logo)
        return f"https://{parts.netloc}" if parts.scheme == "https" else ""


def look_of(app: Application, language: Language) -> Look:
    """The look of the pages of an app."""
    settings = app.settings
    colour = settings.brandColor.removeprefix("#").lower()
    return Look(language, app.name, settings.appLogo, colour)
