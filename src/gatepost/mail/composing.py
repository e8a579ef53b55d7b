"""From a row of the outbox to the mail that its recipient reads."""

from __future__ import annotations

import msgspec

from gatepost.mail.message import Message, Sender
from gatepost.mail.rendering import render
from gatepost.mail.wording import duration, moment
from gatepost.server_keys import ServerKeys
from gatepost.storage.outbox import MAIL_SEAL, WITHHELD, QueuedMail
from gatepost.vocabulary.language import Language

_AS_THEY_ARE = frozenset({"verify_code", "new_email_masked", "login_url", "window_tag"})


def compose(mail: QueuedMail, keys: ServerKeys, sender: Sender, now: int) -> Message:
    """Fill in a mail's words as they are true at `now` (ms).

    Raises UnknownServerKey or SealBroken where the row cannot be opened any more.
    """
    language = Language(mail.language)
    facts = _facts(mail, keys)
    variables = {name: fact for name, fact in facts.items() if _passes(name)}
    variables |= {"app_name": mail.app_name, "user_email": mail.recipient}
    if expires_at := facts.get("expires_at"):
        variables["expires_in"] = duration((int(expires_at) - now) // 1000, language)
    if happened_at := facts.get("happened_at"):
        variables["datetime"] = moment(int(happened_at))
    words = render(mail.template, language, variables)
    return Message(
        message_id=mail.id,
        sender=sender,
        recipient=mail.recipient,
        subject=words.subject,
        text=words.text,
        html=words.html,
        language=language,
        sent_at=now,
        template=mail.template,
        code=facts.get("verify_code"),
        withheld=WITHHELD in facts,
        user_pool_id=mail.user_pool_id,
    )


def _passes(name: str) -> bool:
    return name in _AS_THEY_ARE or name.endswith("_link")


def _facts(mail: QueuedMail, keys: ServerKeys) -> dict[str, str]:
    if mail.variables_sealed is None:
        return {}
    opened = keys.open(MAIL_SEAL, mail.variables_sealed)
    return msgspec.json.decode(opened, type=dict[str, str])
