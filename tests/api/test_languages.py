"""Answers and mails in four languages."""

from __future__ import annotations

from tests.support.backstage import change
from tests.support.world import Person, World

DONE = {
    "en-US": "Operation successful",
    "zh-CN": "操作成功",
    "zh-TW": "操作成功",
    "ja-JP": "操作に成功しました",
}
SUBJECT = {"en-US": "is your code", "zh-CN": "登录", "zh-TW": "登入", "ja-JP": "ログイン"}


async def test_the_header_of_either_family_says_which_language(world: World) -> None:
    ann = await world.person("ann")
    signed_out = Person(world, ann.app, "", "")
    for family in ("x_authing_lang", "x_genauth_lang"):
        said = {
            tag: (await ann.get("/api/v3/get-profile", **{family: tag}))["message"] for tag in DONE
        }
        refused = {
            (await signed_out.get("/api/v3/get-profile", **{family: tag}))["message"]
            for tag in DONE
        }
        assert said["en-US"] == DONE["en-US"] and said["zh-CN"] == DONE["zh-CN"]
        assert len(refused) == 4
    for tag, as_if in (("zh", "zh-CN"), ("zh_TW", "zh-TW"), ("ja", "ja-JP"), ("EN-us", "en-US")):
        answer = await world.get("/api/v3/get-profile", x_authing_lang=tag)
        same = await world.get("/api/v3/get-profile", x_authing_lang=as_if)
        assert answer["message"] == same["message"]


async def test_else_accept_language_else_the_pools_language(world: World) -> None:
    ann = await world.person("ann")
    await world.set_pool(ann.app.pool_id, language="zh-CN")

    async def message(**headers: str) -> str:
        words: str = (await ann.get("/api/v3/get-profile", **headers))["message"]
        return words

    assert await message() == DONE["zh-CN"]
    assert await message(x_authing_lang="") == DONE["zh-CN"]
    assert await message(x_authing_lang="tlh") == DONE["zh-CN"]
    assert await message(accept_language="fr, en;q=0.5, zh;q=0.1") == DONE["en-US"]
    assert await message(accept_language="fr, *;q=0.1") == DONE["zh-CN"]
    assert await message(accept_language="ja", x_genauth_lang="en-US") == DONE["en-US"]
    japanese = await message(accept_language="ja")
    assert japanese not in (DONE["zh-CN"], DONE["en-US"])
    assert japanese == await message(x_authing_lang="ja-JP")


async def test_before_a_pool_is_known_answers_are_english(world: World) -> None:
    nowhere = await world.get("/api/v3/nothing")
    assert nowhere["message"].startswith("There is nothing")
    chinese = await world.get("/api/v3/nothing", x_authing_lang="zh-CN")
    assert not chinese["message"].isascii()


async def test_a_mail_speaks_its_readers_language_else_the_calls_else_the_pools(
    world: World,
) -> None:
    app = await world.app(await world.pool(language="ja-JP"), auth="none")
    ann = await world.person("ann", app)

    async def subject(email: str, channel: str = "CHANNEL_LOGIN", **headers: str) -> str:
        await ann.post("/api/v3/send-email", {"email": email, "channel": channel}, **headers)
        return (await world.mail.to(email)).subject

    assert SUBJECT["ja-JP"] in await subject("a@example.com")
    assert SUBJECT["en-US"] in await subject("b@example.com", x_authing_lang="en-US")
    assert SUBJECT["zh-TW"] in await subject("c@example.com", accept_language="zh-Hant")
    await change(world, "UPDATE users SET language = 'zh-CN' WHERE id = :id", id=ann.user_id)
    assert SUBJECT["zh-CN"] in await subject("d@example.com", x_authing_lang="en-US")
    await ann.asks_to_bind("ann@example.com")
    await ann.binds("ann@example.com", await world.code("ann@example.com"))
    receipt = await world.mail.to("ann@example.com", 2)
    assert receipt.language == "zh-CN"
