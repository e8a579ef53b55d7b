"""Sign-up, sign-in and tokens, told to the server and to the model at once."""

from __future__ import annotations

from typing import Any

from tests.model import entering
from tests.model.stage import Ground, claims_of, shown_is
from tests.model.state import Account, RefreshToken, Session, Ticket
from tests.model.steps import Steps
from tests.model.words import ACCESS

SCOPE = "openid profile email username"


class Play(Steps):
    """Every step there is."""

    async def signs_up(
        self,
        ground: Ground,
        username: str | None,
        email: str | None,
        password: str | None,
        proof: tuple[str, str] | None,
        place: str,
    ) -> None:
        """With a code alone, or with a password and perhaps a code for the address."""
        body: dict[str, Any] = {"profile": {}, "options": {}}
        if password is None:
            assert proof
            payload = {"email": email, "passCode": proof[1]}
            body |= {"connection": "PASSCODE", "passCodePayload": payload}
        else:
            payload = {"username": username, "password": password}
            body |= {"connection": "PASSWORD", "passwordPayload": payload}
            if proof:
                body["profile"] = {"email": email}
                body["options"] = {"emailPassCodeForInformationCompletion": proof[1]}
            else:
                payload["email"] = email
        pool = ground.pool
        data, account = await self.compare(
            ground,
            self.post(ground, "signup", body, None, place),
            lambda: entering.sign_up(pool, username, email, password, proof, place),
        )
        if data.get("userId"):
            shown_is(Account("", username, email, bool(proof)), data)
        if account is not None:
            account.id = data["userId"]

    async def signs_in(self, ground: Ground, name: str, password: str, *, offline: bool) -> None:
        payload = {"account": name, "password": password}
        body = self._signing_in("PASSWORD", "passwordPayload", payload, offline)
        data, account = await self.compare(
            ground,
            self.post(ground, "signin", body, None),
            lambda: entering.sign_in(ground.pool, name, password),
        )
        link = entering.shown_bind(ground.pool, account) if account else None
        assert (link is not None) is ("recentEmailBind" in data)
        if link is not None:
            assert data["recentEmailBind"]["email"] == link.email
            link.url = data["recentEmailBind"]["undoUrl"]
        self._begins(ground, account, data, offline)

    async def signs_in_by_code(
        self,
        ground: Ground,
        email: str,
        answer: str,
        place: str,
        *,
        registers: bool,
        offline: bool,
    ) -> None:
        payload = {"email": email, "passCode": answer}
        body = self._signing_in("PASSCODE", "passCodePayload", payload, offline)
        body["options"]["autoRegister"] = registers
        data, account = await self.compare(
            ground,
            self.post(ground, "signin", body, None, place),
            lambda: entering.sign_in_by_code(ground.pool, email, answer, registers, place),
        )
        self._begins(ground, account, data, offline)

    def _signing_in(
        self, connection: str, name: str, payload: dict[str, str], offline: bool
    ) -> dict[str, Any]:
        scope = SCOPE + (" offline_access" if offline else "")
        return {"connection": connection, name: payload, "options": {"scope": scope}}

    def _begins(
        self, ground: Ground, account: Account | None, data: dict[str, Any], offline: bool
    ) -> None:
        if account is None:
            return
        claims = claims_of(data["access_token"])
        account.id = account.id or claims["sub"]
        assert claims["sub"] == account.id
        session = entering.begin(ground.pool, account, claims["sid"], offline)
        self._holds(ground, session, data)
        assert ("refresh_token" in data) is offline
        if offline:
            entering.first_refresh_token(ground.pool, session, data["refresh_token"])

    def _holds(self, ground: Ground, session: Session, data: dict[str, Any]) -> None:
        assert data["expires_in"] == ACCESS
        expires = ground.pool.now + ACCESS
        ground.tickets.append(Ticket(data["access_token"], session, expires))

    async def refreshes(self, ground: Ground, text: str) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": text}
        data, token = await self.compare(
            ground, self._oauth(ground, "token", form), lambda: entering.refresh(ground.pool, text)
        )
        if isinstance(token, RefreshToken):
            assert token.text in ("", data["refresh_token"])
            token.text = data["refresh_token"]
            assert claims_of(data["access_token"])["sid"] == token.session.id
            self._holds(ground, token.session, data)

    async def signs_out(self, ground: Ground, ticket: Ticket) -> None:
        form = {"token": ticket.text}
        ending = self._oauth(ground, "token/revocation", form)
        await self.compare(ground, ending, lambda: entering.sign_out(ground.pool, ticket))

    async def _oauth(self, ground: Ground, step: str, form: dict[str, str]) -> dict[str, Any]:
        """An answer of the OAuth endpoints, in the shape of the others."""
        given = form | {"client_id": ground.app.app_id}
        response = await self.world.http.post(f"/oidc/{step}", data=given)
        data: dict[str, Any] = response.json()
        if response.status_code == 200:
            return {"statusCode": 200, "data": data}
        assert (response.status_code, data["error"]) == (400, "invalid_grant")
        return {"statusCode": 400, "apiCode": 90002}
