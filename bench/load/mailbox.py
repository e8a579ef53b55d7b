"""Everybody's mailbox: an SMTP server that keeps nothing but counts and codes, and costs little.

While it is `held` it takes connections and answers no MAIL command, as a mail server that has
trouble does: the mails wait in the outbox, and what the server does by itself meanwhile is left
out of what an operation costs. They go out, and are counted, when it is let go.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable
from select import EPOLLIN

from bench.load.job import Post
from bench.load.watch import Watch

_CODE = re.compile(rb"^Subject: (\d{4,10})\b", re.MULTILINE)
_END = b"\r\n.\r\n"
_OK = b"250 2.0.0 ok\r\n"


class Mailbox:
    """The SMTP server and what came to it."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self.held = False
        self.post = Post()
        self._stopped: list[_Session] = []
        self._codes: dict[bytes, bytes] = {}
        self._readers: dict[bytes, Callable[[bytes], None]] = {}
        watch.add(self._listener.fileno(), EPOLLIN, self._accept)

    def when_code(self, address: bytes, call: Callable[[bytes], None]) -> None:
        """Call with the code mailed to an address, once; now or when the mail comes."""
        code = self._codes.pop(address, None)
        if code is not None:
            call(code)
        else:
            self._readers[address] = call

    def let_go(self) -> None:
        """Answer again, beginning with who has waited; mails are counted anew from here."""
        self.held = False
        self.post = Post()
        stopped, self._stopped = self._stopped, []
        for session in stopped:
            session.say(_OK)

    def keep(self, recipient: bytes, mail: bytes) -> None:
        """Take a mail in."""
        domain = recipient.rpartition(b"@")[2]
        self.post.by_domain[domain] = self.post.by_domain.get(domain, 0) + 1
        self.post.instants.append(time.perf_counter())
        found = _CODE.search(mail)
        if found is None:
            return
        reader = self._readers.pop(recipient, None)
        if reader is not None:
            reader(found[1])
        else:
            self._codes[recipient] = found[1]

    def stop(self, session: _Session) -> None:
        self._stopped.append(session)

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        _Session(self, self._watch, connection)


class _Session:
    """One SMTP conversation (RFC 5321), as far as our own server has one."""

    def __init__(self, mailbox: Mailbox, watch: Watch, connection: socket.socket) -> None:
        self._mailbox, self._watch, self._socket = mailbox, watch, connection
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._in_data = False
        self._recipient = b""
        watch.add(connection.fileno(), EPOLLIN, self._readable)
        self.say(b"220 bench ESMTP\r\n")

    def say(self, line: bytes) -> None:
        try:
            self._socket.send(line)
        except OSError:  # it went away meanwhile, and will come again
            self._close()

    def _close(self) -> None:
        if self._socket.fileno() >= 0:
            self._watch.remove(self._socket.fileno())
            self._socket.close()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(262_144)
        except OSError:
            data = b""
        if not data:
            self._close()
            return
        self._buffer += data
        while self._socket.fileno() >= 0 and self._advance():
            pass

    def _advance(self) -> bool:
        """Take a command or a mail out of the buffer; says whether there was a whole one."""
        end = self._buffer.find(_END if self._in_data else b"\r\n")
        if end < 0:
            return False
        if self._in_data:
            mail, self._buffer = self._buffer[:end], self._buffer[end + len(_END) :]
            self._in_data = False
            self.say(_OK)
            self._mailbox.keep(self._recipient, mail)
            return True
        line, self._buffer = self._buffer[:end], self._buffer[end + 2 :]
        self._obey(line)
        return True

    def _obey(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"MAIL":
            if self._mailbox.held:
                self._mailbox.stop(self)
                return
        elif verb == b"RCPT":
            self._recipient = line[line.index(b"<") + 1 : line.index(b">")]
        elif verb == b"DATA":
            self._in_data = True
            self.say(b"354 go on\r\n")
            return
        elif verb == b"QUIT":
            self.say(b"221 bye\r\n")
            self._close()
            return
        self.say(_OK)
