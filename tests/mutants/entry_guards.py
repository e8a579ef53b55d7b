"""Guards of sign-up and sign-in where accounts are hidden, and of what strangers are told."""

from __future__ import annotations

from tests.mutants.guard import Guard
from tests.mutants.places import CHANGE, ENTERING, OF_PASSWORDS, ON, RESET, SENDING

SIGNING_UP = "authentication/sign_up.py"
HIDDEN = "tests/authentication/test_sign_up.py::TestWhereExistingAccountsAreHidden::"
BUDGETS = "tests/credentials/test_code_budgets.py::"
EMAIL_CARD = "tests/web/test_account_email.py::"

ENTRY_GUARDS = [
    Guard(
        "signing up for a taken address looks as if it worked",
        SIGNING_UP,
        "    if taken:\n",
        "    if False:\n",
        (f"{HIDDEN}test_taken_and_free_addresses_are_answered_alike{ON}",),
    ),
    Guard(
        "and leaves no account",
        SIGNING_UP,
        "    await users.remove_nameless(tx, user_id)\n",
        "",
        (f"{HIDDEN}test_taken_and_free_addresses_are_answered_alike{ON}",),
    ),
    Guard(
        "or one that nobody gets in to",
        SIGNING_UP,
        "replace(newcomer, email=None, password_hash=None)",
        "replace(newcomer, email=None)",
        (f"{HIDDEN}test_a_name_signed_up_with_an_address_does_not_tell_of_it{ON}",),
    ),
    Guard(
        "a hidden account opens to no password, and counts it as wrong",
        ENTERING,
        " or _is_hidden(call, user):",
        ":",
        (f"{HIDDEN}test_a_right_password_counts_as_a_wrong_one{ON}",),
    ),
    Guard(
        "a stranger is told of no budget of an account",
        SENDING,
        "    tells = not (unasked and channel in OF_THE_OWNER)\n",
        "    tells = True\n",
        (f"{BUDGETS}test_strangers_are_not_told_that_somebody_has_used_up_a_budget{ON}",),
    ),
    Guard(
        "nor is a code mailed that the budget forbids",
        SENDING,
        "withheld=withheld or code.refused,",
        "withheld=withheld,",
        (f"{BUDGETS}test_strangers_are_not_told_that_somebody_has_used_up_a_budget{ON}",),
    ),
    Guard(
        "a guess at a token to reset is counted",
        OF_PASSWORDS,
        "    await limits.count_sign_in(context.database, call.pool, origin)\n",
        "",
        (f"{RESET}test_a_guess_at_a_token_is_counted_and_costs_no_hash{ON}",),
    ),
    Guard(
        "nobody without a token to reset has passwords hashed",
        OF_PASSWORDS,
        "    check_new_password(password)\n    #",
        "    check_new_password(password)\n    await context.passwords.hash(password)\n    #",
        (f"{RESET}test_a_guess_at_a_token_is_counted_and_costs_no_hash{ON}",),
    ),
    Guard(
        "a look at the old address's code takes no try of it",
        CHANGE,
        "    await codes.give_back(tx, await codes.check(tx, call.context.keys, purpose, answer,"
        " prover))\n",
        "    await codes.check(tx, call.context.keys, purpose, answer, prover)\n",
        (f"{EMAIL_CARD}test_a_mistyped_new_code_takes_no_try_of_the_old_one{ON}",),
    ),
]
