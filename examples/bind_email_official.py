"""The same as bind_email.py with the official Python SDK: pip install genauth websockets."""

from __future__ import annotations

import os

from genauth import AuthenticationClient  # type: ignore[import-untyped]


def main() -> None:
    """Ask for a code, have it typed, bind the address."""
    client = AuthenticationClient(
        app_host=os.environ["GENAUTH_APP_HOST"],
        app_id=os.environ["GENAUTH_APP_ID"],
        app_secret=os.environ["GENAUTH_APP_SECRET"],
    )
    signed_in = client.sign_in_by_username_password(
        os.environ["GENAUTH_USER"], os.environ["GENAUTH_PASSWORD"]
    )
    client.set_access_token(signed_in["data"]["access_token"])
    client.send_email(email="ann@example.com", channel="CHANNEL_BIND_EMAIL")
    code = input("The code from the mail: ")
    print(client.bind_email(email="ann@example.com", pass_code=code))


if __name__ == "__main__":
    main()
