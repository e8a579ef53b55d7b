"""The client says no in the server's words."""

from __future__ import annotations

import pytest

from gatepost.oidc.errors import ERRORS
from gatepost.vocabulary import refusals as servers
from gatepost_client.recognition import OAUTH_ERRORS, all_refusals, refusal_class

SERVERS = {refusal.__name__: refusal for refusal in servers.all_refusals()}
CLIENTS = {refusal.__name__: refusal for refusal in all_refusals()}


def test_the_two_lists_are_the_same() -> None:
    assert list(CLIENTS) == list(SERVERS)


@pytest.mark.parametrize("name", SERVERS)
def test_each_is_recognised(name: str) -> None:
    server, client = SERVERS[name], CLIENTS[name]
    assert refusal_class(server.status, server.api_code) is client
    assert client.status == server.status and client.__doc__
    later = issubclass(server, servers.RetryLater)
    assert later == any(parent.__name__ == "RetryLater" for parent in client.__mro__)


def test_what_oauth_says_is_the_same_thing() -> None:
    said = {word for word, _ in ERRORS.values()}
    assert said <= set(OAUTH_ERRORS)
    for word in said:
        names = [refusal.__name__ for refusal, (error, _) in ERRORS.items() if error == word]
        assert OAUTH_ERRORS[word].__name__ in names
