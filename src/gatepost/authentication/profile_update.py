"""Change what one's account says of oneself."""

from __future__ import annotations

from gatepost.authentication.changing import held
from gatepost.authentication.profile import GetProfile, UserDto, shown
from gatepost.authentication.profile_fields import Line, ProfileFields, said
from gatepost.context import SignedInCall
from gatepost.storage import users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.refusals import LastSignInMethod, SessionEnded
from gatepost.vocabulary.username import username as parsed_username


class UpdateProfile(ProfileFields):
    """What is to change; the rest stays. Address, phone and password have steps of their own."""

    username: str | None = None
    external_id: Line | None = None
    identity_number: Line | None = None


async def update_profile(tx: Transaction, call: SignedInCall, body: UpdateProfile) -> UserDto:
    """Change what one's account says of oneself, and answer with the account.

    Refuses: InvalidRequest, UsernameTaken; UserExists where another account has the external
    id; LastSignInMethod where no name would be left to sign in with.
    """
    user = await held(tx, call)
    person = await users.profile(tx, user.id)
    if person is None:
        raise SessionEnded
    if body.username:
        body.username = parsed_username(body.username)
    person = said(person, body)
    # Without the name an address on probation would open the account at once.
    has_address = person.email is not None and not user.on_probation_at(tx.now)
    if person.username is None and person.phone is None and not has_address:
        raise LastSignInMethod
    await users.set_profile(tx, person)
    await call.record(tx, "updateUserPrefile")
    changed = await users.profile(tx, person.id)
    if changed is None:
        raise SessionEnded
    origin = call.context.settings.origin
    return shown(changed, call.session.scopes, origin, GetProfile(with_custom_data=True))
