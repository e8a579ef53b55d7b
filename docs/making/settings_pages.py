"""The reference of settings: names, limits and defaults from the code, meanings from here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, inspect

from docs.making.markdown import MADE, code, table
from docs.making.meanings import APP, LIMITS, POOL, SERVER, STRATEGY
from gatepost.settings import PREFIX, Settings
from gatepost.vocabulary.application import AppSettings
from gatepost.vocabulary.user_pool import ChangeEmailStrategy, Limits, PoolSettings

SERVER_INTRO = """
Settings of a process come from the environment, or under the same names from `gatepost.toml` in
the folder where it starts; the environment wins. An unknown name that begins with `GATEPOST_`, or
a value that is wrong, ends the process with one line that names it. Server keys are read again on
SIGHUP; everything else is read once.
"""
POOL_INTRO = """
`gatepost pool set ID KEY=VALUE …` and `gatepost app set ID KEY=VALUE …` change them and print all
of them with their values. They count from the next call on, at every node. Times are seconds. What
lies in another setting is written with a dot, and lists as JSON:

```sh
gatepost pool set "$POOL_ID" verifyCodeLength=8 limits.sendsPerUserHour=50
gatepost pool set "$POOL_ID" 'allowedOrigins=["https://shop.example.com"]'
gatepost app set "$APP_ID" access_token_expires_in=3600
```
"""
CLIENT_ADDRESS = """\
A client address is an IPv4 address or an IPv6 /64. Every limit is counted in the database, so all
nodes share it.
"""
MORE_OF_APPS = """\
`gatepost app set` also takes `token_endpoint_auth_method` (`none`, `client_secret_post` or
`client_secret_basic`: how the app proves itself at sign-in and at the token endpoint) and
`redirectUris` (a list: where people may be sent back to, compared octet by octet).
"""


def server_page() -> str:
    """What the environment may say."""
    rows = [
        (
            code(PREFIX + field.name.upper()),
            SERVER[field.name],
            code(_as_environment(field.default)),
        )
        for field in msgspec.structs.fields(Settings)
    ]
    return "\n".join(
        [
            MADE,
            "# Settings of the server",
            SERVER_INTRO,
            table(("setting", "meaning", "default"), rows),
        ]
    )


def pool_page() -> str:
    """What `pool set` and `app set` take."""
    heads = ("setting", "meaning", "values", "default")
    return "\n".join(
        [
            MADE,
            "# Settings of pools and apps",
            POOL_INTRO,
            "## Of a pool\n",
            table(heads, [*_rows(PoolSettings, POOL), *_rows(ChangeEmailStrategy, STRATEGY)]),
            "## Limits of a pool\n",
            CLIENT_ADDRESS,
            table(heads, _rows(Limits, LIMITS)),
            "## Of an app\n",
            table(heads, _rows(AppSettings, APP)),
            MORE_OF_APPS,
        ]
    )


_PREFIXES = {Limits: "limits.", ChangeEmailStrategy: "changeEmailStrategy."}


def _rows(kind: type[Struct], meanings: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """A row for each setting that is not a group of others. KeyError where one has no meaning."""
    prefix = _PREFIXES.get(kind, "")
    return [
        (
            code(prefix + field.name),
            meanings[field.name],
            _values(field.type),
            code(_default(field)),
        )
        for field in _fields(kind)
        if not isinstance(field.type, inspect.StructType)
    ]


def _fields(kind: type[Struct]) -> tuple[inspect.Field, ...]:
    shown = inspect.type_info(kind)
    if not isinstance(shown, inspect.StructType):
        raise TypeError(kind)
    return shown.fields


def _default(field: inspect.Field) -> str:
    return _written(field.default)


def _as_environment(default: Any) -> str:
    return str(int(default)) if isinstance(default, bool) else _written(default)


def _written(default: Any) -> str:
    if default is msgspec.NODEFAULT or default is None:
        return ""
    if isinstance(default, str | Path):
        return str(default)
    return "" if default == () else json.dumps(default)


def _values(kind: inspect.Type) -> str:
    match kind:
        case inspect.IntType(ge=least, le=most):
            return f"{least} to {most}"
        case inspect.BoolType():
            return "true, false"
        case inspect.EnumType(cls=members):
            return ", ".join(member.value for member in members)
        case inspect.LiteralType(values=values):
            return ", ".join(map(str, values))
        case inspect.VarTupleType():
            return "a list"
    return "text"
