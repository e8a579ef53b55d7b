"""A flood of one client is turned away before its bodies are read; others get through."""

from __future__ import annotations

import pytest

from gatepost.api.flood_guard import FloodGuard
from gatepost.vocabulary.refusals import Overloaded, TooManyAtOnce


def test_one_client_has_only_so_many_requests_under_way() -> None:
    guard = FloodGuard(most_of_one_client=2)
    with guard.entered("192.0.2.1"), guard.entered("192.0.2.1"):
        with pytest.raises(TooManyAtOnce), guard.entered("192.0.2.1"):
            pass
        with guard.entered("192.0.2.2"):
            pass
    with guard.entered("192.0.2.1"):
        pass


def test_a_backend_that_speaks_for_many_is_only_counted_with_all() -> None:
    guard = FloodGuard(most_of_one_client=1, most_of_all=3)
    with guard.entered(None), guard.entered(None), guard.entered("192.0.2.1"):
        full = guard.entered(None)
        with pytest.raises(Overloaded):
            full.__enter__()
    with guard.entered(None):
        pass


def test_places_are_given_back_after_an_error() -> None:
    guard = FloodGuard(most_of_one_client=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), guard.entered("192.0.2.1"):
            _ = 1 // 0
