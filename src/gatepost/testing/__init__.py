"""Gatepost inside other people's tests: a real server, its mailbox, and a clock to move.

With pytest, take the fixture `gatepost`. Elsewhere, start an `Emulator` and ask it for a pool.
What is imported here needs nothing but the standard library.
"""

from gatepost.testing.emulator import Emulator, EmulatorRefused
from gatepost.testing.pool import Account, Gatepost
from gatepost.testing.remote import Clock, Mail, Mailbox

__all__ = ["Account", "Clock", "Emulator", "EmulatorRefused", "Gatepost", "Mail", "Mailbox"]
