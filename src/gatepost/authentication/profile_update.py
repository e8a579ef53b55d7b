"""Change what one's account says of oneself."""

from __future__ import annotations

from gatepost.authentication.changing import is_stale
from gatepost.authentication.profile import GetProfile, UserDto, shown
from gatepost.authentication.profile_fields import Line, ProfileFields, said
from gatepost.context import OwnerCall
from gatepost.storage import users
from gatepost.storage.database import Transaction
from gatepost.vocabulary.refusals import (
    LastSignInMethod,
    ReauthenticationRequired,
    SessionEnded,
)
from gatepost.vocabulary.user import Profile, User
from gatepost.vocabulary.username import username as parsed_username


class UpdateProfile(ProfileFields):
    """What is to change; the rest stays. Address, phone and password have steps of their own."""

    username: str | None = None
    external_id: Line | None = None
    identity_number: Line | None = None


async def update_profile(tx: Transaction, call: OwnerCall, body: UpdateProfile) -> UserDto:
    """Change what one's account says of oneself, and answer with the account.

    Refuses: InvalidRequest, UsernameTaken; UserExists where another account has the external
    id; LastSignInMethod where no name would be left to sign in with; ReauthenticationRequired
    where nothing but the name signs in, and would change more than 15 minutes after the sign-in.
    """
    user = call.user
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
    # Who stole a token would keep the owner, whose name is wrong then, from hearing of an address
    # that they bound or are about to bind.
    if not has_address and _is_renamed(user, person) and is_stale(call, tx.now):
        raise ReauthenticationRequired
    await users.set_profile(tx, person)
    await call.record(tx, "updateUserPrefile")
    changed = await users.profile(tx, person.id)
    if changed is None:
        raise SessionEnded
    origin = call.context.settings.origin
    return shown(changed, call.session.scopes, origin, GetProfile(with_custom_data=True))


def _is_renamed(user: User, person: Profile) -> bool:
    """Whether the user name that an account has would not sign in to it any more."""
    if user.username is None or person.username is None:
        return user.username is not None
    return users.username_key(user.username) != users.username_key(person.username)
