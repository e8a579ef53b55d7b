"""Look whether a code is right, without using it."""

from __future__ import annotations

from typing import Any, Literal

from gatepost.authentication.sending import signed_in
from gatepost.context import Call, address_in
from gatepost.credentials import client_authentication, codes, limits
from gatepost.credentials.codes import Purpose
from gatepost.messages import refusal_words
from gatepost.storage.database import Transaction
from gatepost.vocabulary.channel import Channel
from gatepost.vocabulary.fields import Answer, Body, TypedCode, TypedEmail
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    CodeExpired,
    CodeIncorrect,
    InvalidRequest,
    NotSupported,
)
from gatepost.vocabulary.verification_code import ANYBODY


class EmailCodePayload(Body):
    """A code from a mail, and what it is for."""

    email: TypedEmail
    pass_code: TypedCode
    channel: Channel


class PreCheckCode(Body):
    """A code to look at; only codes from mails are known here."""

    code_type: Literal["SMS", "EMAIL"]
    email_code_payload: EmailCodePayload | None = None

    @classmethod
    def relevant(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Leave out the payload of the other kind, which SDKs send empty."""
        if raw.get("codeType") == "EMAIL":
            return raw
        return {name: value for name, value in raw.items() if name != "emailCodePayload"}


class CodeChecked(Answer):
    """Whether the code is right, and if not, why."""

    is_valid: bool
    message: str | None = None


async def pre_check_code(call: Call, body: PreCheckCode) -> CodeChecked:
    """Look whether a code is right; the code stays as it is.

    A wrong look takes a try like any other, a right one takes none.

    Refuses: ClientUnauthenticated, EmailInvalid, TooManyRequests; NotSupported for codes from
    text messages.
    """
    if body.code_type == "SMS":
        raise NotSupported
    payload = body.email_code_payload
    if payload is None:
        raise InvalidRequest("emailCodePayload", Problem.MISSING)
    email = address_in(call.pool, payload.email)
    origin = call.origin(vouched=client_authentication.vouched(call.app, call.credentials))
    call.known.client = origin.client
    session = await signed_in(call)
    await limits.count_sign_in(call.context.database, call.pool, origin)
    purpose = Purpose(call.pool, payload.channel, email, session.user_id if session else ANYBODY)

    async def work(tx: Transaction) -> None:
        keys, answer = call.context.keys, payload.pass_code
        await codes.give_back(tx, await codes.check(tx, keys, purpose, answer, origin.prover))
        user_id = session.user_id if session else None
        await call.record(tx, "preCheckCode", user_id, client=origin.client, detail=payload.channel)

    try:
        await call.context.database.unit(work)
    except (CodeIncorrect, CodeExpired) as refusal:
        call.known.refusal = refusal
        return CodeChecked(is_valid=False, message=refusal_words(call.speaks(), refusal))
    return CodeChecked(is_valid=True)
