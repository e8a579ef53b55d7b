"""`gatepost user`."""

from __future__ import annotations

import secrets
import sys

import click

from gatepost.cli.running import show, with_storage
from gatepost.credentials.passwords import Passwords
from gatepost.management.users import NewUser, create_user
from gatepost.server_keys import ServerKeys
from gatepost.settings import SettingError
from gatepost.storage.database import Database


@click.group()
def user() -> None:
    """Make accounts."""


@user.command()
@click.option("--pool", "pool_id", required=True, help="The pool that the account belongs to.")
@click.option("--username", required=True)
@click.option("--password", help="Others may see it in the list of processes.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--email")
@click.option("--email-verified", is_flag=True, help="The address is known to be theirs.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def create(
    pool_id: str,
    username: str,
    password: str | None,
    password_stdin: bool,
    email: str | None,
    email_verified: bool,
    as_json: bool,
) -> None:
    """Make an account, with or without a password and an address."""
    if password_stdin and password is not None:
        raise click.UsageError("--password and --password-stdin exclude each other")
    if email_verified and email is None:
        raise click.UsageError("--email-verified needs --email")
    typed = _line_of_stdin() if password_stdin else password
    if typed == "":
        raise SettingError("the password is empty")

    async def work(database: Database, _: ServerKeys) -> NewUser:
        return await create_user(
            database,
            secrets.token_bytes,
            pool_id,
            username=username,
            password_hash=await _hashed(typed),
            email=email,
            email_verified=email_verified,
        )

    show(with_storage(work), as_json)


def _line_of_stdin() -> str:
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise SettingError("the password on standard input is not UTF-8") from None


async def _hashed(password: str | None) -> str | None:
    if password is None:
        return None
    passwords = Passwords(secrets.token_bytes, threads=1)
    try:
        return await passwords.hash(password)
    finally:
        passwords.close()
