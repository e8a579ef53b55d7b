"""A transport that goes nowhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from gatepost.mail.message import Message
from gatepost.mail.transport import Delivered, Delivery


class KeepingTransport:
    """Keeps the mails it is given. Answers first what it is told to, then Delivered.

    `messages` holds what was delivered, `attempts` everything that was tried.
    """

    def __init__(self, answers: Iterable[Delivery] = ()) -> None:
        self.answers = deque(answers)
        self.messages: list[Message] = []
        self.attempts: list[Message] = []
        self.closed = False

    async def send(self, message: Message) -> Delivery:
        self.attempts.append(message)
        delivery = self.answers.popleft() if self.answers else Delivered()
        if isinstance(delivery, Delivered):
            self.messages.append(message)
        return delivery

    async def close(self) -> None:
        self.closed = True
