"""A pool for each page, on one server."""

from gatepost.testing.plugin import gatepost, gatepost_emulator

__all__ = ["gatepost", "gatepost_emulator"]
