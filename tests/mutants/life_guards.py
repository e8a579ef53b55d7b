"""Every guard of the life of an address, how to take it away, and the tests that notice."""

from __future__ import annotations

from tests.mutants.guard import Guard

A = "tests/authentication"
BIND = f"{A}/test_bind_email.py::"
UNBIND = f"{A}/test_unbind_email.py::"
UPDATE = f"{A}/test_update_email.py::"
REQUEST = f"{A}/test_verify_update_email_request.py::"
RESET_REQUEST = f"{A}/test_verify_reset_password_request.py::"
RESET = f"{A}/test_reset_password.py::"
DELETE_REQUEST = f"{A}/test_verify_delete_account_request.py::"
DELETE = f"{A}/test_delete_account.py::"
LINKS = f"{A}/test_links.py::"
INNER = f"{A}/test_inner_guards.py::"
SIGN_IN = f"{A}/test_sign_in.py::"
SIGNED_UP = f"{SIGN_IN}TestWhoeverSignedUpWithAnnsAddress::"
CHANNELS = f"{A}/test_channels.py::"
PASSWORD = f"{A}/test_update_password.py::"
TOKEN = "tests/oidc/test_token.py::"
PAGES = "tests/web/test_links.py::"

MEANWHILE = f"{UPDATE}test_whatever_changes_meanwhile_voids_a_token"
ON = "[sqlite]"

STEPS = "credentials/steps.py"
STORED_STEPS = "storage/step_tokens.py"
CHANGE = "authentication/email_change.py"
IDENTITY = "authentication/email_identity.py"
CHANGING = "authentication/changing.py"
OF_LINKS = "authentication/links.py"
VERIFYING = "authentication/link_verifying.py"
STORED_LINKS = "storage/links.py"
OF_PASSWORDS = "authentication/password.py"
CLOSING = "authentication/account_closing.py"
ENTERING = "authentication/sign_in.py"
SENDING = "authentication/sending.py"
USERS = "storage/users.py"
REFRESH = "credentials/refresh.py"
USER = "vocabulary/user.py"


PROVING = [
    Guard(
        "the codes of a change are spent",
        CHANGE,
        "        await codes.spend(tx, proof)\n",
        "        pass\n",
        (f"{REQUEST}test_both_codes_earn_a_token_for_a_minute{ON}",),
    ),
    Guard(
        "the code of the old address is looked at",
        CHANGE,
        "    if old_code is not None:\n",
        "    if False:\n",
        (f"{REQUEST}test_a_wrong_old_code_leaves_the_new_one_unspent_and_untried{ON}",),
    ),
    Guard(
        "by default the old mailbox is asked for",
        CHANGE,
        "    if not call.pool.settings.changeEmailStrategy.verifyOldEmail:\n",
        "    if True:\n",
        (f"{REQUEST}TestPolicies::test_by_default_the_old_mailbox_is_asked_for{ON}",),
    ),
    Guard(
        "a pool may do without the old mailbox",
        CHANGE,
        "    if not call.pool.settings.changeEmailStrategy.verifyOldEmail:\n",
        "    if False:\n",
        (f"{REQUEST}TestPolicies::test_a_pool_may_do_without_the_old_mailbox[sqlite-true]",),
    ),
    Guard(
        "the old address is told where the pool says so",
        CHANGE,
        "strategy.verifyOldEmail or (strategy.noticeToOldEmail and not",
        "strategy.verifyOldEmail or (False and not",
        (f"{REQUEST}TestPolicies::test_a_pool_may_do_without_the_old_mailbox[sqlite-true]",),
    ),
    Guard(
        "the old address is not told where the pool says so",
        CHANGE,
        "strategy.verifyOldEmail or (strategy.noticeToOldEmail and not",
        "strategy.verifyOldEmail or (True and not",
        (f"{REQUEST}TestPolicies::test_a_pool_may_do_without_the_old_mailbox[sqlite-false]",),
    ),
    Guard(
        "the old address that is named is the account's",
        CHANGE,
        "        raise OldEmailMismatch\n",
        "        pass\n",
        (f"{REQUEST}test_each_refusal_leaves_both_codes_unspent{ON}",),
    ),
    Guard(
        "the code of a bind is spent",
        IDENTITY,
        "    await codes.spend(tx, await codes.check("
        "tx, call.context.keys, purpose, body.pass_code, prover))\n    stale",
        "    await codes.check(tx, call.context.keys, purpose, body.pass_code, prover)\n    stale",
        (f"{INNER}test_a_bind_spends_a_code_that_anybody_could_show{ON}",),
    ),
    Guard(
        "a code to reset a password is spent",
        OF_PASSWORDS,
        "        await codes.spend(tx, proof)\n",
        "",
        (f"{RESET_REQUEST}test_a_code_is_good_for_one_token_that_lives_five_minutes{ON}",),
    ),
    Guard(
        "a code to delete an account is spent",
        CLOSING,
        "        await codes.spend(\n            tx, await codes.check("
        "tx, call.context.keys, purpose, payload.pass_code, prover)\n        )\n",
        "        await codes.check(tx, call.context.keys, purpose, payload.pass_code, prover)\n",
        (f"{DELETE_REQUEST}test_a_code_is_good_for_one_token_that_lives_a_minute{ON}",),
    ),
    Guard(
        "a code to sign in is spent",
        ENTERING,
        "        await codes.spend(tx, proof)\n",
        "",
        (f"{SIGN_IN}test_a_code_from_a_mail_signs_in_who_has_the_address{ON}",),
    ),
]

