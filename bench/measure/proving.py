"""Steps that a code or a token from the step before opens, each by itself."""

from __future__ import annotations

from typing import Any, ClassVar

from bench.load.job import Flow, Request
from bench.load.wire import OK, post
from bench.measure.checks import Check, addressed, codes_spent, counted, kept
from bench.measure.operations import Operation
from bench.world.people import Person
from gatepost.storage.step_tokens import Step
from gatepost.vocabulary.channel import Channel


class WithAddress(Operation):
    """Whatever begins with an address of one's own, which all have in the run's domain."""

    event: ClassVar[str]

    def flows(self) -> list[Flow]:
        self.scene.give_addresses(self.people, self.domain)
        return self._steps()

    def _steps(self) -> list[Flow]:
        raise NotImplementedError

    def _codes(self, channel: Channel, subjects: list[str]) -> list[str]:
        """Codes for everybody's own address."""
        wanted = [
            (channel, self.address(person), subject)
            for person, subject in zip(self.people, subjects, strict=True)
        ]
        return self.scene.hand_codes(wanted)

    def _own_codes(self, channel: Channel) -> list[str]:
        return self._codes(channel, [person.user_id for person in self.people])

    def checks(self, done: int, since: int) -> list[Check]:
        return [counted("audit_log", "at", since, done, event=self.event)]


class PreCheckCode(Operation):
    """Look at a code before it is used, as a form does: it must stay as it is."""

    name, title = "pre-check-code", "pre-check-code"

    def flows(self) -> list[Flow]:
        channel = Channel.BIND_EMAIL
        digits = self.scene.hand_codes(
            [(channel, self.address(person), person.user_id) for person in self.people]
        )
        people = zip(self.people, digits, strict=True)
        return [(self._look(person, channel, code),) for person, code in people]

    def _look(self, person: Person, channel: Channel, code: str) -> Request:
        payload = {"email": self.address(person), "passCode": code, "channel": channel}
        body = {"codeType": "EMAIL", "emailCodePayload": payload}
        headers = self.scene.headers(person)
        return post("/api/v3/pre-check-code", headers, body, b'"isValid":true')

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            codes_spent(self.domain, 0),
            counted("audit_log", "at", since, done, event="preCheckCode"),
        ]


class UnbindEmail(WithAddress):
    """Take an address off, the code in hand."""

    name, title = "unbind-email", "unbind-email"
    event = "unbindEmail"

    def _steps(self) -> list[Flow]:
        people = zip(self.people, self._own_codes(Channel.UNBIND_EMAIL), strict=True)
        path, headers = "/api/v3/unbind-email", self.scene.headers
        return [(post(path, headers(person), {"passCode": code}),) for person, code in people]

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            *super().checks(done, since),
            addressed("users", "email", self.domain, len(self.people) - done),
            addressed("outbox", "recipient", self.domain, done, template="email_unbound"),
            codes_spent(self.domain, done),
        ]

    def note(self, done: int) -> None:
        for person in self.people[:done]:
            person.email = None


class Granting(WithAddress):
    """The first of two steps: a proof, for a token."""

    step: ClassVar[Step]
    path: ClassVar[str]
    codes_each: ClassVar[int] = 1

    def flows(self) -> list[Flow]:
        self.scene.forget_step_tokens(self.step)
        return super().flows()

    def _call(self, headers: dict[str, str], payload: dict[str, Any], **more: str) -> Request:
        proof = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        return post(self.path, headers, proof | more, b'"tokenExpiresIn"')

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            *super().checks(done, since),
            kept("step_tokens", done, purpose=self.step),
            codes_spent(self.domain, done * self.codes_each),
        ]


class VerifyUpdateEmail(Granting):
    """Prove the old and the new address."""

    name, title = "verify-update-email-request", "verify-update-email-request"
    event, step = "verifyUpdateEmailRequest", Step.UPDATE_EMAIL
    path = "/api/v3/verify-update-email-request"
    codes_each = 2

    def _steps(self) -> list[Flow]:
        channel = Channel.UPDATE_EMAIL
        new = [(channel, f"new-{self.address(person)}", person.user_id) for person in self.people]
        people = zip(self.people, self._own_codes(channel), self.scene.hand_codes(new), strict=True)
        return [(self._prove(person, *digits),) for person, *digits in people]

    def _prove(self, person: Person, old_code: str, new_code: str) -> Request:
        payload = {
            "newEmail": f"new-{self.address(person)}",
            "newEmailPassCode": new_code,
            "oldEmail": self.address(person),
            "oldEmailPassCode": old_code,
        }
        return self._call(self.scene.headers(person), payload)


