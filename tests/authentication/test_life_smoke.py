from __future__ import annotations
import re
from tests.support.world import World, PASSWORD

def linkof(mail, path):
    return re.search(r"/link/%s\?token=([\w-]+)" % path, mail.text)[1]

async def send(p, email, channel):
    a = await p.post("/api/v3/send-email", {"email": email, "channel": "CHANNEL_"+channel}); assert a["statusCode"]==200, a
async def test_life(world: World) -> None:
    app = await world.app()
    a = await world.post("/api/v3/signup", {"connection":"PASSWORD","passwordPayload":{"username":"zoe","password":"a fine password"},"profile":{"nickname":"Z"}}, app=app)
    assert a["statusCode"]==200, a
    a = await world.post("/api/v3/signin", {"connection":"PASSWORD","passwordPayload":{"username":"zoe","password":"a fine password"},"client_id":app.app_id,"client_secret":app.secret,"options":{"scope":"openid profile email username offline_access"}}, app=app)
    assert a["statusCode"]==200, a
    from tests.support.world import Person
    zoe = Person(world, app, "", "zoe", a["data"]["access_token"])
    refresh = a["data"]["refresh_token"]
    r = await world.http.post("/oidc/token", data={"grant_type":"refresh_token","refresh_token":refresh,"client_id":app.app_id,"client_secret":app.secret})
    assert r.status_code==200, r.text
    assert r.json()["refresh_token"] == (await world.http.post("/oidc/token", data={"grant_type":"refresh_token","refresh_token":refresh,"client_id":app.app_id,"client_secret":app.secret})).json()["refresh_token"]
    r = await world.http.get("/oidc/me/?access_token="+zoe.token); assert r.json()["username"]=="zoe", r.text
    r = await world.http.post("/oidc/token/introspection", data={"token":zoe.token,"client_id":app.app_id,"client_secret":app.secret}); assert r.json()["active"], r.text
    await zoe.asks_to_bind("zoe@example.com")
    a = await zoe.binds("zoe@example.com", await world.code("zoe@example.com")); assert a["statusCode"]==200, a
    receipt = await world.mail.to("zoe@example.com", 2)
    await send(zoe, "zoe@example.com", "UPDATE_EMAIL"); await send(zoe, "new@example.com", "UPDATE_EMAIL")
    new = await world.code("new@example.com"); old = await world.code("zoe@example.com",3)
    a = await zoe.post("/api/v3/verify-update-email-request", {"verifyMethod":"EMAIL_PASSCODE","emailPassCodePayload":{"newEmail":"new@example.com","newEmailPassCode":new,"oldEmail":"zoe@example.com","oldEmailPassCode":old}})
    assert a["statusCode"]==200, a
    a = await zoe.post("/api/v3/update-email", {"updateEmailToken":a["data"]["updateEmailToken"]}); assert a["statusCode"]==200, a
    a = await zoe.get("/api/v3/get-profile"); assert a["data"]["email"]=="new@example.com", a
    await world.mail.to("new@example.com",2); notice = await world.mail.to("zoe@example.com",4)
    await send(zoe, "new@example.com", "UNBIND_EMAIL")
    a = await zoe.post("/api/v3/unbind-email", {"passCode": await world.code("new@example.com",3)}); assert a["statusCode"]==200, a
    a = await zoe.post("/api/v3/unbind-email", {}); assert a["statusCode"]==400, a
    for p in ["get-security-info","get-my-login-history","get-my-logged-in-apps"]:
        a = await zoe.get("/api/v3/"+p); assert a["statusCode"]==200, a
        print(a)
    a = await zoe.post("/api/v3/update-profile", {"nickname":"Zo","customData":{"a":1}}); assert a["data"]["nickname"]=="Zo", a
    a = await zoe.post("/api/v3/update-password", {"newPassword":"another password","oldPassword":"a fine password"}); assert a["statusCode"]==200, a
    # bind again, reset
    world.clock.advance(61)
    await zoe.asks_to_bind("zoe@example.com")
    n=len(world.mail.all_to("zoe@example.com"))
    a = await zoe.binds("zoe@example.com", await world.code("zoe@example.com",n+1 if n<5 else n)); assert a["statusCode"]==200, a
    from gatepost.authentication.links import Press, undo
    from gatepost.vocabulary.language import Language
    a = await world.post("/api/v3/send-email", {"email":"zoe@example.com","channel":"CHANNEL_RESET_PASSWORD"}, app=app)
    m = await world.mail.to("zoe@example.com", 7); code=m.code; assert m.template.startswith("reset"), m.template
    a = await world.post("/api/v3/verify-reset-password-request", {"verifyMethod":"EMAIL_PASSCODE","emailPassCodePayload":{"email":"zoe@example.com","passCode":code}}, app=app); assert a["statusCode"]==200, a
    a = await world.post("/api/v3/reset-password", {"passwordResetToken":a["data"]["passwordResetToken"],"password":"third password"}, app=app); assert a["statusCode"]==200, a
    a = await zoe.get("/api/v3/get-profile"); assert a["statusCode"]==401, a
    await undo(Press(world.context, linkof(notice,"undo"), Language.EN_US, "r", None, None))
    a = await world.post("/api/v3/signin", {"connection":"PASSWORD","passwordPayload":{"email":"zoe@example.com","password":"third password"},"client_id":app.app_id,"client_secret":app.secret}, app=app); assert a["statusCode"]==200, a
    zoe.token=a["data"]["access_token"]
    await send(zoe,"zoe@example.com","DELETE_ACCOUNT")
    m = await world.mail.to("zoe@example.com", 10)
    a = await zoe.post("/api/v3/verify-delete-account-request", {"verifyMethod":"EMAIL_PASSCODE","emailPassCodePayload":{"email":"zoe@example.com","passCode":m.code}}); assert a["statusCode"]==403, a
    world.clock.advance(25*3600)
    await send(zoe,"zoe@example.com","DELETE_ACCOUNT")
    m = await world.mail.to("zoe@example.com", 11)
    a = await zoe.post("/api/v3/verify-delete-account-request", {"verifyMethod":"EMAIL_PASSCODE","emailPassCodePayload":{"email":"zoe@example.com","passCode":m.code}}); assert a["statusCode"]==200, a
    a = await zoe.post("/api/v3/delete-account", {"deleteAccountToken":a["data"]["deleteAccountToken"]}); assert a["statusCode"]==200, a
    a = await zoe.get("/api/v3/get-profile"); assert a["statusCode"]==401, a
