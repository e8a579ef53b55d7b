"""The emulator's mailbox and clock, as a test holds them."""

from __future__ import annotations

from dataclasses import dataclass

from gatepost.testing.emulator import ANSWER_SECONDS, Emulator

MAIL_SECONDS = 10.0


@dataclass(frozen=True)
class Mail:
    """A mail as its recipient would have got it; `code` is None where it carries none.

    `template` names its kind, such as `login_verify_code`; `sent_at` is ISO 8601 in UTC.
    """

    to: str
    subject: str
    template: str
    code: str | None
    sent_at: str
    text: str
    html: str


@dataclass(frozen=True)
class Mailbox:
    """What was mailed in one pool, to anybody."""

    _emulator: Emulator
    _user_pool_id: str

    def wait_for_code(self, address: str, seconds: float = MAIL_SECONDS) -> str:
        """The code in the newest mail to an address, as soon as there is one not given before.

        So each call wants a mail of its own, and older codes, which count no more, are passed
        over. At most 60 seconds. Raises TimeoutError, which names what did come.
        """
        mail = self._emulator.ask(
            "next-code",
            {"userPoolId": self._user_pool_id, "to": address, "seconds": seconds},
            timeout=seconds + ANSWER_SECONDS,
        )
        if mail is None:
            came = [f"{mail.template} to {mail.to}" for mail in self.messages()]
            raise TimeoutError(
                f"no new code was mailed to {address} in {seconds:g} s."
                f" Mails so far: {', '.join(came) or 'none'}"
            )
        return str(mail["code"])

    def messages(self, address: str = "") -> list[Mail]:
        """The mails so far, the newest first, to everybody or to one address.

        A mail leaves a moment after the call that caused it was answered.
        """
        mails = self._emulator.ask("list-mails", {"userPoolId": self._user_pool_id, "to": address})
        return [
            Mail(
                to=mail["to"],
                subject=mail["subject"],
                template=mail["template"],
                code=mail["code"],
                sent_at=mail["sentAt"],
                text=mail["text"],
                html=mail["html"],
            )
            for mail in mails
        ]


@dataclass(frozen=True)
class Clock:
    """The time of the whole server, whatever pool. The test's own process keeps its own."""

    _emulator: Emulator

    def advance(self, seconds: float) -> None:
        """Move on; a negative number steps back."""
        self._emulator.ask("advance-clock", {"seconds": seconds})

    def reset(self) -> None:
        """Back to the real time; the fixture does it after each test."""
        self._emulator.ask("reset-clock")
