"""Reads of courses."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import defer
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from portal.accounts.rules import Viewer
from portal.courses.models import Course


def current(db: Session, viewer: Viewer, client_id: UUID) -> Course | None:
    """The course that runs now; None when there is none or it is not the viewer's to see."""
    return db.exec(_visible_to(viewer).where(Course.client_id == client_id, col(Course.ended_on).is_(None))).first()


def courses(db: Session, viewer: Viewer, client_id: UUID) -> Sequence[Course]:
    """All courses of a client, newest first."""
    wanted = _visible_to(viewer).where(Course.client_id == client_id)
    return db.exec(wanted.order_by(col(Course.agreed_on).desc())).all()


def running(db: Session, client_id: UUID) -> Course | None:
    """The open course for code that counts sessions and days, whoever asked; never put on a page."""
    return db.exec(select(Course).where(Course.client_id == client_id, col(Course.ended_on).is_(None))).first()


def _visible_to(viewer: Viewer) -> SelectOfScalar[Course]:
    """A practitioner sees every course, a client their own without the team's note, an admin none."""
    seen = select(Course)
    if viewer.is_practitioner:
        return seen
    return seen.where(Course.client_id == viewer.id).options(defer(col(Course.note), raiseload=True))  # type: ignore[arg-type]
