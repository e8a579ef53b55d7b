"""The same as bind_email.py for programs that run on asyncio."""

from __future__ import annotations

import asyncio
import os

from gatepost_client import AsyncAuthenticationClient


async def main() -> None:
    """Ask for a code, have it typed, bind the address."""
    async with AsyncAuthenticationClient(
        app_host=os.environ["GENAUTH_APP_HOST"],
        app_id=os.environ["GENAUTH_APP_ID"],
        app_secret=os.environ["GENAUTH_APP_SECRET"],
    ) as client:
        signed_in = await client.sign_in_by_username_password(
            os.environ["GENAUTH_USER"], os.environ["GENAUTH_PASSWORD"]
        )
        client.set_tokens(signed_in.data)
        await client.send_email(channel="CHANNEL_BIND_EMAIL", email="ann@example.com")
        code = await asyncio.to_thread(input, "The code from the mail: ")
        print(await client.bind_email(pass_code=code, email="ann@example.com"))


if __name__ == "__main__":
    asyncio.run(main())
