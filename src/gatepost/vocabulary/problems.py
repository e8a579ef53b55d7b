"""What can be wrong with one field of a request."""

from __future__ import annotations

from enum import StrEnum


class Problem(StrEnum):
    """The closed list of problems that InvalidRequest names; their words are in `messages/`."""

    MISSING = "missing"
    EMPTY = "empty"
    NOT_TEXT = "not_text"
    NOT_NUMBER = "not_number"
    NOT_WHOLE_NUMBER = "not_whole_number"
    NOT_BOOLEAN = "not_boolean"
    NOT_OBJECT = "not_object"
    NOT_LIST = "not_list"
    NOT_HEX = "not_hex"
    NOT_BASE64 = "not_base64"
    NOT_URL = "not_url"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_SUPPORTED_VALUE = "not_supported_value"
    NOT_DECRYPTABLE = "not_decryptable"
    DUPLICATE_KEY = "duplicate_key"
    CONTROL_CHARACTERS = "control_characters"
    MALFORMED = "malformed"
    TOO_DEEP = "too_deep"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    TOO_MANY = "too_many"
    OUT_OF_RANGE = "out_of_range"
    CONFLICTING = "conflicting"
