"""Reads of threads, and of what is unread."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts import queries as accounts
from portal.accounts.rules import Viewer
from portal.kit.paging import Page, page_of
from portal.messages.models import Message

PAGE_SIZE = 30
_BY_CLIENT = col(Message.author_id) == col(Message.client_id)
_UNREAD = col(Message.read_at).is_(None)
UNREAD_BY_CLIENT = select(func.count()).where(col(Message.client_id) == sa.bindparam("person"), ~_BY_CLIENT, _UNREAD)
_FOR_TEAM = select(func.count()).where(_BY_CLIENT, _UNREAD)


class Waiting(NamedTuple):
    """A thread with messages nobody of the team has read: whose, since when, how many."""

    client_id: UUID
    client_name: str
    since: datetime
    unread: int


def thread(
    db: Session, viewer: Viewer, client_id: UUID, before: datetime | None = None, size: int = PAGE_SIZE
) -> Page[Message]:
    """One page of a client's thread, newest first."""
    wanted = _visible_to(viewer).where(Message.client_id == client_id)
    if before:
        wanted = wanted.where(Message.sent_at < before)
    return page_of(db.exec(wanted.order_by(col(Message.sent_at).desc()).limit(size + 1)).all(), size, "sent_at")


def authors(db: Session, messages: Sequence[Message]) -> dict[UUID, str]:
    """The names under messages the viewer may see."""
    return accounts.names(db, [message.author_id for message in messages])


def unread_count(db: Session, viewer: Viewer) -> int:
    """How many messages wait for the viewer's side; an admin's side is none."""
    if viewer.is_practitioner:
        return int(db.connection().execute(_FOR_TEAM).scalar_one())
    if viewer.is_admin:
        return 0
    return int(db.connection().execute(UNREAD_BY_CLIENT, {"person": viewer.id}).scalar_one())


def waiting(db: Session, viewer: Viewer, limit: int = 50) -> list[Waiting]:
    """Threads that wait for an answer of the team, the longest waiting first."""
    if not viewer.is_practitioner:
        return []
    since = func.min(Message.sent_at).label("since")
    wanted = sa.select(col(Message.client_id), since, func.count()).where(_BY_CLIENT, _UNREAD)
    rows = db.connection().execute(wanted.group_by(col(Message.client_id)).order_by(since).limit(limit)).all()
    names = accounts.names(db, [row[0] for row in rows])
    return [Waiting(client_id, names[client_id], first, count) for client_id, first, count in rows]


def unread_from(db: Session, client_id: UUID, *, by_client: bool) -> Message | None:
    """The oldest message of one side that the other has not read."""
    side = _BY_CLIENT if by_client else ~_BY_CLIENT
    wanted = select(Message).where(Message.client_id == client_id, side, _UNREAD)
    return db.exec(wanted.order_by(col(Message.sent_at)).limit(1)).first()


def _visible_to(viewer: Viewer) -> SelectOfScalar[Message]:
    """A practitioner sees every thread, anybody else their own: an admin sees no clinical text."""
    seen = select(Message)
    return seen if viewer.is_practitioner else seen.where(col(Message.client_id) == viewer.id)
