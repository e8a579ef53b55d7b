"""Where the model and the server meet: every step is told to both, and their answers compared."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from tests.model.state import Account, Pool, StepToken, Ticket
from tests.model.words import OK, REFUSALS, UNREAD, No
from tests.support.backstage import said
from tests.support.links import url_in
from tests.support.world import App, World

T = TypeVar("T")


@dataclass
class Ground:
    """One pool, as the server and as the model have it, and what people hold in it."""

    app: App
    pool: Pool
    tickets: list[Ticket] = field(default_factory=list)
    granted: list[StepToken] = field(default_factory=list)
    mailed: list[tuple[str, str, str]] = field(default_factory=list)
    """Every code that was ever mailed: template, address, digits."""


class Stage:
    """A server, two pools on it, and two places that people call from."""

    def __init__(self, places: dict[str, World], grounds: list[Ground]) -> None:
        self.places, self.grounds = places, grounds
        self.world = places["home"]
        self.seen = len(self.world.mail.firsts)
        self.agreed = True

    async def post(
        self, ground: Ground, step: str, body: Any, ticket: Ticket | None, place: str = "home"
    ) -> dict[str, Any]:
        token = ticket.text if ticket else None
        return await self.places[place].post(f"/api/v3/{step}", body, app=ground.app, token=token)

    async def compare(
        self, ground: Ground, answering: Awaitable[dict[str, Any]], rule: Callable[[], T]
    ) -> tuple[dict[str, Any], T | None]:
        """Take a step; the answer's data and the model's outcome, None where it is refused."""
        self.agreed = False
        ground.pool.mails.clear()
        answer, outcome = await answering, None
        try:
            outcome, expected, data = rule(), OK, None
        except No as no:
            expected = REFUSALS[no.name]
            data = {"retryAfter": no.retry_after} if no.retry_after else None
        assert said(answer) == expected, answer
        if expected != OK:
            assert answer.get("data") == data
        await self.compare_mails(ground)
        self.agreed = True
        return answer.get("data") or {}, outcome

    async def compare_mails(self, ground: Ground) -> None:
        """The mails of this step, no more and no fewer; codes and links are read from them."""
        posted = ground.pool.mails
        ground.pool.posted += [(mail.template, mail.recipient) for mail in posted]
        expected = [mail for mail in posted if not mail.withheld]
        came = await self.world.mail.after(self.seen, len(expected))
        self.seen += len(came)
        assert Counter((mail.template, mail.recipient) for mail in came) == Counter(
            (mail.template, mail.recipient) for mail in expected
        )
        messages = {(mail.template, mail.recipient): mail for mail in came}
        for mail in expected:
            message = messages[mail.template, mail.recipient]
            for link in mail.links:
                link.url = url_in(message, link.purpose)
            if mail.code is not None:
                assert message.code is not None and len(message.code) == mail.digits
                assert mail.code.digits in (UNREAD * mail.digits, message.code)
                mail.code.digits = message.code
                ground.mailed.append((mail.template, mail.recipient, message.code))


def shown_is(account: Account, data: dict[str, Any]) -> None:
    """An account as the server shows it is the one of the model."""
    assert (data["email"], data["emailVerified"]) == (account.email, account.proved)
    assert (data["username"], data["nickname"]) == (account.username, account.nickname)


def claims_of(token: str) -> dict[str, Any]:
    """What an access token says."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(payload + "=="))
    return claims
