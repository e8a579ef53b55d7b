// How an app in Node tests itself with Gatepost. In a clone of it: pip install . and
// npm install authing-node-sdk, then: node --test examples/
//
// The emulator is a real server with a mailbox and a clock to move; it ends with this process.
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const { after, before, test } = require("node:test");
const { AuthenticationClient } = require("authing-node-sdk");

const email = "ann@example.com";
let emulator;
let ready;

before(async () => {
  emulator = spawn("gatepost", ["emulator", "--json"], { stdio: ["pipe", "pipe", "inherit"] });
  for await (const line of createInterface({ input: emulator.stdout })) {
    ready = JSON.parse(line);
    break;
  }
});

after(() => emulator.stdin.end());

async function control(door, body = {}) {
  const answer = await fetch(`${ready.controlUrl}/${door}`, {
    method: "POST",
    headers: { authorization: `Bearer ${ready.controlSecret}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const { statusCode, message, data } = await answer.json();
  assert.equal(statusCode, 200, message);
  return data;
}

// A pool of its own for each test, with a user who is signed in.
async function signedIn() {
  const pool = await control("new-pool");
  const user = await control("create-user", { userPoolId: pool.userPoolId });
  const client = new AuthenticationClient({
    appHost: ready.host,
    appId: pool.appId,
    appSecret: pool.appSecret,
  });
  const { username, password } = user;
  const answer = await client.signInByUsernamePassword({ username, password });
  client.setAccessToken(answer.data.access_token);
  return { client, pool };
}

async function mailedCode({ client, pool }) {
  await client.sendEmail({ email, channel: "CHANNEL_BIND_EMAIL" });
  return (await control("next-code", { userPoolId: pool.userPoolId, to: email })).code;
}

test("an address is bound with the code that was mailed there", async () => {
  const ann = await signedIn();
  const passCode = await mailedCode(ann);
  assert.equal((await ann.client.bindEmail({ email, passCode })).statusCode, 200);
  assert.equal((await ann.client.getProfile({})).data.email, email);
});

test("a code that comes late is refused", async () => {
  const ann = await signedIn();
  const passCode = await mailedCode(ann);
  await control("advance-clock", { seconds: 301 });
  assert.equal((await ann.client.bindEmail({ email, passCode })).apiCode, 2300);
  await control("reset-clock");
});