TOKENS = [
    Guard(
        "a token is tied to its user",
        CHANGE,
        "    if user.id != call.session.user_id or user.email is None",
        "    if user.email is None",
        (f"{INNER}test_a_token_is_for_its_user_even_in_anothers_session{ON}",),
    ),
    Guard(
        "a token is tied to its session",
        STEPS,
        " or granted.session_id != session_id:",
        ":",
        (f"{UPDATE}test_a_token_is_for_one_session_and_one_person{ON}",),
    ),
    Guard(
        "a token is tied to the address of the account and what else may change",
        STEPS,
        " or user.stamp != granted.stamp:",
        ":",
        (f"{MEANWHILE}[sqlite-by_an_administrators_hand-answer4]",),
    ),
    Guard(
        "a token to change an address is tied to the new one",
        STEPS,
        "            new_email=new_email,\n",
        "            new_email=user.email,\n",
        (f"{UPDATE}test_ann_changes_her_address{ON}",),
    ),
    Guard(
        "a token to reset is tied to the address that was proved",
        OF_PASSWORDS,
        " or user.email != granted.new_email:",
        ":",
        (f"{INNER}test_a_token_to_reset_is_for_the_address_that_was_proved{ON}",),
    ),
    Guard(
        "a token to reset is for its pool",
        OF_PASSWORDS,
        "        if user.user_pool_id != call.pool.id or ",
        "        if ",
        (f"{RESET}test_only_a_token_for_this_step_and_pool_will_do{ON}",),
    ),
    Guard(
        "a token is for one step",
        STORED_STEPS,
        "WHERE digest = :digest AND purpose = :purpose RETURNING",
        "WHERE digest = :digest AND :purpose = :purpose RETURNING",
        (f"{DELETE}test_only_the_token_of_this_session_and_step_will_do{ON}",),
    ),
    Guard(
        "a second request voids the first",
        STORED_STEPS,
        "DO UPDATE SET digest = excluded.digest,",
        "DO UPDATE SET",
        (f"{REQUEST}test_a_second_request_voids_the_token_of_the_first{ON}",),
    ),
    Guard(
        "a token works once",
        STORED_STEPS,
        'f"DELETE FROM step_tokens WHERE digest = :digest AND purpose = :purpose RETURNING',
        'f"UPDATE step_tokens SET digest = :digest WHERE digest = :digest'
        " AND purpose = :purpose RETURNING",
        (f"{INNER}test_a_token_is_gone_in_the_moment_of_its_use{ON}",),
    ),
    Guard(
        "a token has its time",
        STEPS,
        " or granted.expires_at <= tx.now or ",
        " or ",
        (f"{UPDATE}test_a_token_lives_a_minute[sqlite-60-answer1]",),
    ),
    Guard(
        "a token to change an address has 60 seconds",
        STEPS,
        "Step.UPDATE_EMAIL: 60,",
        "Step.UPDATE_EMAIL: 61,",
        (f"{UPDATE}test_a_token_lives_a_minute[sqlite-60-answer1]",),
    ),
    Guard(
        "a token to delete an account has 60 seconds",
        STEPS,
        "Step.DELETE_ACCOUNT: 60,",
        "Step.DELETE_ACCOUNT: 61,",
        (f"{DELETE}test_a_token_lives_a_minute{ON}",),
    ),
    Guard(
        "a token to reset has 300 seconds",
        STEPS,
        "Step.RESET_PASSWORD: 300}",
        "Step.RESET_PASSWORD: 301}",
        (f"{RESET}test_a_token_works_once_and_for_five_minutes{ON}",),
    ),
    Guard(
        "an address that changes is counted",
        USERS,
        ' email_probation_until),"\n    " stamp = stamp + 1, updated_at',
        ' email_probation_until),"\n    " updated_at',
        (f"{INNER}test_each_change_of_an_account_is_counted[sqlite-address]",),
    ),
    Guard(
        "a password that changes is counted",
        USERS,
        '    " stamp = stamp + 1, updated_at = :now WHERE id = :id"\n',
        '    " updated_at = :now WHERE id = :id"\n',
        (f"{INNER}test_each_change_of_an_account_is_counted[sqlite-password]",),
    ),
    Guard(
        "a suspended account redeems nothing",
        STEPS,
        "    if user is None or not user.active or ",
        "    if user is None or ",
        (f"{RESET}TestATokenIsVoided::test_by_a_suspension{ON}",),
    ),
    Guard(
        "a session that ends meanwhile changes nothing",
        CHANGING,
        " or not user.active or not alive:",
        " or not user.active:",
        (f"{INNER}test_a_session_that_ended_before_the_account_was_held_changes_nothing{ON}",),
    ),
]

