"""A real mail server on a loopback port that keeps what it is sent, and refuses when told to."""

import contextlib
import email
import email.policy
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.tools.ports import free_port

ACCEPTED = "250 OK"


@dataclass
class Received:
    """One delivery: who it was said to be from and for, and the message."""

    sender: str
    recipients: list[str]
    message: EmailMessage


@dataclass
class MailServer:
    """Address, what arrived, and the answer it gives: set `answer` to "451 later" or "550 no" to refuse from now on."""

    host: str
    port: int
    answer: str = ACCEPTED
    received: list[Received] = field(default_factory=list)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, count: int, seconds: float = 10) -> list[Received]:
        """Everything received, as soon as it is at least `count` messages. Raises TimeoutError."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.received) >= count, seconds):
                message = f"{len(self.received)} of {count} messages arrived within {seconds} s"
                raise TimeoutError(message)
            return list(self.received)

    async def handle_DATA(self, _server: SMTP, _peer: Session, envelope: Envelope) -> str:  # noqa: N802 - the name aiosmtpd calls
        """Keep the message, or refuse it."""
        if self.answer == ACCEPTED:
            content = envelope.content or b""
            raw = content if isinstance(content, bytes) else content.encode()
            message = email.message_from_bytes(raw, policy=email.policy.default)
            with self._arrived:
                self.received.append(Received(envelope.mail_from or "", list(envelope.rcpt_tos), message))
                self._arrived.notify_all()
        return self.answer


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run the server until the block ends."""
    server = MailServer("127.0.0.1", free_port())  # Controller(port=0) waits for itself on port 0 and fails
    controller = Controller(server, hostname=server.host, port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
