"""The rest of an account's life with the official SDKs, behind the same face."""

from __future__ import annotations

import re
from typing import Any, Protocol

from tests.support.sdks import Answer, Client, NodeClient, PythonClient

STEPS = {
    "sign_up_by_username_password": "signUpByUsernamePassword",
    "sign_up_by_email_passcode": "signUpByEmailCode",
    "unbind_email": "unbindEmail",
    "verify_update_email_request": "verifyUpdateEmailRequest",
    "update_email": "updateEmail",
    "update_profile": "updateProfile",
    "update_password": "updatePassword",
    "get_security_level": "getSecurityLevel",
    "get_login_history": "getLoginHistory",
    "get_logged_in_apps": "getLoggedInApps",
    "verify_reset_password_request": "verifyResetPasswordRequest",
    "reset_password": "resetPassword",
    "verify_delete_account_request": "verifyDeleteAccountRequest",
    "delete_account": "deleteAccount",
}
"""What each step is called in Python and in Node."""

WITHOUT_BODY = {"get_security_level", "get_logged_in_apps"}


class LifeClient(Client, Protocol):
    """A client that can do all that an account goes through."""

    def step(self, name: str, /, **given: Any) -> Answer:
        """A step by its Python name, with the names that Python gives its arguments."""

    def refresh(self, token: str) -> Answer:
        """New tokens for a refresh token."""

    def introspect(self, token: str) -> Answer:
        """What the server says of a token."""

    def revoke(self, token: str) -> bool:
        """Whether a token could be revoked."""

    def user_info(self, token: str) -> Answer:
        """The claims about whoever a token is of."""

    def claims(self, token: str) -> Answer:
        """What an access token says, checked with the server's public keys."""


class PythonLifeClient(PythonClient):
    """PyPI `genauth` or `authing`."""

    def step(self, name: str, /, **given: Any) -> Answer:
        assert name in STEPS
        answer: Answer = getattr(self._sdk, name)(**given)
        return answer

    def refresh(self, token: str) -> Answer:
        return self._sdk.get_new_access_token_by_refresh_token(token)

    def introspect(self, token: str) -> Answer:
        return self._sdk.introspect_token(token)

    def revoke(self, token: str) -> bool:
        return bool(self._sdk.revoke_token(token))

    def user_info(self, token: str) -> Answer:
        return self._sdk.get_user_info_by_access_token(token)

    def claims(self, token: str) -> Answer:
        return self._sdk.introspect_token_offline(token)


class NodeLifeClient(NodeClient):
    """npm `authing-node-sdk`."""

    def step(self, name: str, /, **given: Any) -> Answer:
        body = [] if name in WITHOUT_BODY else [{_camel(key): it for key, it in given.items()}]
        return self._call(STEPS[name], *body)

    def refresh(self, token: str) -> Answer:
        return self._call("getNewAccessTokenByRefreshToken", token)

    def introspect(self, token: str) -> Answer:
        return self._call("introspectToken", token)

    def revoke(self, token: str) -> bool:
        return bool(self._call("revokeToken", token))

    def user_info(self, token: str, **how: str) -> Answer:
        return self._call("getUserInfoByAccessToken", token, *([how] if how else []))

    def claims(self, token: str) -> Answer:
        return self._call("parseAccessToken", token)


def _camel(name: str) -> str:
    return re.sub("_(.)", lambda match: match[1].upper(), name)
