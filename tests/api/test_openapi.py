"""The description is true: of every route, every refusal, every answer."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import msgspec
import pytest
import schemathesis
from schemathesis.core.result import Ok

from gatepost.api import envelope, parsing
from gatepost.api.endpoint import needs_of
from gatepost.api.envelope import HTTP_STATUS
from gatepost.api.http import Request
from gatepost.api.openapi import described, description
from gatepost.api.operations import FORM, outcome_name, refusals_of, status_of
from gatepost.api.routes import ENDPOINTS
from gatepost.api.routing import Route
from gatepost.authentication.code_checking import PreCheckCode
from gatepost.authentication.email_identity import BindEmail
from gatepost.authentication.sending import SendEmail
from gatepost.authentication.sign_in import SignInByCredentials
from gatepost.vocabulary.fields import Body
from gatepost.vocabulary.language import Language
from gatepost.vocabulary.problems import Problem
from gatepost.vocabulary.refusals import (
    EmailTaken,
    InvalidRequest,
    Refusal,
    RetryLater,
    SentTooRecently,
    ServerDefect,
    all_refusals,
)
from tests.support.world import World

REQUEST_ID = "0b0c9d5e-6f0f-4a8e-8f57-0a8f3f3f6d11"
ORIGIN = "https://id.example.com"
DESCRIPTION = description(ENDPOINTS, ORIGIN)
SCHEMAS = DESCRIPTION["components"]["schemas"]
DESCRIBED = [refusal for refusal in all_refusals() if refusal.__name__ in SCHEMAS]
TAGGED = [route for route in ENDPOINTS if route.tag]


NamesakeOfARefusal = msgspec.defstruct("EmailTaken", [("email", str)], bases=(Body,))


async def take_what_is_named_like_a_refusal(body: NamesakeOfARefusal) -> None:  # type: ignore[valid-type]
    """Take a body."""


def operation_of(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = DESCRIPTION["paths"][route.path][route.method.lower()]
    return found


def fits(schema: dict[str, Any], value: Any) -> bool:
    whole = schema | {"components": DESCRIPTION["components"]}
    return jsonschema_rs.Draft202012Validator(whole).is_valid(value)


def named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def answer_schema(method: str, path: str, http: int) -> dict[str, Any]:
    responses = DESCRIPTION["paths"][path][method]["responses"]
    found: dict[str, Any] = responses[str(http)]["content"]["application/json"]["schema"]
    return found


class TestDocument:
    def test_is_openapi(self) -> None:
        schema = schemathesis.openapi.from_dict(DESCRIPTION)
        schema.validate()
        shown = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        assert {f"{found.method.upper()} {found.path}" for found in shown} == {
            f"{route.method} {route.path}" for route in TAGGED
        }

    @pytest.mark.parametrize("name", SCHEMAS)
    def test_is_made_of_json_schemas(self, name: str) -> None:
        jsonschema_rs.meta.validate(SCHEMAS[name])

    def test_leaves_out_what_has_no_tag(self) -> None:
        assert "/assets/person.svg" not in DESCRIPTION["paths"]

    def test_names_each_operation_once(self) -> None:
        names = [operation_of(route)["operationId"] for route in TAGGED]
        assert len(names) == len(set(names))

    def test_can_be_made_of_any_table(self) -> None:
        alone = description([route for route in TAGGED if route.path == "/healthz"], ORIGIN)
        assert list(alone["paths"]) == ["/healthz"]

    def test_two_shapes_of_one_name_are_a_mistake(self) -> None:
        route = Route("POST", "/taken", take_what_is_named_like_a_refusal, "Odd", (EmailTaken,))
        with pytest.raises(ValueError, match="EmailTaken"):
            description([route], ORIGIN)


@pytest.mark.parametrize("route", TAGGED, ids=lambda route: route.path)
class TestOperation:
    def test_says_what_it_does_and_not_how_it_refuses(self, route: Route) -> None:
        told = operation_of(route)
        assert told["summary"] and told["operationId"] == route.function.__name__
        assert "Refuses" not in told["summary"] + told.get("description", "")

    def test_names_every_refusal_under_its_http_status(self, route: Route) -> None:
        told = operation_of(route)
        refusals = refusals_of(route, needs_of(route.function))
        assert set(route.refuses) <= set(refusals)
        for refusal in refusals:
            status = str(status_of(route, refusal))
            schema = told["responses"][status]["content"]["application/json"]["schema"]
            outcomes = schema.get("oneOf") or schema.get("anyOf") or [schema]
            assert named(outcome_name(route, refusal)) in outcomes

    def test_outcomes_of_one_status_exclude_each_other(self, route: Route) -> None:
        for response in operation_of(route)["responses"].values():
            schema = response["content"]["application/json"]["schema"]
            for outcome in schema.get("oneOf", []):
                name = outcome["$ref"].rpartition("/")[2]
                for shown in SCHEMAS[name].get("examples", []):
                    assert fits(schema, shown), name

    def test_examples_are_read_as_they_are_described(self, route: Route) -> None:
        body = needs_of(route.function).body
        if body is None:
            assert "requestBody" not in operation_of(route)
            return
        contents = operation_of(route)["requestBody"]["content"]
        assert (FORM in contents) == route.oauth
        content = contents["application/json"]
        assert content["examples"]
        for example in content["examples"].values():
            assert fits(content["schema"], example["value"])
            parsing.body_as(body[1], example["value"])


class TestRefusals:
    @pytest.mark.parametrize("refusal", DESCRIBED, ids=lambda refusal: refusal.__name__)
    def test_has_a_schema_that_only_it_fits(self, refusal: Any) -> None:
        body = msgspec.json.decode(envelope.refused(said(refusal), Language.JA_JP, REQUEST_ID).body)
        fitting = [other.__name__ for other in DESCRIBED if fits(named(other.__name__), body)]
        same = HTTP_STATUS.get(refusal, 200)
        others = [n for n in fitting if HTTP_STATUS.get(by_name(n), 200) == same]
        assert others == [refusal.__name__]

    def test_nothing_may_stand_beside_what_is_named(self) -> None:
        reply = envelope.refused(EmailTaken(), Language.EN_US, REQUEST_ID)
        body = msgspec.json.decode(reply.body)
        assert fits(named("EmailTaken"), body)
        assert not fits(named("EmailTaken"), body | {"data": None})
        assert not fits(named("EmailTaken"), body | {"apiCode": 2201})

    def test_says_how_long_to_wait(self) -> None:
        reply = envelope.refused(SentTooRecently(60), Language.EN_US, REQUEST_ID)
        body = msgspec.json.decode(reply.body)
        assert fits(named("SentTooRecently"), body)
        assert not fits(named("SentTooRecently"), body | {"data": {"retryAfter": 0}})


OAUTH_ROUTES = [route for route in TAGGED if route.oauth]


@pytest.mark.parametrize("route", OAUTH_ROUTES, ids=lambda route: route.path)
class TestOAuthRefusals:
    def test_have_the_words_and_status_that_are_described(self, route: Route) -> None:
        responses = operation_of(route)["responses"]
        for refusal in refusals_of(route, needs_of(route.function)):
            reply = envelope.refused_by_oauth(said(refusal), Language.EN_US)
            body = msgspec.json.decode(reply.body)
            assert str(reply.status) in responses
            schema = responses[str(reply.status)]["content"]["application/json"]["schema"]
            assert fits(schema, body), refusal
            assert ("retry-after" in dict(reply.headers)) == issubclass(refusal, RetryLater)

    def test_only_a_mistake_of_ours_is_a_500(self, route: Route) -> None:
        refusals = refusals_of(route, needs_of(route.function))
        assert [r for r in refusals if status_of(route, r) == 500] == [ServerDefect]


class TestBodies:
    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            (BindEmail, {"email": "ann@example.com", "passCode": "123456", "later": [1]}),
            (BindEmail, {"email": "ann@example.com"}),
            (BindEmail, {"email": "ann@example.com", "passCode": None}),
            (BindEmail, {"email": ["ann@example.com"], "passCode": "123456"}),
            (BindEmail, {"email": "ann@example.com", "passCode": 123456}),
            (BindEmail, {"email": "ann@example.com", "passCode": "1" * 65}),
            (SendEmail, {"email": "ann@example.com", "channel": "CHANNEL_LOGIN"}),
            (SendEmail, {"email": "ann@example.com", "channel": "CHANNEL_GUESS"}),
            (SignInByCredentials, {"connection": "PASSWORD", "passwordPayload": {}}),
            (
                SignInByCredentials,
                {
                    "connection": "PASSWORD",
                    "passwordPayload": {"account": "ann", "password": "pw", "email": None},
                    "passCodePayload": {"passCode": 7},
                    "ldapPayload": "",
                    "options": None,
                },
            ),
            (
                SignInByCredentials,
                {
                    "connection": "PASSCODE",
                    "passwordPayload": [],
                    "passCodePayload": {"email": "ann@example.com", "passCode": "123456"},
                    "options": {"autoRegister": None, "tenantId": "t"},
                },
            ),
            (SignInByCredentials, {"connection": "LDAP", "passwordPayload": 0}),
            (SignInByCredentials, {"connection": "LDAP", "options": {"autoRegister": "yes"}}),
            (SignInByCredentials, {"connection": "WECHAT"}),
            (PreCheckCode, {"codeType": "SMS", "emailCodePayload": []}),
            (PreCheckCode, {"codeType": "EMAIL", "emailCodePayload": []}),
        ],
    )
    def test_the_parser_takes_what_the_schema_allows_and_no_more(
        self, kind: type[Body], body: dict[str, Any]
    ) -> None:
        assert fits(named(kind.__name__), body) == is_read(kind, body)

    def test_a_payload_is_needed_for_its_connection(self) -> None:
        assert not fits(named("SignInByCredentials"), {"connection": "PASSWORD"})
        assert fits(named("SignInByCredentials"), {"connection": "AD"})


class TestServed:
    async def test_the_server_answers_with_it(self, world: World) -> None:
        reply = await world.http.get("/openapi.json")
        assert reply.headers["content-type"].startswith("application/json")
        assert reply.json() == description(ENDPOINTS, world.settings.origin)

    def test_a_server_that_is_not_ready_may_say_why(self) -> None:
        assert fits(answer_schema("get", "/readyz", 503), {"status": "not ready", "mail": False})
        assert not fits(answer_schema("get", "/api/v3/get-profile", 503), {"status": "not ready"})

    async def test_is_written_once_per_origin(self, world: World) -> None:
        endpoint = described(ENDPOINTS)
        first, second = await endpoint(world.context), await endpoint(world.context)
        assert first.body is second.body

    async def test_ann_gets_no_answer_that_is_not_described(self, world: World) -> None:
        ann = await world.person(sign_in=False)
        fresh = {"email": "ann@example.com", "channel": "CHANNEL_BIND_EMAIL"}
        seen = [("post", "/api/v3/signin", await ann.sign_in())]
        seen += [("post", "/api/v3/send-email", await ann.post("/api/v3/send-email", fresh))]
        seen += [("post", "/api/v3/send-email", await ann.post("/api/v3/send-email", fresh))]
        code = await world.code("ann@example.com")
        wrong = "".join(str(9 - int(digit)) for digit in code)
        seen += [("post", "/api/v3/bind-email", await ann.binds("ann@example.com", wrong))]
        seen += [("post", "/api/v3/bind-email", await ann.binds("ann@example.com", code))]
        seen += [("post", "/api/v3/bind-email", await ann.binds("ann@example.com", code))]
        asked = "/api/v3/get-profile?withCustomData=true&withIdentities=True&withDepartmentIds=1"
        for path in ("/api/v3/get-profile", asked):
            seen += [("get", "/api/v3/get-profile", await ann.get(path))]
        seen += [("get", "/api/v3/get-profile", await world.get("/api/v3/get-profile"))]
        seen += [("get", "/api/v3/system", await world.get("/api/v3/system"))]
        seen += [("get", "/readyz", await world.get("/readyz"))]
        for method, path, answer in seen:
            http = answer.pop("http")
            assert fits(answer_schema(method, path, http), answer), (path, answer)


def is_read(kind: type[Body], body: dict[str, Any]) -> bool:
    scope = {"method": "POST", "path": "/", "query_string": b"", "headers": []}
    request = Request(scope, REQUEST_ID)
    request.body = msgspec.json.encode(body)
    try:
        parsing.body_as(kind, parsing.raw_body(request))
    except InvalidRequest:
        return False
    return True


def said(refusal: Any) -> Refusal:
    """A refusal as it may be said."""
    if refusal is InvalidRequest:
        return InvalidRequest("email", Problem.NOT_TEXT)
    found: Refusal = refusal(7) if issubclass(refusal, RetryLater) else refusal()
    return found


def by_name(name: str) -> Any:
    return next(refusal for refusal in DESCRIBED if refusal.__name__ == name)
