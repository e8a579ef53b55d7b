"""An outbox with a worker, and a mail server of a test to send to."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from gatepost.log import Log
from gatepost.mail.message import Sender
from gatepost.mail.smtp import SmtpTransport
from gatepost.mail.smtp_pool import Patience
from gatepost.mail.worker import MailWorker
from gatepost.server_keys import ServerKeys
from gatepost.storage import outbox
from gatepost.storage.database import Database
from gatepost.storage.outbox import MAIL_SEAL, ListedMail, QueuedMail, State
from gatepost.vocabulary.identifiers import new_id
from tests.support.smtp_sink import SmtpSink
from tests.support.world import MovableClock

GATEPOST = Sender("no-reply@gatepost.example")
QUICK = Patience(connect_seconds=0.3, command_seconds=0.3)
LIFE_SECONDS = 300


@dataclass
class Office:
    """An outbox, and a worker that is there when it is asked for."""

    database: Database
    keys: ServerKeys
    clock: MovableClock

    async def put(self, recipient: str = "ann@example.com") -> None:
        now = self.clock()
        facts = {"verify_code": "482913", "expires_at": str(now + LIFE_SECONDS * 1000)}
        mail = QueuedMail(
            id=new_id(secrets.token_bytes),
            user_pool_id="p",
            app_name="Shop",
            template="login_verify_code",
            language="en-US",
            recipient=recipient,
            variables_sealed=self.keys.seal(MAIL_SEAL, msgspec.json.encode(facts)),
            created_at=now,
            give_up_at=now + LIFE_SECONDS * 1000,
            attempts=0,
        )
        await self.database.unit(lambda tx: outbox.put(tx, mail))

    async def work(self, sink: SmtpSink, done: Callable[[SmtpSink], bool]) -> None:
        """Send what is due, until the server has seen enough; end what was begun."""
        transport = SmtpTransport.from_url(sink.url, GATEPOST, patience=QUICK)
        log = Log(self.clock, "error")
        worker = MailWorker(
            self.database, self.keys, self.clock, secrets.token_bytes, transport, GATEPOST, log
        )
        worker.start()
        await sink.until(done)
        await worker.stop()

    async def listed(self, state: State | None = None) -> list[ListedMail]:
        return list(await outbox.newest(self.database.reader(), state, 10))

    async def only(self) -> ListedMail:
        (mail,) = await self.listed()
        return mail
