"""The answers that the rules know, by name, and the lengths of time that they speak of."""

from __future__ import annotations

MINUTE, HOUR, DAY = 60, 3_600, 86_400

RESEND = MINUTE
FRESH_SIGN_IN = 15 * MINUTE
PROBATION = PAUSE = STOP = DAY
NOTICE = 3 * DAY
ACCESS, REFRESH = 14 * DAY, 30 * DAY
GRACE = 30
STEP = {"update_email": MINUTE, "delete_account": MINUTE, "reset_password": 5 * MINUTE}

OK = (200, None)
REFUSALS = {
    "InvalidRequest": (400, None),
    "NotSignedIn": (401, 2020),
    "SessionEnded": (401, 2206),
    "ReauthenticationRequired": (401, 90003),
    "WrongCredentials": (403, 2333),
    "UserSuspended": (403, 2120008),
    "EmailUnverified": (403, 2042),
    "RegistrationClosed": (403, 2031),
    "CodeIncorrect": (400, 2001),
    "CodeExpired": (400, 2300),
    "SentTooRecently": (422, 2080),
    "EmailTaken": (409, 2200),
    "EmailAlreadyBound": (422, 90001),
    "NoEmailBound": (422, 2219),
    "LastSignInMethod": (422, 2217),
    "OldEmailRequired": (400, 2227),
    "OldEmailMismatch": (400, 2037),
    "SameEmail": (422, 2229),
    "TokenInvalid": (400, 90002),
    "UserExists": (409, 2026),
    "UsernameTaken": (409, 2034),
    "PasswordTooWeak": (400, 2029),
    "OldPasswordRequired": (400, 2201),
    "OldPasswordWrong": (400, 2203),
    "PasswordReused": (400, 2059),
    "UserNotFound": (404, 2004),
    "ChangesPaused": (403, 90004),
    "NotSupported": (501, None),
}

CODE_MAILS = {
    "LOGIN": "login_verify_code",
    "REGISTER": "register_verify_code",
    "RESET_PASSWORD": "reset_password_verify_code",
    "BIND_EMAIL": "email_bind_verify_code",
    "UPDATE_EMAIL": "email_update_verify_code",
    "UNBIND_EMAIL": "email_unbind_verify_code",
    "COMPLETE_EMAIL": "information_completion_verify_code",
    "DELETE_ACCOUNT": "delete_account_verify_code",
}
OF_THE_MAILBOX = {"LOGIN", "REGISTER", "RESET_PASSWORD", "COMPLETE_EMAIL"}
OF_THE_OWNER = {"UNBIND_EMAIL", "DELETE_ACCOUNT", "VERIFY_EMAIL_LINK"}
WITHOUT_A_STEP = {"VERIFY_MFA", "UNLOCK_ACCOUNT"}
CHANNELS = [*CODE_MAILS, "VERIFY_EMAIL_LINK", *sorted(WITHOUT_A_STEP)]


NOBODY = "nobody"
"""Whose codes are that no mail carries."""

UNREAD = "?"
"""A digit that nobody outside the server has seen."""


class No(Exception):
    """A refusal, by its name; `retry_after` in seconds where it ends by itself."""

    def __init__(self, name: str, retry_after: int | None = None) -> None:
        super().__init__(name)
        self.name, self.retry_after = name, retry_after
