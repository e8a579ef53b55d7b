"""Sign in and bind an e-mail address with gatepost-client.

pip install ./client, then set GENAUTH_APP_HOST, GENAUTH_APP_ID, GENAUTH_APP_SECRET, GENAUTH_USER
and GENAUTH_PASSWORD: `gatepost emulator` and `make run` print them, or their like.
"""

from __future__ import annotations

import os

from gatepost_client import AuthenticationClient


def main() -> None:
    """Ask for a code, have it typed, bind the address."""
    with AuthenticationClient(
        app_host=os.environ["GENAUTH_APP_HOST"],
        app_id=os.environ["GENAUTH_APP_ID"],
        app_secret=os.environ["GENAUTH_APP_SECRET"],
    ) as client:
        signed_in = client.sign_in_by_username_password(
            os.environ["GENAUTH_USER"], os.environ["GENAUTH_PASSWORD"]
        )
        client.set_tokens(signed_in.data)
        client.send_email(channel="CHANNEL_BIND_EMAIL", email="ann@example.com")
        code = input("The code from the mail: ")
        print(client.bind_email(pass_code=code, email="ann@example.com"))


if __name__ == "__main__":
    main()
