"""Reads of notices."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import Session, col, func, select

from portal.accounts.rules import Viewer
from portal.kit.errors import NotFound
from portal.notifications.models import Notice

UNREAD = select(func.count()).where(col(Notice.person_id) == bindparam("person"), col(Notice.read_at).is_(None))


def unread_count(db: Session, viewer: Viewer) -> int:
    return int(db.connection().execute(UNREAD, {"person": viewer.id}).scalar_one())


def latest(db: Session, viewer: Viewer, limit: int = 50) -> Sequence[Notice]:
    wanted = select(Notice).where(Notice.person_id == viewer.id).order_by(col(Notice.made_at).desc()).limit(limit)
    return db.exec(wanted).all()


def one(db: Session, viewer: Viewer, notice_id: UUID) -> Notice:
    """One of the viewer's notices. Raises NotFound, also for somebody else's."""
    found = db.exec(select(Notice).where(Notice.id == notice_id, Notice.person_id == viewer.id)).first()
    if found is None:
        raise NotFound("There is no such notice.")
    return found
