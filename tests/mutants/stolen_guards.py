"""The guards against who holds nothing but a stolen token: what they add opens nothing for good."""

from __future__ import annotations

from tests.mutants.guard import Guard
from tests.mutants.places import (
    BOUND,
    OF_LINKS,
    OF_PASSWORDS,
    OF_PROFILES,
    ON,
    PASSWORD,
    PROFILE,
    RECENT,
)

RENAMED = f"{PROFILE}TestInAnOldSession::"

STOLEN = [
    Guard(
        "a name stays while the address is on probation",
        OF_PROFILES,
        "person.email is not None and not user.on_probation_at(tx.now)",
        "person.email is not None",
        (f"{PROFILE}test_a_name_stays_while_the_address_is_on_probation{ON}",),
    ),
    *(
        Guard(
            f"a name is not changed long after the sign-in {when}",
            OF_PROFILES,
            old,
            new,
            (f"{RENAMED}{test}{ON}",),
        )
        for when, old, new, test in (
            (
                "to hide a bind to come",
                "    if not has_address and _is_renamed",
                "    if False and _is_renamed",
                "test_the_name_cannot_be_changed_before_an_address_is_bound",
            ),
            (
                "to hide a bind on probation",
                "    if not has_address and _is_renamed",
                "    if person.email is None and _is_renamed",
                "test_nor_while_one_is_on_probation",
            ),
            (
                "but where an address signs in",
                "    if not has_address and _is_renamed",
                "    if _is_renamed",
                "test_it_can_where_an_address_signs_in_as_well",
            ),
            (
                "but the rest of a profile is",
                " and _is_renamed(user, person)",
                "",
                "test_the_rest_can_and_the_same_name_and_a_first_one",
            ),
            (
                "but soon after it",
                " and is_stale(call, tx.now):",
                ":",
                "test_it_can_within_a_quarter_of_an_hour",
            ),
        )
    ),
    Guard(
        "a bind on probation is told though the address was taken off again",
        RECENT,
        "    if not user.email_probation_until:\n",
        "    if user.email is None or not user.email_probation_until:\n",
        (f"{BOUND}test_taking_the_address_off_hides_it_from_nobody{ON}",),
    ),
    Guard(
        "a bind of a fresh session is not told",
        RECENT,
        "    if not user.email_probation_until:\n",
        "    if False:\n",
        (f"{BOUND}test_a_bind_in_a_fresh_session_is_no_news{ON}",),
    ),
    Guard(
        "a bind is told for 72 hours",
        RECENT,
        " or bind.happened_at + NOTICE_LIFE <= tx.now:",
        ":",
        (f"{BOUND}test_it_is_shown_for_72_hours{ON}",),
    ),
    Guard(
        "undoing a bind undoes those before it",
        OF_LINKS,
        "    if link.purpose != LinkPurpose.UNDO_BIND:\n        return change\n",
        "    return change\n",
        (f"{BOUND}test_of_two_binds_undoing_the_second_leaves_no_way_back_to_the_first{ON}",),
    ),
    Guard(
        "but no older ones",
        OF_LINKS,
        "    since = change.happened_at - mails.NOTICE_LIFE\n",
        "    since = 0\n",
        (f"{BOUND}test_an_undo_of_an_address_from_before_is_not_lost_with_it{ON}",),
    ),
    Guard(
        "only a bind that stands is told",
        "storage/email_changes.py",
        " AND voided_at IS NULL\"\n    \" AND event = 'bind' ORDER BY happened_at DESC",
        "\"\n    \" AND event = 'bind' ORDER BY happened_at DESC",
        (f"{BOUND}test_what_was_undone_or_disowned_is_shown_no_more{ON}",),
    ),
    Guard(
        "a first password wants a fresh sign-in",
        OF_PASSWORDS,
        "        if is_stale(call, context.clock()):\n",
        "        if False:\n",
        (f"{PASSWORD}test_a_first_password_wants_a_fresh_sign_in{ON}",),
    ),
]
