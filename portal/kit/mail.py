"""E-mail: an outbox row in the caller's transaction, sent by a job, once, retried. Never a health detail inside."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Field, Session

from portal.kit import clock
from portal.kit.db import Row, transaction
from portal.kit.jobs import Surroundings, enqueue

SEND = "mail.send"


class OutboxMail(Row, table=True):
    """One e-mail on its way: plain sentences, at most one link. `sent_at` is set once; then the link is forgotten.

    `invite_id` names what it is an invitation to; the composition root knows how to make one, when the mail is sent.
    """

    to: str = Field(max_length=254)
    subject: str = Field(max_length=200)
    text: str
    link_label: str = Field(default="", max_length=80)
    link_path: str = Field(default="", max_length=300)
    invite_id: UUID | None = None
    made_at: datetime = Field(default_factory=clock.now, index=True)
    sent_at: datetime | None = None
    attempts: int = 0
    error: str | None = Field(default=None, max_length=300)


@dataclass(frozen=True, slots=True)
class Invite:
    """A calendar file for an e-mail, and what a calendar shall do with it: REQUEST or CANCEL."""

    method: str
    content: bytes


class Transport(Protocol):
    """Takes a finished message or raises."""

    def deliver(self, message: EmailMessage) -> None: ...


class ConsoleTransport:
    """Prints that a message went out, and its text: for a developer's terminal."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def deliver(self, message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        self._write(f"To: {message['To']}\nSubject: {message['Subject']}\n\n{body.get_content() if body else ''}\n")


class FolderTransport:
    """One .eml file a message, readable by any mail program: for the demo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{clock.now():%Y%m%d-%H%M%S}-{str(message['Message-ID'])[1:9]}.eml"
        (self._folder / name).write_bytes(message.as_bytes(policy=SMTP))


class SmtpTransport:
    """A real server; STARTTLS with a verified certificate unless switched off for loopback."""

    def __init__(self, host: str, port: int, user: str, password: str, *, tls: bool) -> None:
        self._where, self._who, self._tls = (host, port), (user, password), tls

    def deliver(self, message: EmailMessage) -> None:
        with smtplib.SMTP(*self._where, timeout=20) as server:
            if self._tls:
                server.starttls(context=ssl.create_default_context())
            if self._who[0]:
                server.login(*self._who)
            server.send_message(message)


def post(
    db: Session, to: str, subject: str, text: str, link: tuple[str, str] = ("", ""), invite: UUID | None = None
) -> OutboxMail:
    """Put an e-mail in the outbox; `link` is (label, path in the portal), `invite` what it invites to. Line breaks in a
    subject become spaces.
    """
    label, path = link
    mail = OutboxMail(
        to=to,
        subject=" ".join(subject.split())[:200],
        text=text,
        link_label=label,
        link_path=path,
        invite_id=invite,
    )
    db.add(mail)
    db.flush()
    enqueue(db, SEND, f"{SEND}:{mail.id}", {"id": str(mail.id)})
    return mail


def send_one(surroundings: Surroundings, payload: dict[str, Any]) -> None:
    """The job: deliver one row; what fails is written beside it and raised, so that the job is tried again."""
    transport: Transport = surroundings.app.mail_transport
    with transaction(surroundings.engine) as db:
        mail = db.get(OutboxMail, UUID(payload["id"]))
        if mail is None or mail.sent_at is not None:
            return
        mail.attempts += 1
    failure = _try(transport, surroundings.app.compose_mail(mail))
    with transaction(surroundings.engine) as db:
        row = db.get_one(OutboxMail, mail.id)
        row.error = f"{type(failure).__name__}: {failure}"[:300] if failure else None
        row.sent_at = None if failure else clock.now()
        row.link_path = row.link_path if failure else ""
    if failure:
        raise failure


def _try(transport: Transport, message: EmailMessage) -> Exception | None:
    try:
        transport.deliver(message)
    except (OSError, smtplib.SMTPException) as error:
        return error
    return None


def message(
    mail: OutboxMail, sender: tuple[str, str], text: str, html: str, invite: Invite | None = None
) -> EmailMessage:
    """The finished message. Its Message-ID comes from the row, so a server that gets it twice can tell.

    An invitation is there twice: as one way to read the message, which calendars act upon (RFC 6047), and as a file.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = Address(" ".join(sender[0].split()), addr_spec=sender[1])
    made["To"] = mail.to
    made["Subject"] = mail.subject
    made["Date"] = format_datetime(mail.made_at)
    made["Message-ID"] = f"<{mail.id}@{sender[1].rsplit('@', 1)[-1]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text)
    made.add_alternative(html, subtype="html")
    if invite:
        made.add_alternative(invite.content.decode(), subtype="calendar", params={"method": invite.method})
        made.add_attachment(invite.content, maintype="application", subtype="ics", filename="appointment.ics")
    return made
