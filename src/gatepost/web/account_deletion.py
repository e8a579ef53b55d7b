"""The card that deletes the account."""

from __future__ import annotations

from gatepost.api.http import Reply, Request
from gatepost.authentication.account_closing import (
    ClosingCode,
    ClosingPassword,
    DeleteAccount,
    VerifyDeleteAccountRequest,
    delete_account,
    verify_delete_account_request,
)
from gatepost.authentication.changing import changeable
from gatepost.context import Context
from gatepost.credentials.secrets import new_secret_token
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.refusals import Refusal, TokenInvalid
from gatepost.web.account import account_page, done
from gatepost.web.home import Home, home_of, own_page
from gatepost.web.mailed import ask, typed_code
from gatepost.web.problem import Said, said_of
from gatepost.web.step import Step
from gatepost.web.visitor import OwnForm, browser_cookie

PART = "delete"


class DeletionForm(OwnForm):
    """The proof: a code where the account has an address, else the password."""

    code: str = ""
    password: str = ""


@own_page
async def begin_deletion(context: Context, request: Request, form: OwnForm) -> Reply:
    """Ask for the proof: a code by mail, or the password where there is no address."""

    async def deed(home: Home) -> Step:
        user = await home.checked(changeable)
        if user.email is None:
            return Step(name="delete_by_password")
        email = EmailAddress.stored(user.email)
        before = home.step if home.step.name == "delete" else Step()
        tag = await ask(home.call, Channel.DELETE_ACCOUNT, email, before, home.session)
        return Step(name="delete", email=user.email, tag=tag)

    return await done(context, request, form, PART, deed)


@own_page
async def delete_own_account(context: Context, request: Request, form: DeletionForm) -> Reply:
    """Delete the account; the browser gets a new secret."""
    home = await home_of(context, request)
    if not home.visitor.sent(form.token):
        said = Said(part=PART, words=home.look.says("common.stale"), status=403)
        return await account_page(home, said)
    try:
        await _delete(home, form)
    except Refusal as refusal:
        return await account_page(home, said_of(home.look, refusal, PART, "code", "password"))
    fresh = browser_cookie(context, new_secret_token(context.chance))
    return home.to_sign_in("account_deleted", fresh)


async def _delete(home: Home, form: DeletionForm) -> None:
    if home.step.name == "delete":
        code = ClosingCode(pass_code=typed_code(form.code), email=home.step.email)
        body = VerifyDeleteAccountRequest(
            verify_method="EMAIL_PASSCODE", email_pass_code_payload=code
        )
    elif home.step.name == "delete_by_password":
        payload = ClosingPassword(password=form.password)
        body = VerifyDeleteAccountRequest(verify_method="PASSWORD", password_payload=payload)
    else:
        raise TokenInvalid
    granted = await verify_delete_account_request(await home.person(), body)
    token = DeleteAccount(delete_account_token=granted.delete_account_token)
    await home.unit(lambda tx, call: delete_account(tx, call, token))
