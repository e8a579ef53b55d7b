"""The guards of changes: who may make them, when, and what ends with them."""

from __future__ import annotations

from tests.mutants.guard import Guard
from tests.mutants.places import (
    BIND,
    CHANGE,
    CHANGING,
    CLOSING,
    DELETE,
    ENTERING,
    IDENTITY,
    INNER,
    LINKS,
    OF_PASSWORDS,
    ON,
    PASSWORD,
    REQUEST,
    RESET,
    UNBIND,
    UPDATE,
    USER,
    USERS,
)

CHANGES = [
    *(
        Guard(
            f"a recent sign-in is asked for at {step}",
            CHANGING,
            "    if within and now",
            "    if False and now",
            (test,),
        )
        for step, test in (
            ("bind", f"{BIND}test_a_pool_may_ask_for_a_fresh_sign_in{ON}"),
            ("unbind", f"{UNBIND}test_a_pool_may_ask_for_a_fresh_sign_in{ON}"),
            ("change", f"{REQUEST}TestPolicies::test_a_pool_may_ask_for_a_fresh_sign_in{ON}"),
            ("delete", f"{DELETE}test_not_while_changes_rest_nor_long_after_the_sign_in{ON}"),
        )
    ),
    *(
        Guard(
            f"changes rest after an undo at {step}",
            CHANGING,
            "    if call.user.paused_at(now):\n        raise ChangesPaused\n",
            "",
            (test,),
        )
        for step, test in (
            ("bind", f"{BIND}test_changes_rest_after_an_undo{ON}"),
            ("unbind", f"{UNBIND}test_changes_rest_after_an_undo{ON}"),
            ("change", f"{REQUEST}TestPolicies::test_changes_rest_after_an_undo{ON}"),
            ("delete", f"{DELETE}test_not_while_changes_rest_nor_long_after_the_sign_in{ON}"),
        )
    ),
    Guard(
        "a reset rests after an undo",
        OF_PASSWORDS,
        "    if user.paused_at(tx.now):\n        raise ChangesPaused\n",
        "",
        (f"{LINKS}TestThePauseAfterAnUndo::test_refuses_a_reset_by_either_address{ON}",),
    ),
    Guard(
        "the last way in stays",
        IDENTITY,
        "    if not user.ways_in_without_email:\n        raise LastSignInMethod\n",
        "",
        (f"{UNBIND}test_the_last_way_in_stays{ON}",),
    ),
    Guard(
        "the last way in is asked of the account while it is held",
        CHANGING,
        "sessions.hold_on(tx, call.session)",
        "sessions.hold_on(call.context.database.reader(), call.session)",
        (f"{INNER}test_ways_in_are_counted_while_the_account_is_held{ON}",),
    ),
    Guard(
        "a user name alone is no way in",
        USER,
        "self.username is not None and self.password_hash is not None",
        "self.username is not None",
        (f"{UNBIND}test_the_last_way_in_stays{ON}",),
    ),
    *(
        Guard(
            f"probation keeps an address from {step}",
            file,
            old,
            new,
            (
                f"{BIND}TestProbation::test_an_address_bound_long_after_the_sign_in_opens_nothing{ON}",
            ),
        )
        for step, file, old, new in (
            ("a reset", OF_PASSWORDS, " or user.on_probation_at(tx.now):", ":"),
            ("signing in", ENTERING, " or user.on_probation_at(tx.now):", ":"),
            (
                "deleting",
                CLOSING,
                "        if user.on_probation_at(tx.now):\n",
                "        if False:\n",
            ),
        )
    ),
    Guard(
        "a bind in an old session is on probation",
        IDENTITY,
        "tx.now + PROBATION if stale else 0",
        "0",
        (f"{BIND}TestProbation::test_it_lasts_to_the_last_millisecond{ON}",),
    ),
    Guard(
        "a bind in a fresh session is not on probation",
        IDENTITY,
        "tx.now + PROBATION if stale else 0",
        "tx.now + PROBATION",
        (f"{BIND}TestProbation::test_there_is_none_within_a_quarter_of_an_hour{ON}",),
    ),
    Guard(
        "a change of address ends no probation",
        USERS,
        "COALESCE(CAST(:probation_until AS bigint), email_probation_until)",
        "COALESCE(CAST(:probation_until AS bigint), 0)",
        (f"{BIND}TestProbation::test_a_change_of_the_address_does_not_end_it{ON}",),
    ),
    Guard(
        "other sessions end at a change",
        CHANGE,
        "    await sessions.end_others(tx, user.id, call.session.session_id)\n",
        "",
        (f"{UPDATE}test_other_sessions_end_with_their_refresh_tokens_and_her_own_stays{ON}",),
    ),
    Guard(
        "the session of the change goes on",
        CHANGE,
        "    await sessions.end_others(tx, user.id, call.session.session_id)\n",
        "    await sessions.end_all(tx, user.id)\n",
        (f"{UPDATE}test_other_sessions_end_with_their_refresh_tokens_and_her_own_stays{ON}",),
    ),
    Guard(
        "codes of the old address die",
        CHANGING,
        "        await verification_codes.void_of_address("
        "tx, user.user_pool_id, user.email, user.id)\n",
        "        pass\n",
        (f"{UPDATE}test_codes_of_the_old_address_die_and_it_is_free{ON}",),
    ),
    Guard(
        "sessions end at a reset",
        OF_PASSWORDS,
        "        await sessions.end_all(tx, user.id)\n",
        "",
        (f"{RESET}test_ann_forgot_hers_and_sets_a_new_one{ON}",),
    ),
    Guard(
        "other sessions end at a change of password",
        OF_PASSWORDS,
        "        await sessions.end_others(tx, user.id, call.session.session_id)\n",
        "",
        (f"{PASSWORD}test_ann_changes_it_and_everybody_else_is_signed_out{ON}",),
    ),
]
