"""The guards of refresh tokens."""

from __future__ import annotations

from tests.mutants.guard import Guard
from tests.mutants.places import (
    ON,
    REFRESH,
    TOKEN,
    TOKENS,
)

REFRESHING = [
    Guard(
        "a refresh token rotates",
        REFRESH,
        "        digest_of(successor),\n",
        "        digest_of(token + successor),\n",
        (f"{TOKEN}test_a_lost_answer_can_be_had_again_for_half_a_minute{ON}",),
    ),
    Guard(
        "a lost answer can be had again",
        REFRESH,
        "    elif tx.now - stored.used_at <= GRACE and",
        "    elif False and",
        (f"{TOKEN}test_a_lost_answer_can_be_had_again_for_half_a_minute{ON}",),
    ),
    Guard(
        "the grace is 30 seconds",
        REFRESH,
        "GRACE = 30_000",
        "GRACE = 31_000",
        (f"{TOKEN}test_a_used_token_that_is_shown_later_ends_the_session{ON}",),
    ),
    Guard(
        "a token that is used again ends its session",
        TOKENS,
        "            await _end(tx, call, rotated.session_id)\n",
        "            pass\n",
        (f"{TOKEN}test_a_used_token_that_is_shown_later_ends_the_session{ON}",),
    ),
    Guard(
        "a session that was stolen stays ended though the call is refused",
        TOKENS,
        "            tx.keep()  # it stays ended though the call is refused\n",
        "            pass\n",
        (f"{TOKEN}test_a_used_token_that_is_shown_later_ends_the_session{ON}",),
    ),
    Guard(
        "a refresh token is for its app",
        REFRESH,
        "stored.app_id != app_id or ",
        "",
        (f"{TOKEN}test_a_token_is_good_for_its_own_app_only{ON}",),
    ),
    Guard(
        "a refresh token has its time",
        REFRESH,
        " or stored.expires_at <= tx.now:",
        ":",
        (f"{TOKEN}test_lifetimes_are_the_apps{ON}",),
    ),
]
