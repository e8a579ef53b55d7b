"""What a mailed code is for. A code of one channel opens nothing on another."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """The purposes that the Send Email interface knows, by their names on the wire."""

    LOGIN = "CHANNEL_LOGIN"
    REGISTER = "CHANNEL_REGISTER"
    RESET_PASSWORD = "CHANNEL_RESET_PASSWORD"
    VERIFY_EMAIL_LINK = "CHANNEL_VERIFY_EMAIL_LINK"
    UPDATE_EMAIL = "CHANNEL_UPDATE_EMAIL"
    BIND_EMAIL = "CHANNEL_BIND_EMAIL"
    UNBIND_EMAIL = "CHANNEL_UNBIND_EMAIL"
    VERIFY_MFA = "CHANNEL_VERIFY_MFA"
    UNLOCK_ACCOUNT = "CHANNEL_UNLOCK_ACCOUNT"
    COMPLETE_EMAIL = "CHANNEL_COMPLETE_EMAIL"
    DELETE_ACCOUNT = "CHANNEL_DELETE_ACCOUNT"


OF_THE_OWNER = {Channel.UNBIND_EMAIL, Channel.DELETE_ACCOUNT, Channel.VERIFY_EMAIL_LINK}
"""Mails to the account that has the address; if none has, nothing is mailed."""
