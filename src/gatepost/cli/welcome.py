"""What `gatepost quickstart` shows: everything to sign in, ready to paste."""

from __future__ import annotations

from string import Template

from gatepost.settings import Settings

_SCREEN = Template(
    """
Gatepost is running at $url              (Ctrl-C stops it)

  app id      $app_id
  app secret  $app_secret
  user        $username
  password    $password
  account     $url/account?app_id=$app_id
  mailbox     $url/dev/mailbox
  API         $url/docs

In a second terminal, `make demo` walks through all of it. Or paste:

Python (pip install genauth websockets)

    from genauth import AuthenticationClient

    client = AuthenticationClient(
        app_id="$app_id",
        app_secret="$app_secret",
        app_host="$url",
    )
    tokens = client.sign_in_by_username_password("$username", "$password")
    client.set_access_token(tokens["data"]["access_token"])
    client.send_email(email="ann@example.com", channel="CHANNEL_BIND_EMAIL")
    code = input("The code from $url/dev/mailbox: ")
    print(client.bind_email(email="ann@example.com", pass_code=code))

Node (npm install authing-node-sdk)

    const { AuthenticationClient } = require("authing-node-sdk");
    const { createInterface } = require("node:readline/promises");

    const client = new AuthenticationClient({
      appId: "$app_id",
      appSecret: "$app_secret",
      appHost: "$url",
    });
    (async () => {
      const tokens = await client.signInByUsernamePassword({
        username: "$username",
        password: "$password",
      });
      client.setAccessToken(tokens.data.access_token);
      await client.sendEmail({ email: "ann@example.com", channel: "CHANNEL_BIND_EMAIL" });
      const terminal = createInterface({ input: process.stdin, output: process.stdout });
      const passCode = await terminal.question("The code from $url/dev/mailbox: ");
      console.log(await client.bindEmail({ email: "ann@example.com", passCode }));
      terminal.close();
    })();
"""
)


def welcome(settings: Settings, app_id: str, app_secret: str, username: str, password: str) -> str:
    """The screen for a newcomer."""
    return _SCREEN.substitute(
        url=settings.origin,
        app_id=app_id,
        app_secret=app_secret,
        username=username,
        password=password,
    )