class VerifyResetPassword(Granting):
    """Prove the mailbox of an account whose password is forgotten, without a sign-in."""

    name, title = "verify-reset-password-request", "verify-reset-password-request"
    event, step = "verifyResetPasswordRequest", Step.RESET_PASSWORD
    path = "/api/v3/verify-reset-password-request"

    def _steps(self) -> list[Flow]:
        digits = self._codes(Channel.RESET_PASSWORD, [""] * len(self.people))
        people = zip(self.people, digits, strict=True)
        return [(self._prove(person, code),) for person, code in people]

    def _prove(self, person: Person, code: str) -> Request:
        payload = {"email": self.address(person), "passCode": code}
        app = self.scene.app_credentials()
        return self._call(self.scene.back_end(person), payload, **app)


class VerifyDeleteAccount(Granting):
    """Prove by a code that an account is one's own before it is deleted."""

    name, title = "verify-delete-account-request", "verify-delete-account-request"
    event, step = "verifyDeleteAccountRequest", Step.DELETE_ACCOUNT
    path = "/api/v3/verify-delete-account-request"

    def _steps(self) -> list[Flow]:
        people = zip(self.people, self._own_codes(Channel.DELETE_ACCOUNT), strict=True)
        return [(self._prove(person, code),) for person, code in people]

    def _prove(self, person: Person, code: str) -> Request:
        payload = {"email": self.address(person), "passCode": code}
        return self._call(self.scene.headers(person), payload)


class Redeeming(WithAddress):
    """The second of two steps, the token in hand."""

    step: ClassVar[Step]
    path: ClassVar[str]
    token_field: ClassVar[str]

    def _steps(self) -> list[Flow]:
        wanted = [(person, self._new_address(person)) for person in self.people]
        tokens = self.scene.hand_step_tokens(self.step, wanted)
        people = zip(self.people, tokens, strict=True)
        return [(self._call(person, token),) for person, token in people]

    def _new_address(self, person: Person) -> str | None:
        return None

    def _call(self, person: Person, token: str) -> Request:
        return post(self.path, self.scene.headers(person), {self.token_field: token})

    def checks(self, done: int, since: int) -> list[Check]:
        left = len(self.people) - done
        return [*super().checks(done, since), kept("step_tokens", left, purpose=self.step)]


class UpdateEmailGranted(Redeeming):
    """Change an address that was proved."""

    name, title = "update-email-granted", "update-email, second step"
    event, step = "updateUserEmail", Step.UPDATE_EMAIL
    path, token_field = "/api/v3/update-email", "updateEmailToken"

    def _new_address(self, person: Person) -> str:
        return f"person{person.number}@new.{self.domain}"

    def checks(self, done: int, since: int) -> list[Check]:
        new, old = f"new.{self.domain}", self.domain
        return [
            *super().checks(done, since),
            addressed("users", "email", new, done),
            addressed("outbox", "recipient", new, done, template="email_changed"),
            addressed("outbox", "recipient", old, done, template="email_changed_from"),
        ]

    def note(self, done: int) -> None:
        for person in self.people[:done]:
            person.email = self._new_address(person)


class DeleteAccount(Redeeming):
    """Delete an account. Its person gets it back for what is measured next."""

    name, title = "delete-account", "delete-account"
    event, step = "deleteAccount", Step.DELETE_ACCOUNT
    path, token_field = "/api/v3/delete-account", "deleteAccountToken"

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            *super().checks(done, since),
            addressed("users", "email", self.domain, len(self.people) - done),
            addressed("outbox", "recipient", self.domain, done, template="account_deleted"),
        ]

    def note(self, done: int) -> None:
        self.scene.bring_back(self.people[:done])


class SignUpByCode(Operation):
    """Make an account by a code from a mail, in hand; through the app's back-end."""

    name, title = "sign-up-by-code", "sign-up by code"
    token_is_known = False

    def flows(self) -> list[Flow]:
        emails = [self.address(person) for person in self.people]
        digits = self.scene.hand_codes([(Channel.REGISTER, email, "") for email in emails])
        people = zip(self.people, digits, strict=True)
        return [(self._call(person, code),) for person, code in people]

    def _call(self, person: Person, code: str) -> Request:
        payload = {"email": self.address(person), "passCode": code}
        body = {"connection": "PASSCODE", "passCodePayload": payload}
        scene = self.scene
        return post("/api/v3/signup", scene.back_end(person), body | scene.app_credentials(), OK)

    def checks(self, done: int, since: int) -> list[Check]:
        return [
            addressed("users", "email", self.domain, done, source_type="register"),
            codes_spent(self.domain, done),
            counted("audit_log", "at", since, done, event="register"),
        ]
