"""What people do, told to the server and to the model at once."""

from __future__ import annotations

from typing import Any

from tests.model import addresses, mailing, owning, pressing
from tests.model.stage import Ground, Stage, shown_is
from tests.model.state import Link, StepToken, Ticket, visitor_of
from tests.model.words import STEP, No
from tests.support.links import send

GRANTS = {
    "update_email": "updateEmailToken",
    "reset_password": "passwordResetToken",
    "delete_account": "deleteAccountToken",
}
PROFILES = "openid profile email username"


class Steps(Stage):
    """Each step as one method."""

    async def asks(
        self, ground: Ground, channel: str, email: str, ticket: Ticket | None, place: str
    ) -> None:
        body = {"email": email.title(), "channel": f"CHANNEL_{channel}"}
        asking = self.post(ground, "send-email", body, ticket, place)
        await self.compare(
            ground, asking, lambda: mailing.ask(ground.pool, channel, email, ticket, place)
        )

    async def looks(
        self,
        ground: Ground,
        channel: str,
        email: str,
        ticket: Ticket | None,
        answer: str,
        place: str,
    ) -> None:
        """Somebody looks whether a code is right, without using it."""

        def rule() -> bool:
            visitor = visitor_of(ground.pool, ticket)
            who = visitor.account if visitor else None
            try:
                mailing.Proof(ground.pool, channel, email, who, answer, place)
            except No:
                return False
            return True

        payload = {"email": email, "passCode": answer, "channel": f"CHANNEL_{channel}"}
        body = {"codeType": "EMAIL", "emailCodePayload": payload}
        looking = self.post(ground, "pre-check-code", body, ticket, place)
        data, valid = await self.compare(ground, looking, rule)
        assert data["isValid"] is valid

    async def binds(
        self, ground: Ground, ticket: Ticket | None, email: str, answer: str, place: str
    ) -> None:
        body = {"email": email, "passCode": answer}
        binding = self.post(ground, "bind-email", body, ticket, place)
        await self.compare(
            ground, binding, lambda: addresses.bind(ground.pool, ticket, email, answer, place)
        )

    async def unbinds(self, ground: Ground, ticket: Ticket | None, answer: str, place: str) -> None:
        unbinding = self.post(ground, "unbind-email", {"passCode": answer}, ticket, place)
        await self.compare(
            ground, unbinding, lambda: addresses.unbind(ground.pool, ticket, answer, place)
        )

    async def proves_change(
        self,
        ground: Ground,
        ticket: Ticket | None,
        new: tuple[str, str],
        old: tuple[str, str] | None,
        place: str,
    ) -> None:
        payload = {"newEmail": new[0], "newEmailPassCode": new[1]}
        if old:
            payload |= {"oldEmail": old[0], "oldEmailPassCode": old[1]}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        proving = self.post(ground, "verify-update-email-request", body, ticket, place)
        data, step = await self.compare(
            ground,
            proving,
            lambda: addresses.prove_change(ground.pool, ticket, new, old, place),
        )
        self._grants(ground, step, data)

    async def changes(self, ground: Ground, ticket: Ticket | None, text: str) -> None:
        changing = self.post(ground, "update-email", {"updateEmailToken": text}, ticket)
        await self.compare(ground, changing, lambda: addresses.change(ground.pool, ticket, text))

    async def proves_reset(self, ground: Ground, email: str, answer: str, place: str) -> None:
        payload = {"email": email, "passCode": answer}
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        proving = self.post(ground, "verify-reset-password-request", body, None, place)
        data, step = await self.compare(
            ground, proving, lambda: owning.prove_reset(ground.pool, email, answer, place)
        )
        self._grants(ground, step, data)

    async def resets(self, ground: Ground, text: str, password: str) -> None:
        body = {"passwordResetToken": text, "password": password}
        resetting = self.post(ground, "reset-password", body, None)
        await self.compare(ground, resetting, lambda: owning.reset(ground.pool, text, password))

    async def proves_deletion(
        self, ground: Ground, ticket: Ticket | None, email: str | None, answer: str, place: str
    ) -> None:
        payload = {"passCode": answer} | ({"email": email} if email else {})
        body = {"verifyMethod": "EMAIL_PASSCODE", "emailPassCodePayload": payload}
        proving = self.post(ground, "verify-delete-account-request", body, ticket, place)
        data, step = await self.compare(
            ground,
            proving,
            lambda: owning.prove_deletion_by_code(ground.pool, ticket, email, answer, place),
        )
        self._grants(ground, step, data)

    async def proves_deletion_by_password(
        self, ground: Ground, ticket: Ticket | None, password: str
    ) -> None:
        body = {"verifyMethod": "PASSWORD", "passwordPayload": {"password": password}}
        proving = self.post(ground, "verify-delete-account-request", body, ticket)
        data, step = await self.compare(
            ground,
            proving,
            lambda: owning.prove_deletion_by_password(ground.pool, ticket, password),
        )
        self._grants(ground, step, data)

    def _grants(self, ground: Ground, step: StepToken | None, data: dict[str, Any]) -> None:
        if step is not None:
            step.text = data[GRANTS[step.kind]]
            assert data["tokenExpiresIn"] == STEP[step.kind]
            ground.granted.append(step)

    async def deletes(self, ground: Ground, ticket: Ticket | None, text: str) -> None:
        deleting = self.post(ground, "delete-account", {"deleteAccountToken": text}, ticket)
        await self.compare(ground, deleting, lambda: owning.delete(ground.pool, ticket, text))

    async def updates_password(
        self, ground: Ground, ticket: Ticket | None, old: str | None, new: str
    ) -> None:
        body = {"newPassword": new} | ({"oldPassword": old} if old else {})
        updating = self.post(ground, "update-password", body, ticket)
        await self.compare(
            ground, updating, lambda: owning.update_password(ground.pool, ticket, old, new)
        )

    async def updates_profile(
        self, ground: Ground, ticket: Ticket | None, nickname: str | None, username: str | None
    ) -> None:
        body = {"nickname": nickname, "username": username}
        updating = self.post(ground, "update-profile", body, ticket)
        data, account = await self.compare(
            ground,
            updating,
            lambda: owning.update_profile(ground.pool, ticket, nickname, username),
        )
        if account is not None:
            shown_is(account, data)

    async def shows(self, ground: Ground, ticket: Ticket | None) -> None:
        """Somebody looks at the account that a token opens."""
        token = ticket.text if ticket else None
        for path in ("get-profile", "get-security-info"):
            looking = self.world.get(f"/api/v3/{path}", app=ground.app, token=token)
            data, account = await self.compare(
                ground, looking, lambda: addresses.profile_of(ground.pool, ticket)
            )
            if account is not None and path == "get-profile":
                shown_is(account, data)
            elif account is not None:
                assert data["emailBinded"] is (account.email is not None)
                assert data["passwordSet"] is (account.password is not None)

    async def presses(
        self, ground: Ground, link: Link, password: str | None, new: str | None
    ) -> None:
        """Open the page behind a link, and press its button whether it shows one or not."""
        self.agreed = False
        ground.pool.mails.clear()
        page = await self.world.http.get(link.url)
        opened = pressing.is_open(ground.pool, link)
        assert page.status_code == (200 if opened else 404)
        token = link.url.partition("?token=")[2].partition("&")[0]
        fields = {"password": password, "newPassword": new}
        given = {name: value for name, value in fields.items() if value is not None}
        done = await send(self.world, f"/link/{link.purpose}", token=token, **given)
        status = 404
        if opened:
            try:
                pressing.press(ground.pool, link, password, new)
                status = 200
            except No:
                status = 422
        assert done.status_code == status
        await self.compare_mails(ground)
        self.agreed = True
