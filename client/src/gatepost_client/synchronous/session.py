"""Sending calls: connections, tries, and the tokens of whoever is signed in."""
# Made by client/generate.py from the file of this name: edit that one.

from __future__ import annotations

import logging
import time
from typing import TypeVar

import httpx2

from gatepost_client.answers import Answer
from gatepost_client.calls import Call, answer_of, request_of
from gatepost_client.data import LoginTokens, SigningKeys, SystemInfo
from gatepost_client.encrypting import Keys, encrypted
from gatepost_client.holding import HeldTokens
from gatepost_client.links import Links
from gatepost_client.options import Options
from gatepost_client.payloads import Encryption
from gatepost_client.records import record
from gatepost_client.refusals import Refusal, TokenInvalid
from gatepost_client.repeating import Tries
from gatepost_client.synchronous.primitives import HttpClient, Lock, sleep

T = TypeVar("T")

SIGNED_OUT = (None, 2020, 2206, 2207)
"""The codes beside a 401 that a fresh access token helps against."""

_log = logging.getLogger("gatepost_client")


class Session(Links):
    """Connections to a server, and the tokens of one user."""

    def __init__(self, options: Options, http: HttpClient, held: HeldTokens) -> None:
        super().__init__(options)
        self._http = http
        self._held = held
        self._renewing = Lock()
        self._keys = Keys[SystemInfo]()
        self._signing_keys = Keys[SigningKeys]()

    def _send(self, call: Call[T]) -> Answer[T]:
        """Send a call; its answer, or that of the server to the wish for a new access token."""
        try:
            answer = self._signed_in(call)
        except Refusal as refusal:
            answer = refusal.answer
        if self._options.raise_for_status:
            answer.raise_for_status()
        return answer

    def _signed_in(self, call: Call[T]) -> Answer[T]:
        """Send a call, with a fresh access token if need be and if there can be one."""
        held = self._held
        if call.signed_in and held.stale():
            self._renew(held.access_token)
        used = held.access_token
        answer = self._exchange(call, used)
        signed_out = answer.status_code == 401 and answer.api_code in SIGNED_OUT
        if call.signed_in and signed_out and self._renew(used):
            # It was refused before it did anything, so any call may be sent again.
            answer = self._exchange(call, held.access_token)
        return answer

    def _renew(self, used: str | None) -> bool:
        """Have an access token other than the one used: one call, however many ask for it.

        False if there is none to be had. Raises what the server refuses for another reason, since
        signing in again would not help against that.
        """
        held = self._held
        with self._renewing:
            if held.access_token != used:
                return held.access_token is not None
            if held.refresh_token is None:
                return False
            shown = held.refresh_token
            answer = self._exchange(self._refresh_call(shown), None)
            if held.refresh_token != shown:
                return False  # somebody set other tokens meanwhile
            if answer.ok:
                held.renewed(answer.data)
                return True
            refusal = answer.refusal()
            if not isinstance(refusal, TokenInvalid):
                raise refusal
            held.hold(held.access_token, None)  # it will never be good again
            return False

    def _refresh_call(self, refresh_token: str) -> Call[LoginTokens]:
        """New tokens for a refresh token.

        May be repeated: if the answer got lost, the old token may be used up, and asking again
        at once is the only way to the new one.
        """
        method = self._options.token_endpoint_auth_method
        return Call(
            "POST",
            "/oidc/token",
            record(LoginTokens),
            form={
                **self._options.in_body(method),
                "grant_type": "refresh_token",
                "refresh_token": refresh_token,
            },
            authorization=self._options.in_header(method),
            repeatable=True,
            bare=True,
        )

    def _exchange(self, call: Call[T], access_token: str | None) -> Answer[T]:
        """Send a call as often as it may be and needs to be; the last answer, whatever it says."""
        request = request_of(call, self._options, access_token)
        tries = Tries(call, self._options)
        while True:
            began = time.monotonic()
            try:
                response = self._http.request(
                    request.method, request.url, headers=request.headers, content=request.content
                )
            except (httpx2.RequestError, OSError) as error:
                _log.debug("%s %s: %s", call.method, call.path, type(error).__name__)
                pause = tries.after_failure(error)
            else:
                took = (time.monotonic() - began) * 1000
                answer = answer_of(call, response.status_code, response.headers, response.content)
                status = answer.status_code
                _log.debug("%s %s: %d in %.0f ms", call.method, call.path, status, took)
                wait = tries.after_answer(answer)
                if wait is None:
                    return answer
                pause = wait
            sleep(pause)

    def _system_call(self) -> Call[SystemInfo]:
        return Call("GET", "/api/v3/system", record(SystemInfo), repeatable=True, bare=True)

    def _sealed(
        self, password: str, encryption: Encryption | None
    ) -> tuple[str, Encryption | None]:
        """A password as it is sent, and how it is encrypted.

        Who says how it is encrypted has done it. Else the client does, if it is set to.
        """
        wanted = self._options.password_encryption
        if encryption is not None or wanted == "none":
            return password, encryption
        known = self._keys.known()
        if known is None:
            answer = self._exchange(self._system_call(), None)
            known = self._keys.learned(answer.data)
        return encrypted(password, wanted, known), wanted
