"""The e-mail card: bind an address, change it, take it off."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from gatepost.api.http import Reply, Request
from gatepost.authentication.changing import changeable
from gatepost.authentication.email_change import (
    NewEmailPayload,
    UpdateEmail,
    VerifyUpdateEmailRequest,
    prove_old_email,
    update_email,
    verify_update_email_request,
)
from gatepost.authentication.email_identity import (
    BindEmail,
    UnbindEmail,
    bind_email,
    unbind_email,
    unbindable,
)
from gatepost.context import Context
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.email_address import EmailAddress
from gatepost.vocabulary.refusals import (
    CodeExpired,
    CodeIncorrect,
    EmailAlreadyBound,
    NoEmailBound,
    SameEmail,
    TokenInvalid,
)
from gatepost.web.account import CHANNELS, done
from gatepost.web.home import Home, own_page
from gatepost.web.mailed import ask, typed_address, typed_code
from gatepost.web.step import Step
from gatepost.web.visitor import OwnForm

PART = "email"


class AddressForm(OwnForm):
    """An address that somebody typed."""

    email: str = ""


class CodeForm(OwnForm):
    """A code from a mail."""

    code: str = ""


@own_page
async def mail_bind_code(context: Context, request: Request, form: AddressForm) -> Reply:
    """Mail a code to the address that is to be bound."""

    async def deed(home: Home) -> Step:
        email = typed_address(home.app.pool, form.email)
        await home.checked(changeable)
        return await _asked(home, "bind", email)

    return await done(context, request, form, PART, deed, ("email",))


@own_page
async def bind_by_code(context: Context, request: Request, form: CodeForm) -> Reply:
    """Bind the address with its code."""

    async def deed(home: Home) -> Step:
        email = _at(home, "bind").email
        body = BindEmail(email=email, pass_code=typed_code(form.code))
        try:
            await home.unit(lambda tx, call: bind_email(tx, call, body))
        except EmailAlreadyBound:
            if home.session.email != email:  # else the button was pressed twice
                raise
        return Step(notice="email_bound")

    return await done(context, request, form, PART, deed, ("code",))


@own_page
async def begin_change(context: Context, request: Request, form: OwnForm) -> Reply:
    """Mail a code to the present address; where the pool asks for none, to the new one only."""

    async def deed(home: Home) -> Step:
        await home.checked(changeable)
        if not home.app.pool.settings.changeEmailStrategy.verifyOldEmail:
            return Step(name="change_new")
        return await _asked(home, "change_old", _own(home))

    return await done(context, request, form, PART, deed)


@own_page
async def prove_old_address(context: Context, request: Request, form: CodeForm) -> Reply:
    """Look at the code of the present address, and ask for the new address."""

    async def deed(home: Home) -> Step:
        _at(home, "change_old")
        code = typed_code(form.code)
        await home.unit(lambda tx, call: prove_old_email(tx, call, code))
        return Step(name="change_new", proof=code)

    return await done(context, request, form, PART, deed, ("code",))


@own_page
async def mail_new_code(context: Context, request: Request, form: AddressForm) -> Reply:
    """Mail a code to the new address."""

    async def deed(home: Home) -> Step:
        before = _at(home, "change_new")
        email = typed_address(home.app.pool, form.email)
        if str(email) == home.session.email:
            raise SameEmail
        asked = await _asked(home, "change", email)
        return msgspec.structs.replace(asked, proof=before.proof)

    return await done(context, request, form, PART, deed, ("email",))


@own_page
async def change_by_code(context: Context, request: Request, form: CodeForm) -> Reply:
    """Change the address, both mailboxes proved."""

    async def deed(home: Home) -> Step:
        step = _at(home, "change")
        if home.session.email == step.email:  # the button was pressed twice
            return Step(notice="email_changed")
        payload = NewEmailPayload(
            new_email=step.email,
            new_email_pass_code=typed_code(form.code),
            old_email=home.session.email,
            old_email_pass_code=step.proof or None,
        )
        return await _changed(home, step, payload)

    return await done(context, request, form, PART, deed, ("code",))


async def _changed(home: Home, step: Step, payload: NewEmailPayload) -> Step:
    body = VerifyUpdateEmailRequest(verify_method="EMAIL_PASSCODE", email_pass_code_payload=payload)
    try:
        granted = await home.unit(lambda tx, call: verify_update_email_request(tx, call, body))
    except (CodeIncorrect, CodeExpired):
        if step.proof and not await _old_code_is_good(home, step.proof):
            return Step(notice="change_again")
        raise
    token = UpdateEmail(update_email_token=granted.update_email_token)
    await home.unit(lambda tx, call: update_email(tx, call, token))
    return Step(notice="email_changed")


async def _old_code_is_good(home: Home, code: str) -> bool:
    try:
        await home.unit(lambda tx, call: prove_old_email(tx, call, code))
    except (CodeIncorrect, CodeExpired):
        return False
    return True


@own_page
async def begin_unbind(context: Context, request: Request, form: OwnForm) -> Reply:
    """Mail a code to the address that is to be taken off, if it may be."""

    async def deed(home: Home) -> Step:
        _, email = await home.checked(unbindable)
        return await _asked(home, "unbind", email)

    return await done(context, request, form, PART, deed)


@own_page
async def unbind_by_code(context: Context, request: Request, form: CodeForm) -> Reply:
    """Take the address off."""

    async def deed(home: Home) -> Step:
        _at(home, "unbind")
        body = UnbindEmail(pass_code=typed_code(form.code))
        with suppress(NoEmailBound):  # the button was pressed twice
            await home.unit(lambda tx, call: unbind_email(tx, call, body))
        return Step(notice="email_unbound")

    return await done(context, request, form, PART, deed, ("code",))


@own_page
async def mail_verify_link(context: Context, request: Request, form: OwnForm) -> Reply:
    """Mail a link that proves an address nobody has proved yet."""

    async def deed(home: Home) -> Step:
        await ask(home.call, Channel.VERIFY_EMAIL_LINK, _own(home), Step(), home.session)
        return Step(notice="verify_mailed")

    return await done(context, request, form, PART, deed)


@own_page
async def mail_again(context: Context, request: Request, form: OwnForm) -> Reply:
    """Mail the code of the present step once more."""

    async def deed(home: Home) -> Step:
        if home.step.name not in CHANNELS:
            raise TokenInvalid
        asked = await _asked(home, home.step.name, EmailAddress.stored(home.step.email))
        return msgspec.structs.replace(asked, proof=home.step.proof)

    part = "delete" if request.path.startswith("/account/delete") else PART
    return await done(context, request, form, part, deed)


@own_page
async def cancel(context: Context, request: Request, form: OwnForm) -> Reply:
    """Leave the present step; nothing was changed by it."""

    async def deed(_: Home) -> Step:
        return Step()

    part = "delete" if request.path.startswith("/account/delete") else PART
    return await done(context, request, form, part, deed)


def _at(home: Home, name: str) -> Step:
    """The step that a form belongs to. Refuses: TokenInvalid, where the browser left it."""
    if home.step.name != name:
        raise TokenInvalid
    return home.step


def _own(home: Home) -> EmailAddress:
    if home.session.email is None:
        raise NoEmailBound
    return EmailAddress.stored(home.session.email)


async def _asked(home: Home, name: str, email: EmailAddress) -> Step:
    before = home.step if home.step.name == name else Step()
    tag = await ask(home.call, CHANNELS[name], email, before, home.session)
    return Step(name=name, email=str(email), tag=tag)
