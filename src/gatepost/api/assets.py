"""The few files that the API itself refers to."""

from __future__ import annotations

from gatepost.api.http import Reply

_PERSON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
    b'<rect width="64" height="64" rx="32" fill="#8a94a6"/>'
    b'<circle cx="32" cy="25" r="11" fill="#fff"/>'
    b'<path d="M11 56a21 18 0 0 1 42 0z" fill="#fff"/></svg>'
)


async def person() -> Reply:
    """The picture of people who have none."""
    return Reply(_PERSON, content_type="image/svg+xml")
