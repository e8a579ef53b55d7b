"""What the next page goes on with, kept by the browser, sealed.

It survives a reload, needs no scripts and no row, and is nobody's but this browser's: sealed
with the server's key, it can be neither read nor made elsewhere. What it lets anybody do, the
code or token in it decides as ever.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from gatepost.api.http import Request
from gatepost.context import Context
from gatepost.server_keys import SealBroken, UnknownServerKey
from gatepost.vocabulary.identifiers import Chance
from gatepost.web import cookies
from gatepost.web.cookies import Cookie

LIFE_SECONDS = 900
_SEAL = "page step"
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Step(Struct, frozen=True, omit_defaults=True):
    """Where somebody is on the way: `name` says at what, `holder` is their app or session.

    `email` was mailed to, `tag` is what that mail shows; `proof` is a code or token that was
    found right, for the step after. `notice` is told once, by the next page.
    """

    name: str = ""
    holder: str = ""
    email: str = ""
    tag: str = ""
    proof: str = ""
    notice: str = ""


NOWHERE = Step()


def read_step(context: Context, request: Request, holder: str) -> Step:
    """Where this browser is; nowhere, if it is on the way at somebody else's."""
    sealed = cookies.read(context.settings, request, Cookie.STEP)
    if sealed is None:
        return NOWHERE
    try:
        opened = context.keys.open(_SEAL, sealed)
        expires_at, step = msgspec.json.decode(opened, type=tuple[int, Step])
    except (SealBroken, UnknownServerKey, msgspec.MsgspecError):
        return NOWHERE
    if expires_at <= context.clock():
        return NOWHERE
    return step if step.holder == holder else Step(notice=step.notice)


def keep_step(context: Context, step: Step) -> tuple[str, str]:
    """The header that has the browser keep a step."""
    expires_at = context.clock() + LIFE_SECONDS * 1000
    sealed = context.keys.seal(_SEAL, msgspec.json.encode((expires_at, step)))
    return cookies.keep(context.settings, Cookie.STEP, sealed, LIFE_SECONDS)


def drop_step(context: Context) -> tuple[str, str]:
    """The header that takes a step away."""
    return cookies.drop(context.settings, Cookie.STEP)


def new_tag(chance: Chance) -> str:
    """Two letters that tell one window's mail from another's."""
    return "".join(_LETTERS[octet % len(_LETTERS)] for octet in chance(2))