CHANGES = [
    *(
        Guard(
            f"a recent sign-in is asked for at {step}",
            CHANGING,
            "    if within and tx.now",
            "    if False and tx.now",
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
            "    if user.paused_at(tx.now):\n        raise ChangesPaused\n",
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
        "    user = await users.lock(tx, call.session.user_id)\n",
        "    user = await users.find(call.context.database.reader(), call.session.user_id)\n",
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

UNDO = f"{LINKS}TestUndoOfAChange::"
NOT_ME = f"{LINKS}TestThisWasNotMe::"
NOT_ASKED = f"{LINKS}TestIDidNotAskForThis::"
VERIFY = f"{LINKS}TestVerifying::"
STOPPED = f"{INNER}TestWhileCodeMailIsStopped::"

AFTERWARDS = [
    Guard(
        "a link works once",
        STORED_LINKS,
        'AND purpose = :purpose AND used_at IS NULL"',
        'AND purpose = :purpose"',
        (f"{INNER}test_a_link_is_used_up_by_its_use{ON}",),
    ),
    Guard(
        "an undo works once",
        OF_LINKS,
        "    if change is None or user is None or change.voided_at is not None:\n",
        "    if change is None or user is None:\n",
        (f"{UNDO}test_of_the_first_of_two_voids_the_second_and_its_undo{ON}",),
    ),
    Guard(
        "a link has its time",
        STORED_LINKS,
        'THEN expires_at > :now"',
        'THEN :now = :now"',
        (f"{UNDO}test_works_a_second_before_72_hours_are_over_and_not_after{ON}",),
    ),
    Guard(
        "an undo has 72 hours",
        "authentication/mails.py",
        "NOTICE_LIFE = 72 * 3_600_000",
        "NOTICE_LIFE = 73 * 3_600_000",
        (f"{UNDO}test_works_a_second_before_72_hours_are_over_and_not_after{ON}",),
    ),
    Guard(
        "an undo voids later changes",
        OF_LINKS,
        "    await email_changes.void_from(tx, change)\n    await _tell",
        "    await _tell",
        (f"{UNDO}test_of_the_first_of_two_voids_the_second_and_its_undo{ON}",),
    ),
    Guard(
        "an undo ends every session",
        OF_LINKS,
        "    await sessions.end_all(tx, user.id)\n",
        "",
        (f"{UNDO}test_brings_the_address_back_and_ends_every_session{ON}",),
    ),
    Guard(
        "an undo begins a pause",
        OF_LINKS,
        "    await users.pause_changes(tx, user.id, tx.now + PAUSE)\n",
        "",
        (f"{LINKS}TestThePauseAfterAnUndo::test_refuses_a_bind{ON}",),
    ),
    Guard(
        "an undo voids what is pending",
        OF_LINKS,
        "    await void_pending(tx, user)\n    if old",
        "    if old",
        (f"{LINKS}TestThePauseAfterAnUndo::test_voids_the_tokens_and_codes_that_were_pending{ON}",),
    ),
    Guard(
        "not me only while the bind stands",
        OF_LINKS,
        "        if user.email != link.email or latest[0].id != change.id:\n"
        "            raise TokenInvalid\n",
        "",
        (f"{NOT_ME}test_works_only_while_that_bind_stands{ON}",),
    ),
    Guard(
        "not me takes the address off",
        OF_LINKS,
        "        await users.set_email(tx, user.id, None, verified_at=None, probation_until=0)\n",
        "",
        (f"{NOT_ME}test_takes_the_address_off_whatever_ways_in_remain{ON}",),
    ),
    Guard(
        "not me is done once",
        OF_LINKS,
        "        await email_changes.void_from(tx, change)\n",
        "",
        (f"{INNER}test_a_bind_that_was_disowned_is_void{ON}",),
    ),
    Guard(
        "not asked stops code mail",
        OF_LINKS,
        "        await mail_stops.put(tx, link.user_pool_id, link.email, tx.now + STOP)\n",
        "",
        (f"{STOPPED}test_what_a_stranger_asks_for_stays_here_for_a_day{ON}",),
    ),
    Guard(
        "what is stopped is withheld",
        SENDING,
        "    withheld = stopped or (",
        "    withheld = (",
        (f"{STOPPED}test_what_a_stranger_asks_for_stays_here_for_a_day{ON}",),
    ),
    Guard(
        "while mail is stopped no code can be guessed",
        SENDING,
        "    subject = NOBODY if stopped else _subject(wanted, owner)\n",
        "    subject = _subject(wanted, owner)\n",
        (f"{STOPPED}test_there_is_no_code_to_guess{ON}",),
    ),
    Guard(
        "not asked voids the codes",
        OF_LINKS,
        "        await verification_codes.void_of_address("
        "tx, link.user_pool_id, link.email, user_id)\n",
        "",
        (f"{NOT_ASKED}test_stops_code_mail_voids_codes_and_says_so{ON}",),
    ),
    Guard(
        "a stop ends after a day",
        OF_LINKS,
        "STOP = 24 * 3_600_000",
        "STOP = 25 * 3_600_000",
        (f"{STOPPED}test_what_a_stranger_asks_for_stays_here_for_a_day{ON}",),
    ),
    Guard(
        "a link about a code dies with it",
        STORED_LINKS,
        " AND c.spent_at IS NULL AND c.expires_at > :now) END",
        ") END",
        (f"{NOT_ASKED}test_is_dead_once_its_code_is_used{ON}",),
    ),
    Guard(
        "allow again lets code mail through",
        OF_LINKS,
        "        await mail_stops.lift(tx, link.user_pool_id, link.email)\n",
        "",
        (f"{STOPPED}test_allow_again_lets_it_through{ON}",),
    ),
    Guard(
        "looking at a page changes nothing",
        "authentication/link_look.py",
        "    link = await links.find_open(reader, purpose, digest_of(token))\n",
        "    link = await context.database.unit(\n"
        "        lambda tx: links.use(tx, purpose, digest_of(token))\n    )\n",
        (f"{PAGES}test_looking_changes_nothing_however_often_a_scanner_does{ON}",),
    ),
    Guard(
        "the verify page asks for a proof",
        VERIFYING,
        "    if not (await passwords.check(proof.password, user.password_hash)).ok:\n",
        "    if False:\n",
        (f"{VERIFY}test_by_a_wrong_password_can_be_tried_again{ON}",),
    ),
    Guard(
        "guesses on the verify page are counted",
        VERIFYING,
        "    await limits.count_password_attempt(database, pool, attempt)\n",
        "",
        (f"{VERIFY}test_guesses_at_the_password_are_counted{ON}",),
    ),
    Guard(
        "with a new password the verify page drops what was there",
        VERIFYING,
        "            await drop_what_was_there(tx, user)\n",
        "",
        (f"{VERIFY}test_by_a_new_password_drops_what_was_there{ON}",),
    ),
    Guard(
        "verifying ends no probation",
        VERIFYING,
        "        if user.email_verified_at is not None:\n            return",
        "        if False:\n            return",
        (f"{INNER}test_verifying_what_is_verified_changes_nothing{ON}",),
    ),
    Guard(
        "a code sign-in ends the sessions from before",
        ENTERING,
        "    await drop_what_was_there(tx, user)\n",
        "",
        (f"{SIGNED_UP}test_is_out_once_ann_shows_a_code{ON}",),
    ),
    Guard(
        "a code sign-in drops the password from before",
        ENTERING,
        "        await users.set_password(tx, user.id, None, None)\n",
        "",
        (f"{SIGNED_UP}test_is_out_once_ann_shows_a_code{ON}",),
    ),
    Guard(
        "what an administrator made is exempt",
        USER,
        '        return unproved and self.source_type == "register"\n',
        "        return unproved\n",
        (f"{SIGNED_UP}test_accounts_made_by_an_administrator_are_exempt{ON}",),
    ),
    Guard(
        "what is for owners goes to nobody else",
        SENDING,
        " or (channel in OF_THE_OWNER and owner is None)\n",
        "\n",
        (f"{CHANNELS}test_an_unknown_address_gets_codes_but_those_of_owners{ON}",),
    ),
    Guard(
        "a mail that is withheld stays here",
        "mail/worker.py",
        "        if message.withheld:\n            return Withheld()\n",
        "",
        (f"{CHANNELS}test_an_unknown_address_gets_codes_but_those_of_owners{ON}",),
    ),
]

REFRESHING = [
    Guard(
        "a refresh token rotates",
        REFRESH,
        "        digest_of(successor),\n",
        "        digest_of(token + successor),\n",
        (f"{TOKEN}test_a_refresh_token_gets_new_tokens_of_the_same_session{ON}",),
    ),
    Guard(
        "a lost answer can be had again",
        REFRESH,
        "    if tx.now - stored.used_at <= GRACE and",
        "    if False and",
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
        REFRESH,
        "    await sessions.end(tx, stored.session_id)\n",
        "",
        (f"{TOKEN}test_a_used_token_that_is_shown_later_ends_the_session{ON}",),
    ),
    Guard(
        "a session that was stolen stays ended though the call is refused",
        REFRESH,
        "    await sessions.end(tx, stored.session_id)\n    tx.keep()\n",
        "    await sessions.end(tx, stored.session_id)\n",
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
        (f"{TOKEN}test_each_token_lives_for_thirty_days_of_its_own{ON}",),
    ),
]

LIFE_GUARDS = [*PROVING, *TOKENS, *CHANGES, *AFTERWARDS, *REFRESHING]
