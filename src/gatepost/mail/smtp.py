"""Mail by SMTP, over a few connections that are used again and again."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPResponseException

from gatepost.mail.message import Message, Sender
from gatepost.mail.mime import encode
from gatepost.mail.smtp_pool import TROUBLE, Connection, ConnectionPool, Patience
from gatepost.mail.smtp_server import SmtpServer
from gatepost.mail.transport import Deferred, Delivered, Delivery, Refused

_HOST_NAME = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TELLTALE = re.compile(r"\S*@\S*|\d{4,}")
_REASON_LENGTH = 200


class SmtpTransport:
    """Hands mails to one server, in as many connections at once as it is allowed.

    A connection carries one mail at a time and is given up after any trouble, after
    `Patience.mails_per_connection` mails, and when it has been idle for too long.
    """

    def __init__(
        self,
        server: SmtpServer,
        mail_from: Sender,
        *,
        connections: int = 4,
        patience: Patience | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> None:
        """`mail_from` is the envelope's sender.

        Certificates are checked against the system's authorities, or as `tls_context` says.
        """
        self._server = server
        self._mail_from = mail_from
        self._slots = asyncio.Semaphore(connections)
        self._pool = ConnectionPool(
            server,
            patience or Patience(),
            tls_context or ssl.create_default_context(),
            _own_name(mail_from),
        )

    @classmethod
    def from_url(
        cls,
        url: str,
        mail_from: Sender,
        *,
        connections: int = 4,
        patience: Patience | None = None,
        tls_context: ssl.SSLContext | None = None,
    ) -> SmtpTransport:
        """As `SmtpServer.parse` reads the URL; raises its ValueError."""
        server = SmtpServer.parse(url)
        return cls(
            server,
            mail_from,
            connections=connections,
            patience=patience,
            tls_context=tls_context,
        )

    def __repr__(self) -> str:
        return f"<SmtpTransport {self._server.address}>"

    async def send(self, message: Message) -> Delivery:
        """Hand one mail on (RFC 5321); see `Transport`.

        Only a 5xx to the recipient or to the mail itself is final. A refused sender,
        login or connection is the operator's to mend, so the mail waits.
        """
        try:
            data = encode(message)
        except ValueError as problem:
            return Refused(f"not a mail: {problem}")
        async with self._slots:
            if self._pool.closed:
                return Deferred("the transport is closed")
            used = self._pool.take()
            delivery = await self._send(used, message.recipient, data) if used else None
            return delivery or await self._send_anew(message.recipient, data)

    async def close(self) -> None:
        """Say goodbye on all idle connections. What is sent from now on is deferred."""
        await self._pool.close()

    async def _send_anew(self, recipient: str, data: bytes) -> Delivery:
        try:
            fresh = await self._pool.connect()
        except TROUBLE as trouble:
            return Deferred(_reason("connecting", trouble))
        return await self._send(fresh, recipient, data) or Deferred("the server closed at once")

    async def _send(self, connection: Connection, recipient: str, data: bytes) -> Delivery | None:
        """None where a connection that was used before turns out to be of no more use."""
        delivery = None
        try:
            delivery = await self._converse(connection, recipient, data)
        finally:
            if isinstance(delivery, Delivered):
                self._pool.put_back(connection)
            else:
                connection.smtp.close()
        return delivery

    async def _converse(
        self, connection: Connection, recipient: str, data: bytes
    ) -> Delivery | None:
        smtp, beyond_ascii = connection.smtp, not recipient.isascii()
        if beyond_ascii and not smtp.supports_extension("smtputf8"):
            return Refused("the server takes no addresses beyond ASCII (SMTPUTF8)")
        options = (b"SMTPUTF8", b"BODY=8BITMIME") if beyond_ascii else ()
        try:
            await _command(smtp, b"MAIL", b"FROM", self._mail_from.address, *options)
        except TROUBLE as trouble:
            return None if connection.mails else Deferred(_reason("sender", trouble))
        step = "recipient"
        try:
            await _command(smtp, b"RCPT", b"TO", recipient)
            step = "data"
            answer = await smtp.data(data)
        except TROUBLE as trouble:
            return _outcome(step, trouble)
        return Delivered(_fit_for_a_log(f"{answer.code} {answer.message}"))


async def _command(smtp: SMTP, verb: bytes, word: bytes, address: str, *options: bytes) -> None:
    # The library's own mail() and rcpt() take each address apart anew and mend it; ours
    # are known to be plain, and must go out as they are.
    mailbox = b"%s:<%s>" % (word, address.encode("utf-8"))
    answer = await smtp.execute_command(verb, mailbox, *options)
    if answer.code not in (250, 251):
        raise SMTPResponseException(answer.code, answer.message)


def _outcome(step: str, trouble: Exception) -> Delivery:
    reason = _reason(step, trouble)
    final = isinstance(trouble, SMTPResponseException) and 500 <= trouble.code < 600
    return Refused(reason) if final else Deferred(reason)


def _reason(step: str, trouble: Exception) -> str:
    """One short line of what went wrong, and when."""
    if isinstance(trouble, SMTPAuthenticationError):
        return f"{step}: {trouble.code}, user or password refused"  # it may repeat these, too
    words = str(trouble)
    if isinstance(trouble, SMTPResponseException):
        words = f"{trouble.code} {trouble.message}"
    return _fit_for_a_log(f"{step}: {words or type(trouble).__name__}")


def _fit_for_a_log(words: str) -> str:
    """One short line, without the addresses and codes that a server repeats.

    A server may answer in any octets. Neither engine keeps those that are no text, and a mail
    whose outcome is not kept would go out again and again.
    """
    spaced = " ".join(_TELLTALE.sub("…", words).split())
    return "".join(c if c.isprintable() else "\ufffd" for c in spaced)[:_REASON_LENGTH]


def _own_name(mail_from: Sender) -> str:
    # The machine's name where it is a full one. No look-up: a broken resolver would
    # hold up every start. Otherwise the sender's domain, which is at least a real one.
    name = socket.gethostname()
    return name if _HOST_NAME.fullmatch(name) else mail_from.domain
