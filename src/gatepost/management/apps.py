"""Make apps and change their settings."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from gatepost.credentials.client_authentication import digest_of_secret
from gatepost.management.changes import changed, one_line
from gatepost.server_keys import ServerKeys
from gatepost.storage import applications, user_pools
from gatepost.storage.applications import SECRET_SEAL
from gatepost.storage.database import Transaction
from gatepost.vocabulary.application import Application, AppSettings, ClientAuth, Uri
from gatepost.vocabulary.identifiers import Chance, new_id, new_secret
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.redirect_uri import registrable
from gatepost.vocabulary.refusals import AppUnknown, InvalidRequest, UserPoolUnknown


class NewApp(Struct, frozen=True, rename="camel"):
    """A new app; its secret is shown this once."""

    app_id: str
    app_secret: str
    user_pool_id: str


class AppConfig(AppSettings, frozen=True, forbid_unknown_fields=True):
    """Everything of an app that can be set, by the names of the API's `oidcConfig`."""

    token_endpoint_auth_method: ClientAuth = ClientAuth.SECRET_POST
    redirectUris: tuple[Uri, ...] = ()


async def create_app(
    tx: Transaction,
    keys: ServerKeys,
    chance: Chance,
    pool_id: str,
    name: str,
    client_auth: ClientAuth = ClientAuth.SECRET_POST,
    redirect_uris: tuple[str, ...] = (),
) -> NewApp:
    """Make an app in a pool. Refuses: UserPoolUnknown, InvalidRequest."""
    pool = await user_pools.find(tx, pool_id)
    if pool is None:
        raise UserPoolUnknown
    new = NewApp(new_id(chance), new_secret(chance), pool.id)
    app = Application(
        id=new.app_id,
        user_pool_id=pool.id,
        name=one_line(name),
        client_auth=client_auth,
        secret_digest=digest_of_secret(new.app_secret),
        secret_sealed=keys.seal(SECRET_SEAL, new.app_secret.encode()),
        settings_text=_text(AppSettings()),
        pool_settings_text=pool.settings_text,
    )
    await applications.add(tx, app, _text(_checked("redirectUris", redirect_uris)))
    return new


async def set_app(tx: Transaction, app_id: str, changes: dict[str, str]) -> AppConfig:
    """Change settings of an app, by name, and answer with all of them.

    Refuses: AppUnknown, InvalidRequest naming the setting.
    """
    app = await applications.find(tx, app_id)
    if app is None:
        raise AppUnknown
    stored = await applications.redirect_uris(tx, app_id)
    config = AppConfig(
        **msgspec.to_builtins(app.settings),
        token_endpoint_auth_method=ClientAuth(app.client_auth),
        redirectUris=msgspec.json.decode(stored, type=tuple[str, ...]),
    )
    config = changed(config, AppConfig, changes)
    _checked("logoutRedirectUris", config.logoutRedirectUris)
    settings = {name: getattr(config, name) for name in AppSettings.__struct_fields__}
    await applications.change(
        tx,
        app_id,
        client_auth=config.token_endpoint_auth_method,
        redirect_uris=_text(_checked("redirectUris", config.redirectUris)),
        settings=_text(settings),
    )
    return config


def _checked(setting: str, uris: tuple[str, ...]) -> tuple[str, ...]:
    for uri in uris:
        if not registrable(uri):
            raise InvalidRequest(setting, Problem.NOT_URL)
    return uris


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
