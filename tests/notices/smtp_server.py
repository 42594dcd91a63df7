"""A mail server of the tests' own, on a real socket: takes mail, refuses it, or dies when told."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Taken:
    """A mail that the server said yes to, or died over having read it whole (``answered``)."""

    sender: str
    recipient: str
    data: bytes
    answered: bool = True


class _Conversation(socketserver.StreamRequestHandler):
    """One connection."""

    def handle(self) -> None:
        mail = self.server
        assert isinstance(mail, _Socket)
        self.mail = mail.owner
        self.mail.open.append(self.connection)
        self.mail.connections += 1
        try:
            self._talk()
        except OSError:
            return
        finally:
            self.mail.open.remove(self.connection)

    def _talk(self) -> None:
        sender = recipient = ""
        if not self._say(self.mail.greeting):
            return
        for line in self.rfile:
            words = line.decode().strip()
            verb = words[:4].upper()
            self.mail.heard.append(words)
            if self.mail.dies(verb):
                return
            if verb == "EHLO":
                said = "250-tests\r\n250 8BITMIME"
            elif verb == "MAIL":
                sender, said = _address(words), self.mail.of_sender
            elif verb == "RCPT":
                recipient = _address(words)
                said = self.mail.answers(recipient)
            elif verb == "DATA":
                said = "354 go on"
            else:
                said = "221 bye" if verb == "QUIT" else "250 fine"
            if not self._say(said) or verb == "QUIT":
                return
            if verb == "DATA" and not self._body(sender, recipient):
                return

    def _body(self, sender: str, recipient: str) -> bool:
        data = b""
        for line in self.rfile:
            if line == b".\r\n":
                break
            if self.mail.dies("BODY"):
                return False
            data += line[1:] if line.startswith(b".") else line
        else:
            return False
        dying = self.mail.dies("TAKEN")
        said = self.mail.of_content
        if said.startswith("250"):
            self.mail.taken.append(Taken(sender, recipient, data, answered=not dying))
        return not dying and self._say(said)

    def _say(self, words: str) -> bool:
        self.wfile.write(f"{words}\r\n".encode())
        return not words.startswith(("421", "554 no service"))


def _address(words: str) -> str:
    return words.partition("<")[2].partition(">")[0]


class _Socket(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    owner: SmtpServer


class SmtpServer:
    """A server on one port, which can go away and come back there.

    Attributes:
        taken: what it took, in order.
        heard: every command.
        connections: how many there were.
        refusals: recipient -> answers at RCPT, one after another; the last one stays.
    """

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.heard: list[str] = []
        self.open: list[socket.socket] = []
        self.connections = 0
        self.greeting = "220 ready"
        self.of_sender = "250 fine"
        self.of_content = "250 taken"
        self.refusals: dict[str, list[str]] = {}
        self._deaths: dict[str, int] = {}
        self._port = 0
        self._socket: _Socket | None = None

    @property
    def url(self) -> str:
        """Where it is, as a setting."""
        return f"smtp://127.0.0.1:{self._port}"

    def die_at(self, step: str, *, after: int = 0) -> None:
        """Drop the connection once at a step, when it has been passed ``after`` times.

        Steps are commands (RSET, MAIL, RCPT, DATA), BODY (within the mail) and TAKEN (the mail was
        read and kept, and is not answered).
        """
        self._deaths[step] = after

    def dies(self, step: str) -> bool:
        """Whether to drop the connection here."""
        left = self._deaths.get(step)
        if left is None:
            return False
        if left == 0:
            del self._deaths[step]
            return True
        self._deaths[step] = left - 1
        return False

    def answers(self, recipient: str) -> str:
        """What to say to RCPT."""
        said = self.refusals.get(recipient)
        if not said:
            return "250 fine"
        return said.pop(0) if len(said) > 1 else said[0]

    def start(self) -> None:
        """Listen, on the same port as before."""
        self._socket = _Socket(("127.0.0.1", self._port), _Conversation)
        self._socket.owner = self
        self._port = self._socket.server_address[1]
        serve: Callable[[], None] = lambda: (  # noqa: E731  # a thread's work
            self._socket.serve_forever(poll_interval=0.01) if self._socket else None
        )
        threading.Thread(target=serve, daemon=True).start()

    def stop(self) -> None:
        """Go away, and drop every connection."""
        if self._socket is not None:
            self._socket.shutdown()
            self._socket.server_close()
            self._socket = None
        for each in list(self.open):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


@contextmanager
def running() -> Iterator[SmtpServer]:
    """Run a server for as long as a test needs it."""
    server = SmtpServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
