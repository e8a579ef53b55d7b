"""Every guard of the code engine, how to take it away, and the tests that notice.

A guard that is moved or reworded must be moved or reworded here too: `test_mutants.py` sees to
it that each `old` text stands exactly once in its file.
"""

from __future__ import annotations

from tests.mutants.guard import Guard

BIND = "tests/authentication/test_bind_email.py"
TAKEN = "test_of_two_with_a_code_for_one_address_the_second_is_told_that_it_is_taken"
CODES = "credentials/codes.py"
STORED_CODES = "storage/verification_codes.py"
BUDGETS = "storage/failure_budgets.py"
SQLITE = "storage/sqlite.py"
SCHEMA = "storage/migrations/versions/0001_foundation.py"


CODE_GUARDS = [
    Guard(
        "a look is counted before it is compared",
        CODES,
        "        if right is None:\n            tx.keep()\n",
        "        pass\n",
        ("test_a_look_is_counted_before_it_is_compared",),
    ),
    Guard(
        "a failure is kept though it is refused",
        CODES,
        "        await failure_budgets.failed(tx, purpose.budgets)\n        tx.keep()\n",
        "        await failure_budgets.failed(tx, purpose.budgets)\n",
        ("test_a_resend_resets_no_budget",),
    ),
    Guard(
        "a code has only so many tries",
        STORED_CODES,
        '" AND tries < CASE WHEN',
        '" AND 0 * tries < CASE WHEN',
        ("test_five_wrong_answers_kill_a_code",),
    ),
    Guard(
        "a code of one user has fewer tries than one that anybody may show",
        STORED_CODES,
        '" ELSE CAST(:most_tries AS bigint) END"',
        '" ELSE CAST(:tries_of_all AS bigint) END"',
        ("test_five_wrong_answers_kill_a_code",),
    ),
    Guard(
        "a prover has only so many tries",
        STORED_CODES,
        '" WHERE verification_tries.tries < :most_tries"',
        '" WHERE 0 * verification_tries.tries < :most_tries"',
        ("test_each_prover_has_five_tries_of_their_own",),
    ),
    Guard(
        "tries are counted per prover",
        CODES,
        "    if await verification_codes.count_prover(tx, code, prover, own_tries):\n",
        "    if True:\n",
        ("test_each_prover_has_five_tries_of_their_own",),
    ),
    Guard(
        "who has no tries left takes none of others",
        CODES,
        "    await verification_codes.give_back(tx, code, None)\n    return False\n",
        "    return False\n",
        ("test_a_used_up_prover_beside_an_own_code_takes_nothing_from_others",),
    ),
    Guard(
        "a right look gives its try back",
        CODES,
        "        await verification_codes.give_back(tx, code, prover)\n",
        "        pass\n",
        ("test_a_right_look_takes_no_try_of_any_kind",),
    ),
    Guard(
        "a right look gives the prover's try back",
        CODES,
        "        await verification_codes.give_back(tx, code, prover)\n",
        "        await verification_codes.give_back(tx, code, None)\n",
        ("test_a_right_look_takes_no_try_of_any_kind",),
    ),
    Guard(
        "a right look is no failure",
        CODES,
        "    await failure_budgets.give_back(tx, proof.purpose.budgets)\n",
        "",
        ("test_a_right_look_takes_no_try_of_any_kind",),
    ),
    Guard(
        "a right look that is refused later stays uncounted",
        CODES,
        "        if right is None:\n            tx.keep()\n",
        "        tx.keep()\n",
        ("test_an_address_has_one_owner_and_a_refusal_leaves_the_code_unspent",),
    ),
    Guard(
        "a late right look gives back what it counted",
        CODES,
        "        await give_back(tx, proof)\n        raise CodeExpired\n",
        "        raise CodeExpired\n",
        ("test_a_late_look_is_uncounted_even_where_its_refusal_is_caught",),
    ),
    Guard(
        "a wrong look takes back those before it",
        CODES,
        "        for proof in proofs:\n"
        "            await _give_back_tries(tx, proof, proof.looked_at)\n",
        "",
        ("test_of_two_answers_only_the_wrong_one_is_counted",),
    ),
    Guard(
        "of two right codes none draws on the budget",
        CODES,
        "                await failure_budgets.give_back(tx, proofs[-1].purpose.budgets)\n",
        "                pass\n",
        ("test_of_two_answers_the_right_one_takes_nothing_from_the_budget",),
    ),
    Guard(
        "where there is no code no guess is counted",
        CODES,
        "        await failure_budgets.give_back(tx, purpose.budgets)\n        raise CodeIncorrect",
        "        raise CodeIncorrect",
        ("test_where_there_is_no_code_no_guess_is_counted",),
    ),
    Guard(
        "spending gives back the tries of codes that it does not spend",
        CODES,
        "    await _give_back_tries(tx, proof, others)\n",
        "",
        ("test_spending_gives_back_the_try_of_the_code_beside_it",),
    ),
    Guard(
        "digits are compared",
        CODES,
        "    return hmac.compare_digest(digits_of(keys, code).encode(), answer.encode())",
        "    return True",
        ("test_a_wrong_answer_is_counted_though_it_is_refused",),
    ),
    Guard(
        "spending is guarded in the database",
        STORED_CODES,
        '"UPDATE verification_codes SET spent_at = :now WHERE id = :id AND spent_at IS NULL"',
        '"UPDATE verification_codes SET spent_at = :now WHERE id = :id"',
        ("test_a_code_that_two_hold_is_spent_by_one",),
    ),
    Guard(
        "who spends too late is refused",
        STORED_CODES,
        "    missed=CodeIncorrect,\n",
        "",
        ("test_a_code_that_two_hold_is_spent_by_one",),
    ),
    Guard(
        "a spent code is not looked at",
        STORED_CODES,
        "subject IN (:subject, '') AND spent_at IS NULL\"",
        "subject IN (:subject, '')\"",
        ("test_a_spent_code_is_wrong_at_every_look",),
    ),
    Guard(
        "a spent code is not mailed again",
        STORED_CODES,
        'f" WHERE {_SAME} AND subject = :subject AND spent_at IS NULL"',
        'f" WHERE {_SAME} AND subject = :subject"',
        ("test_a_spent_code_is_neither_live_nor_given_more_time",),
    ),
    Guard(
        "a spent code gets no more time",
        STORED_CODES,
        "SET expires_at = :expires_at WHERE id = :id AND spent_at IS NULL",
        "SET expires_at = :expires_at WHERE id = :id",
        ("test_a_spent_code_is_neither_live_nor_given_more_time",),
    ),
    Guard(
        "a code belongs to a pool",
        STORED_CODES,
        '_SAME = "user_pool_id = :pool_id AND channel',
        '_SAME = "channel',
        ("test_a_code_opens_nothing_else[sqlite-pool]",),
    ),
    Guard(
        "a code belongs to a channel",
        STORED_CODES,
        "AND channel = :channel AND email = :email",
        "AND email = :email",
        ("test_a_code_opens_nothing_else[sqlite-channel]",),
    ),
    Guard(
        "a code belongs to an address",
        STORED_CODES,
        "AND channel = :channel AND email = :email",
        "AND channel = :channel",
        ("test_a_code_opens_nothing_else[sqlite-email]",),
    ),
    Guard(
        "a code belongs to whoever asked for it",
        STORED_CODES,
        "AND subject IN (:subject, '')",
        "AND (1 = 1)",
        (
            "test_a_code_opens_nothing_else[sqlite-subject]",
            "test_nobody_shows_the_code_of_somebody[sqlite]",
        ),
    ),
    *(
        Guard(
            f"digits come from the {part}",
            CODES,
            f"        code.{part},\n",
            "",
            (f"test_the_digits_come_from_everything_that_a_code_belongs_to[{part}]",),
        )
        for part in ("user_pool_id", "channel", "email", "subject", "nonce")
    ),
    Guard(
        "a code of a key that is gone is wrong",
        CODES,
        "    if code.key_id not in keys.ids:\n        return False\n",
        "",
        ("test_a_code_of_a_key_that_is_gone_is_wrong",),
    ),
    Guard(
        "a code expires",
        CODES,
        "    if right.expires_at <= tx.now or ",
        "    if ",
        ("test_a_code_works_to_its_last_second",),
    ),
    Guard(
        "a code from the future is late",
        CODES,
        " or right.first_made_at > tx.now + CLOCKS_MAY_DIFFER:",
        ":",
        ("test_a_code_from_the_future_is_late",),
    ),
    Guard(
        "who asks again has tries of their own again, and nobody else",
        STORED_CODES,
        "DELETE FROM verification_tries WHERE nonce = :nonce AND prover = :prover",
        "DELETE FROM verification_tries WHERE nonce = :nonce",
        ("test_who_asks_again_gets_their_own_tries_back_and_nobody_elses",),
    ),
    Guard(
        "who asks again has no tries that would be those of others",
        CODES,
        " and spoken_for <= settings.limits.codeTriesOfAllClients",
        "",
        ("test_who_asks_again_and_again_leaves_others_their_tries",),
    ),
    Guard(
        "who asks again takes up the tries of others as they are now",
        STORED_CODES,
        "    return VerificationCode(*row) if row else None\n\n\nasync def count_try(",
        "    return code if row else None\n\n\nasync def count_try(",
        ("test_a_code_that_lives_longer_is_known_by_the_tries_of_now",),
    ),
    Guard(
        "beyond the budget short codes die",
        CODES,
        " if not over or code.digits >= LONG_DIGITS]",
        "]",
        ("test_beyond_the_budget_short_codes_die_and_long_ones_come",),
    ),
    Guard(
        "beyond the budget new codes are long",
        CODES,
        "    digits = LONG_DIGITS if over else settings.verifyCodeLength\n",
        "    digits = settings.verifyCodeLength\n",
        ("test_beyond_the_budget_short_codes_die_and_long_ones_come",),
    ),
    Guard(
        "beyond the budget a short code is not mailed again",
        CODES,
        "code.digits < digits or ",
        "",
        ("test_beyond_the_budget_short_codes_die_and_long_ones_come",),
    ),
    Guard(
        "the budget ends with the hour's last failure",
        BUDGETS,
        "(hour_failures >= :per_hour OR",
        "(0 * hour_failures >= :per_hour OR",
        ("test_a_resend_resets_no_budget",),
    ),
    Guard(
        "the budget ends with the last failure in a row",
        BUDGETS,
        "OR in_a_row >= :in_a_row)",
        "OR 0 * in_a_row >= :in_a_row)",
        ("test_many_failures_in_a_row_count_however_slowly_they_come",),
    ),
    Guard(
        "the budget is also of the user",
        CODES,
        "        if self.subject != ANYBODY:\n",
        "        if False:\n",
        ("test_a_budget_is_of_the_address_and_of_the_user",),
    ),
    Guard(
        "a proof clears the budget",
        CODES,
        "    await failure_budgets.reset(tx, proof.purpose.budgets)\n",
        "",
        ("test_a_proof_makes_codes_short_again",),
    ),
    Guard(
        "a strict pool compares nothing beyond the budget",
        CODES,
        "    if over and purpose.pool.settings.strictCodeBudget:\n",
        "    if False:\n",
        ("test_a_strict_pool_compares_nothing_and_mails_nothing",),
    ),
    Guard(
        "a strict pool mails nothing beyond the budget",
        CODES,
        "    if refused and tells:\n",
        "    if False:\n",
        ("test_a_strict_pool_compares_nothing_and_mails_nothing",),
    ),
    Guard(
        "a dead code is not mailed again",
        CODES,
        "    if code.tries >= _most_tries(purpose, code):\n        return None\n",
        "",
        ("test_a_dead_code_is_not_mailed_again",),
    ),
    Guard(
        "resends make no code immortal",
        CODES,
        "    expires_at = min(tx.now + settings.verifyCodeExpiresIn * 1000, longest)\n",
        "    expires_at = tx.now + settings.verifyCodeExpiresIn * 1000\n",
        ("test_a_resend_is_the_same_code_for_ten_minutes_at_most",),
    ),
    Guard(
        "a clock that stepped back makes no code immortal",
        CODES,
        " or code.first_made_at > tx.now:",
        ":",
        ("test_a_code_from_the_future_is_not_mailed_again",),
    ),
    Guard(
        "a new code takes the place of the one before",
        STORED_CODES,
        '" id = excluded.id, nonce = excluded.nonce,',
        '" nonce = excluded.nonce,',
        ("test_a_code_that_was_replaced_cannot_be_spent",),
    ),
    Guard(
        "a refused unit undoes the spending",
        SQLITE,
        '        self._connection.execute("ROLLBACK TO unit")\n',
        "",
        ("test_an_address_has_one_owner_and_a_refusal_leaves_the_code_unspent",),
    ),
    Guard(
        "binding and spending are one unit",
        "authentication/email_identity.py",
        "    stale = is_stale(",
        "    tx.keep()\n    stale = is_stale(",
        (f"{BIND}::{TAKEN}[sqlite]",),
    ),
    Guard(
        "an address has one owner",
        SCHEMA,
        "CREATE UNIQUE INDEX users_email_unique",
        "CREATE INDEX users_email_unique",
        ("test_an_address_has_one_owner_and_a_refusal_leaves_the_code_unspent",),
    ),
]
