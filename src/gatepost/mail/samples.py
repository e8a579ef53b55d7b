"""Values to look at a mail with, before anybody gets one."""

from __future__ import annotations

from gatepost.mail.rendering import variables_of
from gatepost.mail.wording import duration, moment
from gatepost.vocabulary.language import Language

_LINK = "https://id.example.com/link?token=k3v0Zt8qW1nE5yR7uJ2mXs4aPcLdGfHb"
_FIVE_MINUTES, _THREE_DAYS = 300, 72 * 3600
_SAMPLES = {
    "app_name": "Example Shop",
    "datetime": moment(1_777_900_800_000),
    "login_url": "https://shop.example.com/",
    "new_email_masked": "a•••@example.net",
    "user_email": "ann@example.com",
    "verify_code": "482913",
    "window_tag": "KM",
}


def sample_variables(template: str, language: Language) -> dict[str, str]:
    """A value for each variable of a mail, those of its optional blocks included.

    Raises LookupError for an unknown template.
    """
    names = variables_of(template, language, None)
    life = _FIVE_MINUTES if "verify_code" in names else _THREE_DAYS
    samples = _SAMPLES | {"expires_in": duration(life, language)}
    return {name: _LINK if name.endswith("_link") else samples[name] for name in names}
