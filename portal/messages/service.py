"""Verbs: write, and mark as read."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, update

from portal.accounts.rules import Viewer
from portal.audit import service as audit
from portal.kit import clock
from portal.kit.errors import NotFound
from portal.messages import queries
from portal.messages.forms import MessageForm
from portal.messages.models import Message
from portal.notifications import service as notifications

SUBJECT = "You have a message"


def send(db: Session, author: Viewer, client_id: UUID, form: MessageForm) -> Message:
    """Write into a client's thread. The other side is told once, until it has read what waits.

    Raises NotFound for a stranger.
    """
    if not (author.is_practitioner or author.id == client_id):
        raise NotFound("There is no such thread.")
    by_client = author.id == client_id
    first_unread = queries.unread_from(db, client_id, by_client=by_client)
    message = Message(client_id=client_id, author_id=author.id, body=form.body, sent_at=clock.now())
    db.add(message)
    db.flush()
    audit.record(db, author, "messages.sent", message, client_id)
    if first_unread is None:
        _tell(db, author, message, by_client=by_client)
    return message


def mark_read(db: Session, viewer: Viewer, client_id: UUID, until: datetime) -> None:
    """The viewer's side has opened the thread: what the other side wrote up to `until` is read."""
    theirs = col(Message.author_id) == col(Message.client_id)
    other_side = theirs if viewer.is_practitioner else ~theirs
    unread = (col(Message.client_id) == client_id, col(Message.read_at).is_(None), col(Message.sent_at) <= until)
    db.exec(update(Message).where(*unread, other_side).values(read_at=clock.now()))


def _tell(db: Session, author: Viewer, message: Message, *, by_client: bool) -> None:
    key = f"messages.sent:{message.id}"
    if by_client:
        href = f"/clients/{message.client_id}/messages"
        notifications.tell_practitioners(db, key, f"{author.name} has written a message.", href, by_mail=SUBJECT)
    else:
        text = f"{author.name} has written to you."
        notifications.tell(db, message.client_id, key, text, "/messages", by_mail=SUBJECT)
