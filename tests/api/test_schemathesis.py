"""Every operation, called in all ways that its description allows and in many that it does not.

What an answer is, its own description decides: `statusCode` and `apiCode` select one declared
outcome, and the answer must fit the schema of that one alone.

What is invalid, the description decides as well, asked about the octets that were sent, and not
what the generator meant to make: it counts parameters and fields that nobody knows, or siblings
of the payload that was chosen, as mistakes, while the description says that they are ignored.
So no case is left out, and whatever the description does not allow must never answer 200. The
reverse is not claimed: a text with NUL in it is allowed by JSON Schema and refused here.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from gatepost.credentials.tokens import Keyring, SigningKey, new_signing_key
from tests.support.calls import EMAIL
from tests.support.described import DOCUMENT, OPERATIONS, Operation
from tests.support.exploring import DESCRIBED, Explorer, corners
from tests.support.refusal_stories import OWN, story_of
from tests.support.right_calls import Stage
from tests.support.world import ROOMY, Person, World

THE_SAME_EVERY_TIME = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
NO_TOKEN = ("SessionEnded", "NotSignedIn", "OAuthInvalidToken")
BEYOND_GUESSING = {
    "bind_email",
    "unbind_email",
    "verify_update_email_request",
    "update_email",
    "verify_reset_password_request",
    "reset_password",
    "verify_delete_account_request",
    "delete_account",
    "token",
}
"""Nobody guesses the codes, tokens and changed passwords that these need: their successes are
stories."""

ANY_TEXT = {"type": "string"}
WITH_INPUT = {
    operation.name
    for operation in OPERATIONS
    if operation.body is not None or any(s != ANY_TEXT for s in operation.query.values())
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
class TestStories:
    def test_every_declared_refusal_has_one(self, operation: Operation) -> None:
        refusals = operation.refusals
        assert {(o.http, o.name) for o in operation.outcomes if o.codes and not o.done} == set(
            refusals.values()
        )
        missing = [name for name in refusals if story_of(operation.name, name) is None]
        assert not missing, f"no story tells how {operation.name} comes to refuse {missing}"
        idle = {refusal for name, refusal in OWN if name == operation.name} - set(refusals)
        assert not idle, f"{operation.name} does not declare {idle}, of which there are stories"

    async def test_each_ends_as_it_should(self, world: World, operation: Operation) -> None:
        stage = Stage(world, operation)
        assert operation.outcome_of(await stage.send(await stage.right())).done
        for refusal, outcome in operation.refusals.items():
            story = story_of(operation.name, refusal)
            assert story is not None
            ended = operation.outcome_of(await story(stage))
            assert (ended.http, ended.name) == outcome, f"the story of {refusal} ends so"


@pytest.fixture
async def explorer(world: World) -> Explorer:
    """Ann, who is signed in, and Bob, who has the address of the description's examples.

    Her app takes sign-ins without its secret: a random one is hardly ever right.
    """
    assert (await world.http.get("/openapi.json")).json() == DOCUMENT
    pool_id = await world.pool(**ROOMY, limits__signUpsPerClientHour="1000000")
    app = await world.app(pool_id, auth="none")
    await world.person("bob", app, email=EMAIL, email_verified=True, sign_in=False)
    return Explorer(await world.person("ann", app))


class TestExploration:
    async def test_no_corner_of_the_description_surprises(self, explorer: Explorer) -> None:
        for operation in DESCRIBED:
            for number, case in enumerate(corners(operation)):
                await explorer.try_signed_in(case)
                if on_sqlite(explorer) and number % 3 == 0:  # a sample: strangers get nowhere
                    await explorer.try_as_it_is(case)
        assert set(explorer.invalid) >= WITH_INPUT
        assert {name for name, times in explorer.done.items() if times} >= {
            operation.name for operation in OPERATIONS if operation.name not in BEYOND_GUESSING
        }

    @pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
    async def test_nothing_random_surprises(self, explorer: Explorer, mode: GenerationMode) -> None:
        examples = 10 if on_sqlite(explorer) else 3
        for operation in DESCRIBED:
            if mode.is_negative and operation.definition.raw["operationId"] not in WITH_INPUT:
                continue  # where nothing is said there is nothing wrong to say
            for way in (explorer.try_signed_in, explorer.try_as_it_is):
                cases = operation.as_strategy(generation_mode=mode)
                await for_each(cases, way, examples)
        if mode.is_negative:
            assert set(explorer.invalid) >= WITH_INPUT


def on_sqlite(explorer: Explorer) -> bool:
    return explorer.ann.world.settings.on_sqlite


async def for_each(
    values: st.SearchStrategy[Any], act: Callable[[Any], Coroutine[Any, Any, None]], examples: int
) -> None:
    """Let Hypothesis, which does not wait, drive what waits: it gets a thread of its own."""
    loop = asyncio.get_running_loop()

    @settings(THE_SAME_EVERY_TIME, max_examples=examples)
    @given(value=values)
    def drive(value: Any) -> None:
        asyncio.run_coroutine_threadsafe(act(value), loop).result(timeout=30)

    await asyncio.to_thread(drive)


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o.wants_token], ids=lambda operation: operation.path
)
class TestTokens:
    async def test_no_bad_one_is_taken(self, world: World, operation: Operation) -> None:
        stage = Stage(world, operation)
        ann, carol = await stage.ann(), await stage.ann()  # Carol is of another pool
        call = await stage.right(ann)
        foreign = [carol.token] if operation.names_app else []
        for raw in [*bad_tokens(world, ann), *foreign]:
            reply = await stage.send(call.with_headers(authorization=raw))
            assert operation.outcome_of(reply).name in NO_TOKEN, raw
        assert operation.outcome_of(await stage.send(call)).done

    async def test_no_altered_one_is_taken(self, world: World, operation: Operation) -> None:
        stage = Stage(world, operation)
        ann = await stage.ann()
        call, token = await stage.right(ann), ann.token or ""

        async def alter(change: tuple[int, str]) -> None:
            at, put = change[0] % len(token), change[1]
            altered = token[:at] + put + token[at + 1 :]
            if altered != token:
                reply = await stage.send(call.with_headers(authorization=altered))
                assert not operation.outcome_of(reply).done, (at, put)

        letters = st.sampled_from(["", "A", "z", "-", "_", ".", "=", "!", "e30"])
        await for_each(st.tuples(st.integers(0, 4096), letters), alter, 40)


def bad_tokens(world: World, ann: Person) -> list[str]:
    """Tokens that are nearly Ann's."""
    token = ann.token or ""
    head, claims, signature = token.split(".")
    keyring = world.context.key_store.keyring
    said = keyring.verify_access_token(token, world.clock())
    kid = keyring.jwks()["keys"][0]["kid"]
    foreign = Keyring(keyring.issuer, SigningKey(kid, new_signing_key()[1]))
    unsigned = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    none = unsigned.decode().rstrip("=")
    return [
        "Bearer",
        "token",
        token[:-1],
        token[: len(token) // 2],
        f"{head}.{claims}.",
        f"{none}.{claims}.",
        f"{none}.{claims}.{signature}",
        foreign.sign_access_token(said),
        f"Basic {token}",
    ]
