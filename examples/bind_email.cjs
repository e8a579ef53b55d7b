// The same as bind_email.py with the official Node SDK: npm install authing-node-sdk
const { createInterface } = require("node:readline/promises");
const { AuthenticationClient } = require("authing-node-sdk");

async function main() {
  const client = new AuthenticationClient({
    appHost: process.env.GENAUTH_APP_HOST,
    appId: process.env.GENAUTH_APP_ID,
    appSecret: process.env.GENAUTH_APP_SECRET,
  });
  const signedIn = await client.signInByUsernamePassword({
    username: process.env.GENAUTH_USER,
    password: process.env.GENAUTH_PASSWORD,
  });
  client.setAccessToken(signedIn.data.access_token);
  await client.sendEmail({ email: "ann@example.com", channel: "CHANNEL_BIND_EMAIL" });
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const passCode = await terminal.question("The code from the mail: ");
  terminal.close();
  const result = await client.bindEmail({ email: "ann@example.com", passCode });
  console.log(JSON.stringify(result, null, 2));
}

main();
