"""The guards of what is worth nothing any more after a change of an address or of its proof."""

from __future__ import annotations

from tests.mutants.guard import Guard
from tests.mutants.places import IDENTITY, OF_LINKS, ON, VERIFYING, VOIDED

VOIDING = [
    *(
        Guard(
            f"codes from before are dead after {what}",
            file,
            old,
            new,
            (f"{VOIDED}{test}{ON}",),
        )
        for what, file, old, new, test in (
            (
                "a bind",
                IDENTITY,
                "probation_until=probation_until)\n    await void_pending(tx, user)\n",
                "probation_until=probation_until)\n",
                "test_at_a_bind_those_that_the_account_asked_for",
            ),
            (
                "an undo",
                OF_LINKS,
                "    if old is not None:\n        await verification_codes",
                "    if False:\n        await verification_codes",
                "test_at_an_undo_those_for_the_address_that_comes_back",
            ),
            (
                "not me",
                OF_LINKS,
                "        await void_pending(tx, user)\n        #",
                "        #",
                "test_at_not_me_those_for_the_address_that_is_taken_off",
            ),
            (
                "a proof by link with a new password",
                VERIFYING,
                "            await void_pending(tx, user)\n",
                "",
                "test_at_a_proof_by_link_that_drops_what_was_there",
            ),
        )
    ),
]
