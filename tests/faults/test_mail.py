"""A mail server that is away, slow, forgetful or refuses: every mail that is due arrives."""

from __future__ import annotations

PEOPLE = 96
