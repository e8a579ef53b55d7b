"""Who a mail is from, and what may stand in an address."""

from __future__ import annotations

import pytest

from gatepost.mail.message import Sender, is_one_address


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("no-reply@example.com", Sender("no-reply@example.com")),
        (" no-reply@example.com ", Sender("no-reply@example.com")),
        ("<no-reply@example.com>", Sender("no-reply@example.com")),
        ("Example Shop <no-reply@example.com>", Sender("no-reply@example.com", "Example Shop")),
        ('"Shop, Inc." <no-reply@example.com>', Sender("no-reply@example.com", "Shop, Inc.")),
        ("小店 <no-reply@example.com>", Sender("no-reply@example.com", "小店")),
    ],
)
def test_an_operator_writes_the_sender_with_or_without_a_name(text: str, sender: Sender) -> None:
    assert Sender.parse(text) == sender


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com",
        "a@b.example, c@d.example",
        "Shop <a@b.example> <c@d.example>",
        "Shop\r\nBcc: mallory@example.com <a@b.example>",
        "grüße@example.com",
        "a b@example.com",
    ],
)
def test_a_sender_that_is_not_one_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="sender"):
        Sender.parse(text)


@pytest.mark.parametrize(
    "address",
    [
        "ann@example.com,mallory@example.com",
        "ann@example.com\r\nBcc: mallory@example.com",
        "ann@example.com>\r\nRCPT TO:<mallory@example.com",
        "ann@example.com\x00",
        "ann@example.com\u2028",
        "=?utf-8?q?mallory=40evil.example=3e?=@example.com",
        '"ann smith"@example.com',
        "ann@mallory@example.com",
        "Ann <ann@example.com>",
        "ann(comment)@example.com",
    ],
)
def test_what_is_more_than_one_address_never_passes_for_one(address: str) -> None:
    assert not is_one_address(address)


@pytest.mark.parametrize(
    "address", ["ann@example.com", "o'hara+x@b.example", "安@xn--fiq228c.test"]
)
def test_plain_addresses_pass(address: str) -> None:
    assert is_one_address(address)
