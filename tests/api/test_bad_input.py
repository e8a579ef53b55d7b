"""What cannot be read is refused by its field's name; nothing is stored, mailed or broken."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec
import pytest

from tests.support.backstage import footprint, rows, said
from tests.support.world import World

EMAIL = "ann@example.com"


class Endpoint(NamedTuple):
    """A POST endpoint: a body that would do, its needed texts, and which of them is first."""

    path: str
    body: dict[str, Any]
    texts: tuple[str, ...]
    email: str | None = None


ENDPOINTS = [
    Endpoint(
        "/api/v3/signin",
        {"connection": "PASSCODE", "passCodePayload": {"email": EMAIL, "passCode": "123456"}},
        ("connection", "passCodePayload.passCode"),
        "passCodePayload.email",
    ),
    Endpoint(
        "/api/v3/signin",
        {"connection": "PASSWORD", "passwordPayload": {"email": EMAIL, "password": "x"}},
        ("connection", "passwordPayload.password"),
        "passwordPayload.email",
    ),
    Endpoint(
        "/api/v3/send-email",
        {"email": EMAIL, "channel": "CHANNEL_LOGIN"},
        ("email", "channel"),
        "email",
    ),
    Endpoint(
        "/api/v3/pre-check-code",
        {
            "codeType": "EMAIL",
            "emailCodePayload": {"email": EMAIL, "passCode": "1", "channel": "CHANNEL_LOGIN"},
        },
        (
            "codeType",
            "emailCodePayload.email",
            "emailCodePayload.passCode",
            "emailCodePayload.channel",
        ),
        "emailCodePayload.email",
    ),
    Endpoint(
        "/api/v3/bind-email",
        {"email": EMAIL, "passCode": "123456"},
        ("email", "passCode"),
        "email",
    ),
    Endpoint(
        "/api/v3/check-app-id-secret",
        {"appId": "x", "appSecret": "x"},
        ("appId", "appSecret"),
    ),
]
EACH = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.path.rpartition("/")[2])

NO_OBJECT = [
    b"{",
    b"nul",
    b"{'email': 1}",
    b'{"email": "a@b.co",}',
    b"{} {}",
    b"[]",
    b'["email"]',
    b'"text"',
    b"7",
    b"true",
    b"null",
    b'{"email": NaN}',
    b'{"email": ' + b"1" * 5000 + b"}",
    b"\xff\xfe{}",
    b'{"email": "\xe9"}',
    b"[" * 30_000,
    b'{"a":' * 10_000,
    b"\x00",
    b'{"email": "\x01"}',
]

NOT_ADDRESSES = [
    "",
    "ann",
    "@example.com",
    "ann@",
    "ann@@example.com",
    "ann@example.com,bob@example.com",
    "ann@example.com; bob@example.com",
    "ann@example.com bob@example.com",
    "Ann <ann@example.com>",
    '"ann"@example.com',
    "ann(comment)@example.com",
    "@a.com:ann@example.com",
    "ann%example.net@example.com",
    "ann@[127.0.0.1]",
    "ann@127.0.0.1",
    "=?utf-8?q?ann?=@example.com",
    "ann\r\nBcc: bob@example.com",
    "ann@example.com\n",
    "ann\u200b@example.com",
    "ann\u202e@example.com",
    "änn@example.com",
    "a" * 65 + "@example.com",
    "ann@" + "a" * 250 + ".com",
    "ann@example..com",
    ".ann@example.com",
    "ann@xn--.com",
]


def changed(body: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """A copy of a body with another value at a place; without it, where the value is Ellipsis."""
    copy: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(body))
    *path, last = place.split(".")
    inner = copy
    for step in path:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return copy


class Door:
    """One endpoint, called as a signed-in user of an app without a secret."""

    def __init__(self, world: World, path: str, headers: dict[str, str]) -> None:
        self.world = world
        self.path = path
        self.headers = headers

    async def refuses(self, content: bytes | dict[str, Any], field: str) -> None:
        body = content if isinstance(content, bytes) else msgspec.json.encode(content)
        response = await self.world.http.post(self.path, content=body, headers=self.headers)
        answer = response.json()
        assert (response.status_code, answer["statusCode"]) == (200, 400), (content, answer)
        assert "data" not in answer
        if field == "e-mail":
            assert answer["apiCode"] == 2204, (content, answer)
        else:
            assert "apiCode" not in answer, (content, answer)
            assert answer["message"].startswith(f"{field} "), (content, answer)


async def door_of(world: World, endpoint: Endpoint) -> Door:
    app = await world.app(auth="none")
    ann = await world.person("ann", app)
    headers = {"x-authing-app-id": app.app_id, "content-type": "application/json"}
    return Door(world, endpoint.path, headers | {"authorization": ann.token or ""})


@EACH
async def test_every_body_that_cannot_be_read_is_refused_and_leaves_nothing(
    world: World, endpoint: Endpoint
) -> None:
    door = await door_of(world, endpoint)
    before = await footprint(world)
    for content in NO_OBJECT:
        await door.refuses(content, "body")
    first = endpoint.texts[0]
    for empty in (b"", b"  \r\n", b"{}", b"\xef\xbb\xbf{}"):
        await door.refuses(empty, first)
    await door.refuses(b'{"email": "a@b.co", "email": "c@d.co"}', "email")
    await door.refuses(b'{"x": {"y": 1, "y": 2}}', "y")
    await door.refuses(b'{"x": ' + b"[" * 20 + b"]" * 20 + b"}", "x")
    await door.refuses(b'{"x": "\\u0000"}', "x")
    await door.refuses(b'{"x": {"y": ["\\ud800"]}}', "x.y")
    await door.refuses(b'{"x\\udfff": 1}', "x")
    await door.refuses(b'{"\\u0000": 1}', "body")
    assert await footprint(world) == before


@EACH
async def test_every_needed_field_is_named_when_it_is_missing_or_of_another_type(
    world: World, endpoint: Endpoint
) -> None:
    door = await door_of(world, endpoint)
    before = await footprint(world)
    no_text: list[Any] = [..., None, 7, 1.5, True, [], ["x"], {}, {"x": "y"}, [None]]
    for place in endpoint.texts:
        for value in no_text:
            await door.refuses(changed(endpoint.body, place, value), place)
    for parent in {place.rpartition(".")[0] for place in endpoint.texts} - {""}:
        for value in (..., None, 7, "x", [endpoint.body[parent]]):
            await door.refuses(changed(endpoint.body, parent, value), parent)
    assert await footprint(world) == before


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in ENDPOINTS if endpoint.email],
    ids=lambda e: e.path.rpartition("/")[2],
)
async def test_what_is_no_single_address_is_refused(world: World, endpoint: Endpoint) -> None:
    assert endpoint.email is not None
    door = await door_of(world, endpoint)
    await world.set_pool(await pool_of(world), allowSpecialUseDomains="false")
    before = await footprint(world)
    for text in [*NOT_ADDRESSES, "ann@pool.test", "ann@localhost", "ann@host.local"]:
        if text == "" and endpoint.path == "/api/v3/signin":
            continue  # as good as left out: the next test
        await door.refuses(changed(endpoint.body, endpoint.email, text), "e-mail")
    for value in ([EMAIL], [EMAIL, "bob@example.com"], {"address": EMAIL}, 7):
        await door.refuses(changed(endpoint.body, endpoint.email, value), endpoint.email)
    await door.refuses(
        changed(endpoint.body, endpoint.email, "a" * 5000 + "@example.com"), endpoint.email
    )
    assert await footprint(world) == before


async def pool_of(world: World) -> str:
    ((pool_id,),) = await rows(world, "SELECT id FROM user_pools")
    return str(pool_id)


async def test_a_value_outside_its_list_is_named(world: World) -> None:
    cases = [
        (0, "connection", "TELEPATHY"),
        (2, "channel", "CHANNEL_TELEPATHY"),
        (2, "channel", "channel_login"),
        (2, "channel", ""),
        (3, "codeType", "email"),
        (3, "emailCodePayload.channel", "LOGIN"),
    ]
    for number, place, value in cases:
        door = await door_of(world, ENDPOINTS[number])
        await door.refuses(changed(ENDPOINTS[number].body, place, value), place)
    door = await door_of(world, ENDPOINTS[1])
    password = ENDPOINTS[1].body
    await door.refuses(password | {"options": {"passwordEncryptType": "rot13"}}, OPTION)
    await door.refuses(password | {"options": {"scope": 7}}, "options.scope")
    await door.refuses(password | {"options": {"clientIp": []}}, "options.clientIp")
    await door.refuses(password | {"options": {"autoRegister": "yes"}}, "options.autoRegister")
    await door.refuses(password | {"options": "x"}, "options")
    await door.refuses(password | {"client_secret": 7}, "client_secret")
    await door.refuses(changed(password, "passwordPayload.password", ""), PASSWORD)
    await door.refuses(changed(password, "passwordPayload.password", "x" * 5000), PASSWORD)
    await door.refuses(changed(password, "passwordPayload.email", ""), "passwordPayload.account")
    await door.refuses(changed(ENDPOINTS[0].body, "passCodePayload.email", ""), CODE_EMAIL)
    bind = await door_of(world, ENDPOINTS[4])
    await bind.refuses(changed(ENDPOINTS[4].body, "passCode", "1" * 65), "passCode")
    for wrong in ("", "１２３４５６", "12345é", "\u202e123456", "\x01", "-1"):
        code = await bind.world.http.post(
            bind.path, json={"email": EMAIL, "passCode": wrong}, headers=bind.headers
        )
        assert said(code.json()) == (400, 2001), wrong


OPTION, PASSWORD = "options.passwordEncryptType", "passwordPayload.password"
CODE_EMAIL = "passCodePayload.email"


async def test_a_query_that_cannot_be_read_is_refused(world: World) -> None:
    ann = await world.person("ann")
    for query, field in (
        ("withCustomData=maybe", "withCustomData"),
        ("withIdentities=2", "withIdentities"),
        ("withDepartmentIds=%00", "withDepartmentIds"),
        ("&".join(f"x{n}=1" for n in range(200)), "query"),
    ):
        answer = await ann.get(f"/api/v3/get-profile?{query}")
        assert said(answer) == (400, None) and answer["message"].startswith(f"{field} "), answer
    for query in ("withCustomData=%FF%FE&x=%00", "=&&=&", "%", "withIdentities="):
        answer = await ann.get(f"/api/v3/get-profile?{query}")
        assert answer["statusCode"] in (200, 400)


async def test_unknown_fields_nulls_and_empty_siblings_are_as_good_as_left_out(
    world: World,
) -> None:
    door = await door_of(world, ENDPOINTS[2])
    body = ENDPOINTS[2].body | {"surprise": {"a": [1, None]}, "client_id": None, "other": None}
    done = await world.http.post(door.path, json=body, headers=door.headers)
    assert said(done.json()) == (200, None)
    look = ENDPOINTS[3].body | {"smsCodePayload": {"passCode": "", "phone": 7}}
    done = await world.http.post("/api/v3/pre-check-code", json=look, headers=door.headers)
    assert said(done.json()) == (200, None)
