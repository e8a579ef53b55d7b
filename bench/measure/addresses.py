"""Addresses: ask for a code, bind, change."""

from __future__ import annotations

from bench.load.job import Flow, Needs, Request
from bench.load.wire import later, post
from bench.measure.checks import Check, addressed, codes_spent, counted
from bench.measure.operations import Operation
from bench.world.people import Person
from gatepost.vocabulary.channel import Channel


class SendEmail(Operation):
    """Ask for a code to bind an address."""

    name, title = "send-email", "send-email"

    def flows(self) -> list[Flow]:
        self.scene.make_newcomers(self.people)
        return [(self._send(person),) for person in self.people]

    def _send(self, person: Person) -> Request:
        body = {"email": self.address(person), "channel": Channel.BIND_EMAIL.value}
        return post("/api/v3/send-email", self.scene.headers(person), body)

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            addressed("verification_codes", "email", self.domain, done),
            addressed("outbox", "recipient", self.domain, done, template="email_bind_verify_code"),
        ]


class BindEmail(Operation):
    """Bind an address, the code in hand."""

    name, title = "bind-email", "bind-email, code in hand"

    def flows(self) -> list[Flow]:
        scene = self.scene
        scene.make_newcomers(self.people)
        emails = [self.address(person) for person in self.people]
        digits = scene.hand_codes(
            [
                (Channel.BIND_EMAIL, email, person.user_id)
                for email, person in zip(emails, self.people, strict=True)
            ]
        )
        return [
            (post("/api/v3/bind-email", scene.headers(p), {"email": email, "passCode": code}),)
            for p, email, code in zip(self.people, emails, digits, strict=True)
        ]

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            addressed("users", "email", self.domain, done),
            addressed("outbox", "recipient", self.domain, done, template="email_bound"),
            codes_spent(self.domain, done),
            counted("audit_log", "at", since, done, event="bindEmail"),
        ]

    def note(self, done: int) -> None:
        for person in self.people[:done]:
            person.email = self.address(person)


class Journey(SendEmail):
    """The whole way: ask, wait for the mail, read the code in it, bind."""

    name, title = "journey", "send-email, mail, bind-email"
    share = 0.4

    def flows(self) -> list[Flow]:
        self.scene.make_newcomers(self.people)
        return [(self._send(person), self._bind(person)) for person in self.people]

    def _bind(self, person: Person) -> Request:
        email, headers = self.address(person), self.scene.headers(person)
        value = {"email": email}
        path = "/api/v3/bind-email"
        return later(path, headers, value, "passCode", Needs.MAIL, email.encode())

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            *super().checks(done, since),
            addressed("users", "email", self.domain, done),
            addressed("outbox", "recipient", self.domain, done, template="email_bound"),
            counted("audit_log", "at", since, done, event="bindEmail"),
        ]

    def note(self, done: int) -> None:
        for person in self.people[:done]:
            person.email = self.address(person)


class UpdateEmail(Operation):
    """Change an address: prove both mailboxes, then change."""

    name, title = "update-email", "update-email, both steps"
    kind = "settled"

    def flows(self) -> list[Flow]:
        channel = Channel.UPDATE_EMAIL
        old = [(channel, str(person.email), person.user_id) for person in self.people]
        new = [(channel, self.address(person), person.user_id) for person in self.people]
        old_codes, new_codes = self.scene.hand_codes(old), self.scene.hand_codes(new)
        people = zip(self.people, old_codes, new_codes, strict=True)
        return [self._steps(person, *digits) for person, *digits in people]

    def _steps(self, person: Person, old_code: str, new_code: str) -> Flow:
        headers = self.scene.headers(person)
        payload = {
            "newEmail": self.address(person),
            "newEmailPassCode": new_code,
            "oldEmail": person.email,
            "oldEmailPassCode": old_code,
        }
        proof = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        first = post("/api/v3/verify-update-email-request", headers, proof)
        field = "updateEmailToken"
        after = f'"{field}":"'.encode()
        second = later("/api/v3/update-email", headers, {}, field, Needs.ANSWER, after)
        return first, second

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            addressed("users", "email", self.domain, done),
            addressed("outbox", "recipient", self.domain, done, template="email_changed"),
            codes_spent(self.domain, done),
            counted("audit_log", "at", since, done, event="updateUserEmail"),
        ]

    def note(self, done: int) -> None:
        for person in self.people[:done]:
            person.email = self.address(person)
